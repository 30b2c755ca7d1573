"""The panel at the right of Watch: views below each other, which scroll if there is too little room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.scrolled import scrolled

WIDE, NARROW = 320, 280
"""Width of the panel in a wide and in a narrow window, in pixels."""
WIDE_FROM = 1300
"""Smallest width of the page for a wide panel, in pixels."""


class SidePanel(QWidget):
    """Shows views below each other; it is hidden while none of them is visible.

    Parameters
    ----------
    views : sequence of QWidget
        From top to bottom. Each has its own margins.
    """

    def __init__(self, views: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._views = tuple(views)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for view in self._views:
            column.addWidget(view)
        column.addStretch()
        scroll = scrolled(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 0, 0)
        outer.addWidget(scroll)
        self.setMinimumWidth(NARROW)
        self.setMaximumWidth(WIDE)

    @staticmethod
    def width_beside(page_width: int) -> int:
        """The panel's width in a page of this width, in pixels."""
        return WIDE if page_width >= WIDE_FROM else NARROW

    def keep_shown(self) -> None:
        """Show the panel if one of its views is visible, otherwise hide it."""
        is_shown = any(not view.isHidden() for view in self._views)
        if self.isHidden() == is_shown:
            self.setVisible(is_shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), self._theme.colour("line"))
