"""The network as a row of pictures: whole ones, page by page where not all fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.gui.workspaces.watch.views.network_strip import NetworkStrip, last_page, on_page
from convviz.present.colour import Role
from convviz.present.scales import PATIENCE, HeldScales
from convviz.present.watch import FilterDetail, Panel


def panels(count: int) -> list[Panel]:
    rng = np.random.default_rng(0)
    found = [
        Panel(f"conv{n}.z", f"conv{n}.z", "16 maps 12×12", "maps", "maps", rng.random((16, 12, 12)), Role.PREACTIVATION)
        for n in range(count)
    ]
    scores = np.full(10, 0.1)
    return [*found, Panel("softmax.p", "scores", "softmax", "scores", "scores", scores, Role.ACTIVATION)]


def shown(strip: NetworkStrip) -> list[int]:
    return [number for number, pane in enumerate(strip.panes[:-1]) if pane.isVisible()]


@pytest.fixture
def strip(qtbot, theme: Theme) -> NetworkStrip:
    made = NetworkStrip()
    qtbot.addWidget(made)
    made.resize(780, 200)
    made.show_panels(panels(10), 3)
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
    strip.show_panels(panels(4), 3)
    assert shown(strip) == [0, 1, 2, 3]
    assert not strip.pager.isVisible()


def test_that_no_title_or_caption_is_cut_and_the_scores_keep_their_title(strip: NetworkStrip) -> None:
    for count in (4, 5, 10):
        for width in (560, 700, 780, 1100):
            strip.resize(width, 200)
            strip.show_panels(panels(count), 3)
            strip.grab()
            for pane in (*(strip.panes[number] for number in shown(strip)), strip.panes[-1]):
                assert pane.title.width() >= pane.title.sizeHint().width()
                assert pane.caption.shown_text() in ("", pane.caption.text())
            assert strip.panes[-1].title.text() == "scores"


def test_that_a_click_fits_a_scale_that_has_become_too_wide(qtbot, strip: NetworkStrip) -> None:
    strip.resize(1100, 200)
    first = panels(3)
    strip.show_panels([replace(first[0], array=first[0].array * 50), *first[1:]], 3)
    scale = strip.panes[0].scale
    assert scale.levels.high == 50
    assert not scale.note.isVisible()
    for _ in range(PATIENCE):
        strip.show_panels(first, 3)
    assert "max now 1" in scale.note.text()
    with qtbot.waitSignal(strip.fitted):
        qtbot.mouseClick(scale, Qt.MouseButton.LeftButton)
    strip.show_panels(first, 3)
    assert scale.levels.high == 1
    assert not scale.note.isVisible()


def test_that_a_weight_has_one_scale_in_the_grid_and_beside_it(qtbot, theme: Theme) -> None:
    weights = np.linspace(-0.9, 0.9, 4 * 9).reshape(4, 3, 3)
    scales = HeldScales()
    assert scales.end("conv1.weight", weights) == 1
    made = FilterDetailView(scales)
    qtbot.addWidget(made)
    detail = FilterDetail(
        "conv1", 2, 4, 0, 1, weights[2], weights[2] / 100, weights[2], "conv1.z", Role.PREACTIVATION, ()
    )
    made.show_detail(detail)
    assert made.weight.scale.levels.high == 1
    assert made.gradient.scale.levels.high == pytest.approx(0.005)
