"""The network map with the keyboard, the wheel and for screen readers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.network.card import NetworkCard
from convviz.gui.workspaces.watch.views.network.legend import MapLegend
from convviz.gui.workspaces.watch.views.network.scores import ClassScores
from tests.demos.network_maps import network_map_branches, network_map_deep, network_map_small


def shown(qtbot, card: NetworkCard, width: int = 1000) -> NetworkCard:
    qtbot.addWidget(card)
    card.resize(width, 330)
    card.show()
    return card


@pytest.fixture
def deep(qtbot, theme: Theme) -> NetworkCard:
    return shown(qtbot, network_map_deep())


def make_active(qtbot, widget: QWidget) -> None:
    """Only a widget of the active window gets the focus."""
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow, timeout=10000)


def turn(card: NetworkCard, angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel over the map."""
    at = QPointF(200, 100)
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, angle), buttons, modifiers, phase, False)
    QApplication.sendEvent(card.map, event)


def test_that_keys_go_to_layers_and_units(qtbot, deep: NetworkCard) -> None:
    found: list[tuple[str, int]] = []
    deep.filterPicked.connect(lambda *picked: found.append(picked))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(deep.map, key)
    assert found == [("conv8", 0), ("conv10", 0), ("conv1", 0), ("dense1", 0), ("conv9", 2), ("conv9", 4)]
    with qtbot.waitSignal(deep.pictureOpened) as opened:
        qtbot.keyClick(deep.map, Qt.Key.Key_Return)
    assert opened.args == ["conv9.z"]


def test_that_keys_wheel_and_buttons_zoom_down_to_all_layers(qtbot, deep: NetworkCard) -> None:
    assert deep.zoom_out.isVisible()
    widths = [deep.map.plan.width]
    qtbot.keyClick(deep.map, Qt.Key.Key_Minus)
    widths.append(deep.map.plan.width)
    turn(deep, -120, Qt.KeyboardModifier.ControlModifier)
    widths.append(deep.map.plan.width)
    deep.zoom_out.click()
    assert widths == sorted(widths, reverse=True)
    assert deep.map.plan.width <= deep.map.width(), "all layers are seen at once"
    assert any(place.is_narrow for place in deep.map.plan.places)
    assert not deep.zoom_out.isEnabled()
    qtbot.keyClick(deep.map, Qt.Key.Key_Plus)
    assert deep.map.plan.width > deep.map.width()
    before = deep.map.offset
    turn(deep, -120)
    assert deep.map.offset > before


def test_that_a_map_that_fits_has_nothing_to_zoom(qtbot, theme: Theme) -> None:
    card = shown(qtbot, network_map_small())
    assert not card.zoom_out.isVisible()
    assert card.map.can_zoom == (False, False)


def test_that_the_labels_of_the_rows_stay_where_the_map_is_scrolled(qtbot, deep: NetworkCard) -> None:
    plan = deep.map.plan
    assert deep.map.offset > 0 or deep.map.plan.width > deep.map.width()
    row = (0, plan.rows.dead, 50, plan.rows.end - plan.rows.dead)
    turn(deep, -120)
    first, at = deep.map.grab().toImage().copy(*row), deep.map.offset
    turn(deep, -120)
    assert deep.map.offset > at > 0
    assert deep.map.grab().toImage().copy(*row) == first


def test_that_screen_readers_hear_of_the_chosen_layer(qtbot, deep: NetworkCard) -> None:
    make_active(qtbot, deep)
    deep.map.setFocus()
    qtbot.waitUntil(lambda: deep.map.accessibleDescription().startswith("conv9: "), timeout=10000)
    assert "‖ΔW‖/‖W‖" in deep.map.accessibleDescription()
    assert deep.map.scores.accessibleName() == "class scores"


@pytest.fixture
def scores(qtbot, theme: Theme) -> ClassScores:
    made = ClassScores()
    qtbot.addWidget(made)
    made.resize(100, 120)
    made.show()
    make_active(qtbot, made)
    return made


def test_that_every_class_is_reached_with_the_keys(qtbot, scores: ClassScores) -> None:
    values = np.linspace(0, 1, 50) / 25
    scores.clearFocus()
    scores.show_scores(values, tuple(f"c{n}" for n in range(50)), 3)
    assert 3 in scores.rows(), "the true class is among the few that fit"
    scores.setFocus()
    qtbot.waitUntil(lambda: scores.accessibleDescription() == "class c49: 0.0400, the answer", timeout=10000)
    seen = {scores.accessibleDescription()}
    for _ in range(49):
        qtbot.keyClick(scores, Qt.Key.Key_Down)
        seen.add(scores.accessibleDescription())
    assert len(seen) == 50
    assert scores.accessibleDescription() == "class c0: 0.0000"
    assert 0 in scores.rows(), "what the keys are at is in sight"
    with qtbot.waitSignal(scores.picked) as picked:
        qtbot.keyClick(scores, Qt.Key.Key_Return)
    assert picked.args == [0]


def test_that_a_class_is_told_of_as_it_is_now_and_no_longer_than_the_focus_is_there(qtbot, scores: ClassScores) -> None:
    told: list[str] = []
    scores.hovered.connect(told.append)
    scores.clearFocus()
    scores.show_scores(np.array([0.2, 0.8]), ("a", "b"), 0)
    scores.setFocus()
    qtbot.waitUntil(lambda: told[-1:] == ["class b: 0.8000, the answer"])
    scores.show_scores(np.array([0.75, 0.25]), ("a", "b"), 0)
    assert told[-1] == "class b: 0.2500"
    scores.clearFocus()
    assert told[-1] == ""
    scores.show_scores(np.array([0.5, 0.5]), ("a", "b"), 0)
    assert told[-1] == ""


def test_that_scores_which_are_no_numbers_give_no_answer(scores: ClassScores) -> None:
    scores.show_scores(np.array([np.nan, np.nan]), ("a", "b"), 1)
    assert [scores.says(number) for number in range(2)] == ["class a: nan", "class b: nan, the label"]


def test_that_links_past_columns_are_drawn_above_the_maps(qtbot, theme: Theme) -> None:
    card = shown(qtbot, network_map_branches())
    plan = card.map.plan
    assert set(plan.lanes) == {(1, 3), (3, 5), (2, 6), (3, 8), (6, 8)}
    image = card.map.grab().toImage()
    for (source, target), lane in plan.lanes.items():
        middle = (plan.places[source].x + plan.places[source].width + plan.places[target].x) // 2
        point = card.map.point_of(middle, plan.rows.lane(lane))
        near = {image.pixel(point.x(), point.y() + by) for by in (-1, 0, 1)}
        assert near != {theme.colour("panel").rgb()}, (source, target)


def test_that_a_larger_network_takes_the_place_of_a_smaller_one(qtbot, theme: Theme) -> None:
    small, deep = network_map_small(), shown(qtbot, network_map_deep())
    qtbot.addWidget(small)
    before, then = small.map.picture, deep.map.picture
    assert len(before.shown) < len(then.shown)
    same = {name: getattr(then, name) for name in ("filter", "layer", "links", "activated")}
    card = shown(qtbot, small)
    card.show_picture(replace(before, **same))
    card.show_picture(then)
    assert card.map.picture is then
    assert len(card.map.plan.places) > len(before.shown)


@pytest.mark.parametrize("width", [260, 420, 900])
@pytest.mark.parametrize("signs", ["", "▲", "▼", "▲▼"])
@pytest.mark.parametrize("has_dead", [False, True])
def test_that_marks_in_the_map_are_explained_however_narrow(
    qtbot, theme: Theme, width: int, signs: str, has_dead: bool
) -> None:
    legend = MapLegend()
    qtbot.addWidget(legend)
    legend.resize(width, 20)
    legend.set_first("health of step 64", "22,826 parameters", has_dead=has_dead, signs=signs)
    found = legend.entries()
    texts = " ".join(text for _, text, _ in found)
    assert all(sign in texts for sign in signs)
    assert "dead" in texts or not has_dead
    starts = [start for *_, start in found]
    assert starts == sorted(set(starts))
    if width > 800:
        for words in ("health of step 64", "usual ‖ΔW‖/‖W‖", "▲ too large", "▼ too small", "dead: 0 for all"):
            assert words in texts


def test_that_sorted_bars_below_a_dense_layer_are_named(qtbot, theme: Theme) -> None:
    card = shown(qtbot, network_map_small())
    assert card.map.picture.has_norms
    assert not shown(qtbot, network_map_deep()).map.picture.has_norms  # its only dense layer has the scores
    assert "of each unit of a dense layer the norm of its weights" in card.legend.toolTip()
