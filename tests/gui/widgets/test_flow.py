"""A layout that wraps widgets into lines."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.flow import FlowLayout


class Box(QWidget):
    """Wants one size, and counts how often it is asked for it."""

    def __init__(self, width: int, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.wanted, self.asked = QSize(width, height), 0

    def sizeHint(self) -> QSize:
        self.asked += 1
        return self.wanted

    def minimumSizeHint(self) -> QSize:
        return self.wanted


@pytest.fixture
def holder(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def filled(holder: QWidget, *sizes: tuple[int, int]) -> tuple[FlowLayout, list[Box]]:
    layout = FlowLayout(8, 4, holder)
    boxes = [Box(*size, holder) for size in sizes]
    layout.fill(boxes)
    holder.show()
    return layout, boxes


def test_that_widgets_go_on_in_another_line_where_there_is_no_room(holder: QWidget) -> None:
    layout, boxes = filled(holder, (40, 20), (40, 24), (40, 20), (100, 10))
    layout.setGeometry(QRect(5, 7, 90, 100))
    assert [box.geometry() for box in boxes] == [
        QRect(5, 7, 40, 20),
        QRect(53, 7, 40, 24),
        QRect(5, 35, 40, 20),
        QRect(5, 59, 100, 10),  # wider than the line: alone in it
    ]
    assert layout.heightForWidth(90) == 62
    assert layout.heightForWidth(1000) == 24
    assert layout.minimumSize() == QSize(100, 24)


def test_that_what_widgets_want_is_asked_once_until_something_changes(holder: QWidget) -> None:
    layout, (box, *_) = filled(holder, (40, 20), (40, 24))
    layout.invalidate()
    before = box.asked
    heights = [layout.heightForWidth(width) for width in (30, 90, 90, 30, 200)]
    asked = box.asked - before
    assert asked <= 1
    assert heights == [48, 24, 24, 48, 24]
    box.wanted = QSize(40, 30)
    box.updateGeometry()
    assert layout.heightForWidth(90) == 30


def test_that_other_widgets_take_the_place_of_the_first(holder: QWidget) -> None:
    layout, (first, second) = filled(holder, (40, 20), (40, 24))
    layout.fill([second])
    assert [layout.itemAt(number).widget() for number in range(layout.count())] == [second]
    assert first.parentWidget() is holder
    assert layout.itemAt(1) is None
    assert layout.itemAt(-1) is None
    layout.fill([])
    assert layout.heightForWidth(90) == 0


def test_that_a_widget_that_is_gone_leaves_the_layout(qtbot, holder: QWidget) -> None:
    layout, (first, second) = filled(holder, (40, 20), (40, 24))
    first.deleteLater()
    qtbot.waitUntil(lambda: layout.count() == 1)
    assert layout.itemAt(0).widget() is second


def test_that_margins_stay_free(holder: QWidget) -> None:
    layout, boxes = filled(holder, (40, 20), (40, 24))
    layout.setContentsMargins(10, 5, 3, 2)
    assert layout.heightForWidth(101) == 31
    assert layout.heightForWidth(100) == 55
    assert layout.minimumSize() == QSize(53, 31)
    layout.setGeometry(QRect(0, 0, 101, 31))
    assert [box.geometry() for box in boxes] == [QRect(10, 5, 40, 20), QRect(58, 5, 40, 24)]
