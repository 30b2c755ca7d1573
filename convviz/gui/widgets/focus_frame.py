"""The frame that says where the keys act: drawn once somebody goes by them, not after a click."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import current_theme

__all__ = ["paint_focus_frame"]


def paint_focus_frame(
    painter: QPainter, widget: QWidget, inset: float = 1, radius: float = 5, thick: float = 1.5
) -> None:
    """Paint the frame over a widget that has the focus, if the keys are used in its window; otherwise nothing.

    Parameters
    ----------
    painter : QPainter
        Of the widget, in its own coordinates.
    widget : QWidget
    inset, radius, thick : float
        Distance from the widget's edges, radius of the corners and thickness of the line, in pixels.
    """
    if widget.hasFocus() and widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current_theme().colour("focus"), thick))
        area = QRectF(widget.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(area, radius, radius)
