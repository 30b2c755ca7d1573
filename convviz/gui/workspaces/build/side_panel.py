"""The panel at the right: the settings, and in narrow windows a second page for the selected layer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.segmented import SegmentedControl

WIDTH = 330


class SidePanel(QWidget):
    """Holds one page, or two under a control that chooses."""

    def __init__(self, tabs: SegmentedControl, first: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setFixedWidth(WIDTH)
        self._tabs = tabs
        self._pages = QStackedWidget()
        self._pages.addWidget(first)
        self._second = QWidget()
        self._second_layout = QVBoxLayout(self._second)
        self._second_layout.setContentsMargins(12, 8, 12, 12)
        self._pages.addWidget(self._second)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(16, 10, 16, 0)
        bar.addWidget(tabs, 0, Qt.AlignmentFlag.AlignLeft)
        self._bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)
        tabs.selected.connect(self._show_page)
        self._theme.changed.connect(self.update)

    def add_page(self, page: QWidget) -> None:
        """Take a widget in as the second page."""
        self._second_layout.addWidget(page)
        self._bar.show()

    def take_page(self, page: QWidget) -> None:
        """Give the second page back."""
        self._second_layout.removeWidget(page)
        self._bar.hide()
        self._tabs.set_index(0)
        self._pages.setCurrentIndex(0)

    def show_second(self) -> None:
        """Turn to the second page."""
        self._tabs.set_index(1)
        self._pages.setCurrentIndex(1)

    @Slot(int)
    def _show_page(self, index: int) -> None:
        self._pages.setCurrentIndex(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(0, 0, 0, self.height())
