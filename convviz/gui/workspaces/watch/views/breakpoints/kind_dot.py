"""The dot that says what a breakpoint does at a hit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from convviz.gui.theme import current_theme

SIZE = QSize(20, 24)
SIDE = 9
HOLDS, MARKS = "holds before the update", "only marks it"


class KindDot(QAbstractButton):
    """Filled and checked, the breakpoint holds training before the update; as a ring it only marks the step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._token = "danger"
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._say)
        self._say()

    def set_lit(self, is_lit: bool) -> None:
        """Paint the dot red, or grey for a breakpoint that is off."""
        self._token = "danger" if is_lit else "faint"
        self.update()

    def sizeHint(self) -> QSize:
        return SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 0, SIDE, SIDE)
        area.moveCenter(QRectF(self.rect()).center())
        colour = self._theme.colour(self._token)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(area)
        if self.hasFocus() or self.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("focus" if self.hasFocus() else "line"), 1))
            painter.drawEllipse(area.adjusted(-4, -4, 4, 4))

    def _say(self) -> None:
        now, other = (HOLDS, MARKS) if self.isChecked() else (MARKS, HOLDS)
        self.setAccessibleName(now)
        self.setToolTip(f"At a hit it {now}." + (f" Click: {other}." if self.isEnabled() else ""))
