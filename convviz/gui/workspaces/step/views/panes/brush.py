"""Painting numbers into a picture with Shift and the left mouse button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from convviz.gui.widgets.array.layout import TileCell
from convviz.gui.widgets.array.view import ArrayView


class Brush(QObject):
    """Watches array views for strokes: moves over cells with Shift and the left button held.

    Attributes
    ----------
    painted : Signal(tuple, int, bool)
        Logical index of a cell, number of the stroke (from 1), and whether Alt was held, which rubs out.
    """

    painted = Signal(tuple, int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._at: TileCell | None = None
        self._down = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, ArrayView) or not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.button() != Qt.MouseButton.LeftButton or not shift:
                return False
            self._down, self._at = True, None
            self._paint(watched, event, new=True)
            return True
        if self._down and kind == QEvent.Type.MouseMove:
            self._paint(watched, event)
            return True
        if self._down and kind == QEvent.Type.MouseButtonRelease:
            self._down = False
            return True
        return False

    def _paint(self, view: ArrayView, event: QMouseEvent, new: bool = False) -> None:
        # All brushes of a window share a counter, so that strokes in two panes have two numbers.
        shared = view.window()
        stroke = int(shared.property("stroke") or 0) + new
        shared.setProperty("stroke", stroke)
        cell = view.cell_at(event.position())
        if cell is not None and cell != self._at:
            self._at = cell
            rubbing = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self.painted.emit(view.logical_index(cell), stroke, rubbing)
