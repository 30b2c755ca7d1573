"""Small outlined words: badges that say when a setting takes effect."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme

KINDS = {
    "neutral": ("line", "muted", None),
    "restart": ("line", "muted", None),
    "live": ("success", "success", None),
    "accent": ("accent", "accent_text", "accent_wash"),
    "error": ("danger", "danger", "danger_wash"),
    "warning": ("warning", "warning", "warning_wash"),
}
_TIPS = {
    "live": "Takes effect at the next minibatch, while training runs",
    "restart": "Takes effect when training starts anew",
}


class Badge(QWidget):
    """A word in a rounded outline.

    Parameters
    ----------
    text : str
        The word.
    kind : str
        ``live`` and ``restart`` say when a setting takes effect, and have a tooltip; others are ``neutral``,
        ``accent``, ``error`` and ``warning``.
    """

    def __init__(self, text: str, kind: str = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._text, self._kind = text, kind
        self.setFont(self._theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)
        self.set_badge(text, kind)

    def text(self) -> str:
        """Return the word."""
        return self._text

    def set_badge(self, text: str, kind: str = "neutral") -> None:
        """Change the word and the kind.

        Raises
        ------
        ValueError
            There is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"badge: expected one of {', '.join(KINDS)}, got {kind!r}")
        self._text, self._kind = text, kind
        self.setToolTip(_TIPS.get(kind, ""))
        self.setAccessibleName(text)
        self.setAccessibleDescription(_TIPS.get(kind, ""))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 16, metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, text, ground = KINDS[self._kind]
        painter.setPen(QPen(self._theme.colour(line), 1))
        painter.setBrush(self._theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(self._theme.colour(text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
