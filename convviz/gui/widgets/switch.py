"""A switch: on or off, at once."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from convviz.gui.theme import current_theme

SIZE = QSize(32, 20)
EDGE = 2


class Switch(QAbstractButton):
    """A knob in a pill, at the right and filled while it is on.

    Parameters
    ----------
    name : str
        What it switches, for screen readers.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        filled = "primary" if self.isChecked() else "pressed"
        painter.setOpacity(1.0 if self.isEnabled() else 0.55)
        edge = "focus" if self.hasFocus() else filled if self.isChecked() else "faint"
        painter.setPen(QPen(self._theme.colour(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(self._theme.colour(filled))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        side = area.height() - 4
        left = area.right() - side - 2 if self.isChecked() else area.left() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("on_primary" if self.isChecked() else "muted"))
        painter.drawEllipse(QRectF(left, area.top() + 2, side, side))
