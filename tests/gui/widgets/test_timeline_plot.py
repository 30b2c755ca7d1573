"""The timeline is zoomed by the wheel and by keys; the part in sight follows the cursor."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.gui.widgets.timeline.plot import SIDE, TimelinePlot
from convviz.gui.widgets.timeline.span import FEWEST, StepRange, ticks
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.timeline import TimelinePicture

LAST = 2000


def picture(step: int | None = None, *, run: int = 1) -> TimelinePicture:
    steps = np.arange(1, LAST + 1, dtype=np.float64)
    losses = 1 + 0.05 * np.sin(steps)
    losses[[499, 1499]] = 9.0
    return TimelinePicture(run, steps, losses, past=PastLook(step, live=LAST, epoch_length=500, can_replay=True))


@pytest.fixture
def plot(qtbot, theme) -> TimelinePlot:
    made = TimelinePlot()
    qtbot.addWidget(made)
    made.resize(1000, made.height())
    made.show_picture(picture(1000))
    made.show()
    return made


def turn(plot: TimelinePlot, x: float, angle: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    place = QPointF(x, 40)
    at, turned, phase = plot.mapToGlobal(place), QPoint(0, angle), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, at, QPoint(), turned, Qt.MouseButton.NoButton, held, phase, False)
    QApplication.sendEvent(plot, event)


def test_that_the_wheel_zooms_around_the_pointer_and_back(plot: TimelinePlot) -> None:
    x = plot.x_of(500)
    turn(plot, x, 480)
    low, high = plot.ends
    assert high - low < LAST / 2
    assert plot.step_at(x) == pytest.approx(500, abs=2)
    turn(plot, x, -120, Qt.KeyboardModifier.ShiftModifier)
    assert plot.ends[0] > low
    assert plot.ends[1] - plot.ends[0] == pytest.approx(high - low)
    turn(plot, x, -1200)
    assert plot.ends == (0, LAST)


def test_that_keys_zoom_around_the_cursor_and_a_click_hits_a_single_step(qtbot, plot: TimelinePlot) -> None:
    for _ in range(20):
        QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.ends[1] - plot.ends[0] == FEWEST
    with qtbot.waitSignal(plot.stepAsked) as asked:
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(1003)), 40))
    assert asked.args == [1003]
    QTest.keyClick(plot, Qt.Key.Key_Minus)
    assert plot.ends[1] - plot.ends[0] > FEWEST
    QTest.keyClick(plot, Qt.Key.Key_0)
    assert plot.ends == (0, LAST)


def test_that_the_part_in_sight_follows_the_cursor_and_another_run_is_shown_whole(plot: TimelinePlot) -> None:
    plot.zoom(10)
    plot.show_picture(picture(1500))
    low, high = plot.ends
    assert low < 1500 < high
    assert SIDE < plot.x_of(1500) < plot.width() - SIDE
    plot.show_picture(picture(1500, run=2))
    assert plot.ends == (0, LAST)


def test_that_what_is_under_the_pointer_is_named_while_it_is_dragged(plot: TimelinePlot) -> None:
    said: list[str] = []
    plot.hovered.connect(said.append)
    places = [QPoint(round(plot.x_of(step)), 40) for step in (700, 900)]
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=places[0])
    QTest.mouseMove(plot, places[1])
    assert said, "moving with the button down says nothing"
    assert said[-1].startswith(f"epoch 2, step {plot.step_at(places[1].x()):,}, loss ")
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=places[1])


def test_that_keys_lead_to_the_peaks_of_the_loss(qtbot, plot: TimelinePlot) -> None:
    for key, held, to in (
        (Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, 1500),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier, 500),
    ):
        with qtbot.waitSignal(plot.stepAsked) as asked:
            QTest.keyClick(plot, key, held)
        assert asked.args == [to]


def test_that_what_is_drawn_is_the_part_in_sight(plot: TimelinePlot) -> None:
    whole = plot.grab().toImage()
    plot.zoom(12, at=500)
    assert plot.grab().toImage() != whole
    x, largest, _ = plot.columns.of(picture(), 900, *plot.ends[::-1])
    assert largest.max() == 9.0
    assert abs(x[largest.argmax()] - (500 - plot.ends[0]) * 899 / (plot.ends[1] - plot.ends[0])) < 1.5


def test_that_a_span_stays_inside_of_its_run() -> None:
    span = StepRange().zoomed(0, 6, LAST)
    assert span.low == 0
    assert span.moved(-1, LAST) == span
    assert span.moved(100, LAST).high == pytest.approx(LAST)
    assert StepRange().zoomed(5, 3, FEWEST - 1).is_whole


def test_that_steps_are_named_where_few_epochs_are_in_sight() -> None:
    assert ticks(0, 2000, 500) == [(500 * n, f"epoch {n + 1}") for n in range(5)]
    found = ticks(480, 560, 500)
    assert (500, "epoch 2") in found
    assert [text for _, text in found if text != "epoch 2"] == ["480", "490", "510", "520", "530", "540", "550", "560"]
