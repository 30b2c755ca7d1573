"""What counts as somebody's use of the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from convviz.gui.window import activity
from convviz.gui.window.activity import Activity

Clock = list[float]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    now = [0.0]
    monkeypatch.setattr(activity, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def front(qtbot: QtBot, clock: Clock) -> QLineEdit:
    QCursor.setPos(0, 0)
    made = QLineEdit()
    qtbot.addWidget(made)
    made.setGeometry(100, 100, 200, 100)
    return shown(qtbot, made)


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is widget.windowHandle())
    return widget


def point(widget: QWidget) -> None:
    QCursor.setPos(widget.mapToGlobal(QPoint(50, 50)))
    QApplication.processEvents()


def turn_wheel(widget: QWidget) -> None:
    place, phase = QPointF(50, 50), Qt.ScrollPhase.NoScrollPhase
    buttons, held = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(place, widget.mapToGlobal(place), QPoint(), QPoint(0, -120), buttons, held, phase, False)
    QApplication.sendEvent(widget.windowHandle(), event)  # which gets the wheel from the system


USES: dict[str, Callable[[QWidget], object]] = {
    "a key": lambda widget: QTest.keyClick(widget.windowHandle(), Qt.Key.Key_A),
    "the pointer": point,
    "the wheel": turn_wheel,
    "a click": lambda widget: QTest.mouseClick(widget.windowHandle(), Qt.MouseButton.LeftButton),
}


@pytest.mark.parametrize("use", USES)
def test_that_keys_the_pointer_and_the_wheel_are_use(qtbot: QtBot, front: QLineEdit, clock: Clock, use: str) -> None:
    activity = Activity(front)
    clock[0] += 60.0
    assert activity.rest == 60.0
    USES[use](front)
    qtbot.waitUntil(lambda: activity.rest == 0.0)


def test_that_what_the_window_does_by_itself_is_not(qtbot: QtBot, front: QLineEdit, clock: Clock) -> None:
    activity = Activity(front)
    clock[0] += 60.0
    front.setText("a number")
    front.resize(220, 120)
    front.repaint()
    QApplication.processEvents()
    assert activity.rest == 60.0


def test_that_a_dialog_is_part_of_the_window(qtbot: QtBot, front: QLineEdit, clock: Clock) -> None:
    activity = Activity(front)
    dialog = QDialog(front)
    shown(qtbot, dialog)
    clock[0] += 60.0
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_A)
    assert activity.rest == 0.0
    dialog.close()
    shown(qtbot, front)
    clock[0] += 60.0
    USES["a key"](front)
    assert activity.rest == 0.0
