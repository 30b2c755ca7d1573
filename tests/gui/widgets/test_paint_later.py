"""Painting in a turn of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.widgets.turns import paint_apart, paint_later


class Painted(QWidget):
    """Counts how often it is painted."""

    times = 0

    def paintEvent(self, event) -> None:
        self.times += 1


def shown(qtbot) -> tuple[QWidget, Painted]:
    window = QWidget()
    inside = Painted(window)
    qtbot.addWidget(window)
    window.resize(80, 60)
    window.show()
    qtbot.waitUntil(lambda: inside.times > 0)
    return window, inside


def test_that_what_changed_is_painted_afterwards(qtbot) -> None:
    _window, inside = shown(qtbot)
    before = inside.times
    paint_later(inside)
    paint_later(inside)
    inside.repaint()
    assert inside.times == before
    qtbot.waitUntil(lambda: inside.updatesEnabled() and inside.times > before)


def test_that_who_holds_painting_longer_is_waited_for(qtbot) -> None:
    window, inside = shown(qtbot)
    before = inside.times
    paint_later(inside)
    window.setUpdatesEnabled(False)
    qtbot.waitUntil(lambda: not inside.testAttribute(Qt.WidgetAttribute.WA_ForceUpdatesDisabled))
    QApplication.processEvents()
    assert inside.times == before
    window.setUpdatesEnabled(True)
    qtbot.waitUntil(lambda: inside.times > before)


def test_that_a_widget_that_is_not_shown_is_left_alone(qtbot) -> None:
    hidden = QWidget()
    qtbot.addWidget(hidden)
    paint_later(hidden)
    assert hidden.updatesEnabled()


def test_that_what_a_change_leaves_to_paint_is_painted_in_another_turn(qtbot) -> None:
    window, inside = shown(qtbot)
    beside = Painted(window)
    beside.setGeometry(40, 30, 40, 30)
    beside.show()
    qtbot.waitUntil(lambda: beside.times > 0)
    QApplication.processEvents()
    before, others = inside.times, beside.times
    paint_apart(inside)
    paint_apart(inside)
    inside.update()
    QApplication.sendPostedEvents()
    assert inside.times == before
    assert inside.grab().toImage().size() == inside.size()
    painted = inside.times
    assert painted > before  # what takes a picture meanwhile gets the newest
    qtbot.waitUntil(lambda: inside.times > painted)
    assert beside.times == others
    inside.update()  # and afterwards as ever
    qtbot.waitUntil(lambda: inside.times > painted + 1)
