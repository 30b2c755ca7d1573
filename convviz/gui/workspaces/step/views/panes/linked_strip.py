"""The overview of a wide matrix, in which the columns linked with the explained cell are marked."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.overview_strip import OverviewStrip

THIN = 2.0
"""Smallest width of a mark, in pixels."""


class LinkedStrip(OverviewStrip):
    """An overview that marks columns, including those out of sight."""

    columns: tuple[int, ...] = ()

    def set_columns(self, columns: tuple[int, ...]) -> None:
        """Mark other columns."""
        if columns != self.columns:
            self.columns = columns
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.columns or self._view.picture is None:
            return
        painter = QPainter(self)
        one = self.width() / max(1.0, self._view.tiling.content_width)
        colour = current_theme().colour("accent")
        for column in self.columns:
            wide = max(one, THIN)
            painter.fillRect(QRectF((column + 0.5) * one - wide / 2, 0, wide, self.height()), colour)
