"""A small map that can be chosen, with its name and the end of its scale below."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.layout import Viewport
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.gui.workspaces.probe.explaining import Explanation
from convviz.gui.workspaces.probe.ink import InkMask
from convviz.present.colour import argb_table, entries, levels
from convviz.present.numbers import format_value

PICTURE = 84
WIDE, TALL = 124, PICTURE + 44


class MapTile(QAbstractButton):
    """One explanation as a small picture, with its own scale.

    Parameters
    ----------
    explanation : Explanation
    ink : Ink or None
        Outline drawn over it.
    """

    def __init__(self, explanation: Explanation, ink: InkMask | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._ink = ink
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_map(explanation)
        self._theme.changed.connect(self.update)

    def show_map(self, explanation: Explanation) -> None:
        """Show another one."""
        self.explanation = explanation
        self._high = levels(explanation.role, explanation.values).high
        self.setAccessibleName(explanation.title)
        self.setToolTip(explanation.about)
        self.update()

    def set_ink(self, ink: InkMask | None) -> None:
        """Draw another outline; None draws none."""
        self._ink = ink
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDE, TALL)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        explanation, theme = self.explanation, self._theme
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.hasFocus() or self.underMouse():
            token = "focus" if self.hasFocus() else "accent" if self.isChecked() else "line"
            painter.setPen(QPen(theme.colour(token), 2 if self.isChecked() or self.hasFocus() else 1))
            painter.drawRoundedRect(frame, 6, 6)
        found = entries(explanation.values, explanation.role, self._high)
        height, width = found.shape
        image = image_of_pixels(np.take(argb_table(explanation.role, theme.dark), found))
        scale = PICTURE / max(height, width)
        scale = float(int(scale)) if scale >= 1 else scale
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(QRectF(0, 6, self.width(), PICTURE).center())
        painter.drawImage(place, image)
        if self._ink is not None and self._ink.pixels.shape == found.shape:
            self._ink.paint(painter, theme, Viewport(scale, scale, place.left(), place.top()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font(11, QFont.Weight.DemiBold))
        room = QRectF(4, PICTURE + 9, self.width() - 8, 16)
        title = painter.fontMetrics().elidedText(explanation.title, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, title)
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.mono(11))
        sign = "±" if explanation.role.diverging else "0…"
        end = f"{sign}{format_value(self._high)}" if self._high else "0 everywhere"
        painter.drawText(room.translated(0, 15), Qt.AlignmentFlag.AlignCenter, end)
