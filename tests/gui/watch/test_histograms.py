"""Histograms in Watch: a tab that costs nothing behind another, paints what changed, and says what it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.histograms import HistogramPlot, HistogramView
from convviz.present.watch import histograms as counting
from convviz.present.watch.histograms import BINS, Histogram
from tests.gui.watch.test_paints import Events, paints, settle
from tests.support.whole_window import WholeWindow

__all__ = ["paints"]

COUNTS = tuple(max(0, 40 - abs(number - 30) ** 2 // 8) for number in range(BINS))
SHOWN = Histogram("conv1.weight", "weight", 0.8, COUNTS, (), sum(COUNTS), 0, 0)


@pytest.fixture
def plot(qtbot, theme: Theme) -> HistogramPlot:
    made = HistogramPlot()
    qtbot.addWidget(made)
    made.resize(400, 180)
    made.show_histogram(SHOWN)
    made.show()
    qtbot.waitExposed(made)
    settle()
    return made


def test_that_equal_counts_are_not_painted_again_and_others_once(plot: HistogramPlot, paints: Events) -> None:
    plot.show_histogram(replace(SHOWN))
    settle()
    assert not paints.seen
    plot.show_histogram(replace(SHOWN, counts=(*COUNTS[:-1], 3)))
    settle()
    assert paints.seen[plot.accessibleName()] == 1


def test_that_the_pointer_is_told_what_a_bar_counts(qtbot, plot: HistogramPlot) -> None:
    said: list[str] = []
    plot.hovered.connect(said.append)
    middle = plot.area.center().toPoint()
    QTest.mouseMove(plot, QPoint(5, 5))
    QTest.mouseMove(plot, middle)
    assert said[-1] == f"conv1.weight: 40 of {sum(COUNTS)} values from -0.0131 to 0.0131"
    QTest.mouseMove(plot, QPoint(2, middle.y()))
    assert said[-1] == ""


def test_that_a_single_value_has_a_bar_and_the_highest_fits(plot: HistogramPlot) -> None:
    one = replace(SHOWN, counts=(1, *[0] * (BINS - 2), 900), values=901)
    plot.show_histogram(one)
    image = plot.grab().toImage()
    colours = {image.pixelColor(x, round(plot.area.bottom()) - 3).name() for x in range(round(plot.area.left()), 45)}
    assert len(colours) > 1, "the bar of one value"
    assert 10**plot.top == pytest.approx(1000)


def test_that_it_costs_nothing_behind_another_tab_and_follows_the_filter_in_sight(
    qtbot, window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    plain = counting.histogram

    def counted_too(name: str, *rest: object, **more: object) -> Histogram:
        counted.append(name)
        return plain(name, *rest, **more)

    monkeypatch.setattr(counting, "histogram", counted_too)
    watch = window.watch
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 1, timeout=30000)
    qtbot.waitUntil(lambda: bool(watch.look.moment.gradients), timeout=30000)  # its picture comes after its message
    cards = watch.views.cards
    cards.go_to("Layer")
    counted.clear()
    watch.show_all()
    assert counted == []
    qtbot.mouseClick(cards.switch.button(cards.titles.index("Histograms")), Qt.MouseButton.LeftButton)
    assert counted == ["conv1.weight", "conv1.d_weight"]
    view = watch.views.of(HistogramView)
    before = view.grab().toImage()
    window.watched.select(filter=3)
    assert view.legend.accessibleName().startswith("all 4 filters of conv1, filter 3")
    assert view.grab().toImage() != before
    cards.go_to("Layer")
    counted.clear()
    watch.show_all()
    assert counted == []
