"""What is laid out at once, and what a widget looks like after a property of it has changed."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convviz.gui.theme import Theme
from convviz.gui.theme.style_property import set_style_property
from convviz.gui.widgets.laying_out import lay_out, lay_out_around
from convviz.gui.widgets.scrolled import scrolled


class Page(QWidget):
    """Two parts above each other, the second in a column of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.second, self.last = QWidget(), QWidget(), QWidget(), QWidget()
        column, inside = QVBoxLayout(self), QVBoxLayout(self.inner)
        inside.addWidget(self.second)
        for one in (self.first, self.inner, self.last):
            column.addWidget(one)
        for one in (self.first, self.second, self.last):
            one.setFixedHeight(40)
        column.addStretch(1)


def shown(qtbot: QtBot, whole: QWidget, page: Page, height: int) -> None:
    qtbot.addWidget(whole)
    whole.resize(200, height)
    whole.show()
    qtbot.waitUntil(lambda: page.last.y() > page.inner.y() > page.first.y())


def test_that_parts_move_at_once_where_one_has_grown(qtbot: QtBot, theme: Theme) -> None:
    page = Page()
    shown(qtbot, page, page, 400)
    before = page.last.y()
    page.first.setFixedHeight(60)
    lay_out(page)
    assert page.last.y() == before + 20
    lay_out(None)
    lay_out(page.first)


def test_that_all_around_what_has_grown_moves_up_to_the_scroll_area(qtbot: QtBot, theme: Theme) -> None:
    page = Page()
    area = scrolled(page)
    shown(qtbot, area, page, 100)
    before, high = page.last.y(), page.height()
    page.second.setFixedHeight(60)
    lay_out_around(page.inner)
    assert page.last.y() == before + 20
    assert page.height() == high + 20


def test_that_a_property_of_the_stylesheet_shows_at_once(qtbot: QtBot, theme: Theme) -> None:
    field = QLineEdit("7×7")
    qtbot.addWidget(field)
    field.show()
    plain = field.grab().toImage()
    set_style_property(field, "invalid", True)
    marked = field.grab().toImage()
    assert marked != plain
    set_style_property(field, "invalid", False)
    assert field.grab().toImage() == plain
