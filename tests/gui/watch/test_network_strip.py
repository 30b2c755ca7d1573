"""The network as a row of pictures: whole ones, page by page where not all fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from small_run import DESIGN, noise

from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.gui.workspaces.watch.views.network.card import NetworkCard
from convviz.gui.workspaces.watch.views.network.strip import NetworkStrip, last_page, on_page
from convviz.present.colour import Role
from convviz.present.scales import PATIENCE
from convviz.present.watch.look import Look
from convviz.present.watch.network import on_scale
from convviz.present.watch.panels import Panel
from convviz.present.watched import Watched
from convviz.training.events import Position
from convviz.training.snapshot import take_snapshot


def panels(count: int) -> list[Panel]:
    rng = np.random.default_rng(0)
    found = [
        Panel(f"conv{n}.z", f"conv{n}.z", "16 maps 12×12", "maps", "maps", rng.random((16, 12, 12)), Role.PREACTIVATION)
        for n in range(count)
    ]
    scores = np.full(10, 0.1)
    return [*found, Panel("softmax.p", "scores", "softmax", "scores", "scores", scores, Role.ACTIVATION)]


def show(strip: NetworkStrip, panels: list[Panel], look: Look) -> None:
    strip.show_panels([on_scale(panel, look) for panel in panels], 3)


def shown(strip: NetworkStrip) -> list[int]:
    return [number for number, pane in enumerate(strip.panes[:-1]) if pane.isVisible()]


@pytest.fixture
def strip(qtbot, theme: Theme) -> NetworkStrip:
    made = NetworkStrip()
    qtbot.addWidget(made)
    made.resize(780, 200)
    show(made, panels(10), Look())
    made.show()
    qtbot.waitExposed(made)
    return made


def test_that_a_page_holds_as_many_as_fit() -> None:
    assert on_page([100, 100, 100], 320, 10) == 3
    assert on_page([100, 100, 100], 319, 10) == 2
    assert on_page([100], 50, 10) == 1
    assert last_page([100, 100, 100, 100, 100], 220, 10) == 3
    assert last_page([100], 220, 10) == 0


def test_that_pictures_that_do_not_fit_are_paged_whole(qtbot, strip: NetworkStrip) -> None:
    first = shown(strip)
    assert 2 <= len(first) < 10
    assert first == list(range(len(first)))
    seen = set(first)
    assert strip.pager.isVisible()
    assert not strip.pager.earlier.isEnabled()
    while strip.pager.later.isEnabled():
        qtbot.mouseClick(strip.pager.later, Qt.MouseButton.LeftButton)
        strip.grab()  # lays out
        for number in shown(strip):
            pane = strip.panes[number]
            left = pane.mapTo(strip, pane.rect().topLeft()).x()
            assert left >= 0
            assert left + pane.width() <= strip.pager.x()
        seen |= set(shown(strip))
    assert seen == set(range(10))
    while strip.pager.earlier.isEnabled():
        qtbot.mouseClick(strip.pager.earlier, Qt.MouseButton.LeftButton)
    assert shown(strip) == first


def test_that_pictures_that_fit_need_no_pages(strip: NetworkStrip) -> None:
    show(strip, panels(4), Look())
    assert shown(strip) == [0, 1, 2, 3]
    assert not strip.pager.isVisible()


def test_that_no_title_or_caption_is_cut_and_the_scores_keep_their_title(strip: NetworkStrip) -> None:
    for count in (4, 5, 10):
        for width in (560, 700, 780, 1100):
            strip.resize(width, 200)
            show(strip, panels(count), Look())
            strip.grab()
            for pane in (*(strip.panes[number] for number in shown(strip)), strip.panes[-1]):
                assert pane.title.width() >= pane.title.sizeHint().width()
                assert pane.caption.shown_text() in ("", pane.caption.text())
            assert strip.panes[-1].title.text() == "scores"


def test_that_a_click_fits_a_scale_that_has_become_too_wide(qtbot, strip: NetworkStrip) -> None:
    strip.resize(1100, 200)
    first = panels(3)
    look = Look()
    show(strip, [replace(first[0], array=first[0].array * 50), *first[1:]], look)
    scale = strip.panes[0].scale
    assert scale.levels.high == 50
    assert not scale.note.isVisible()
    for _ in range(PATIENCE):
        show(strip, first, look)
    assert "max now 1" in scale.note.text()
    strip.fitAsked.connect(look.scales.fit)
    qtbot.mouseClick(scale, Qt.MouseButton.LeftButton)
    show(strip, first, look)
    assert scale.levels.high == 1
    assert not scale.note.isVisible()


def test_that_a_weight_has_one_scale_in_the_network_and_beside_it(qtbot, theme: Theme) -> None:
    network = Network(DESIGN)
    network.arrays["conv1.weight"][0, 0, 0, 0] = 7.5  # of another filter than the one that is shown closely
    gradients = {"conv1.weight": np.full((4, 1, 3, 3), 0.004)}
    moment = take_snapshot(network, noise()[1], "test", 0, Position(1, 1, 1, 3, 6), gradients)
    look = Look(moment, watched=Watched(layer="conv1", filter=2))
    card, made = NetworkCard(), FilterDetailView()
    for view in (card, made):
        qtbot.addWidget(view)
        view.show_picture(view.picture_of(look))
    assert card.strip.pane("conv1.weight").scale.levels.high == 8
    assert made.weight.scale.levels.high == 8
    assert made.gradient.scale.levels.high == pytest.approx(0.004)
