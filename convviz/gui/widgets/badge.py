"""Small outlined words and values: badges that say when a setting takes effect, chips that hold a number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.demo import run_demo

_BADGES = {
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
        ``live`` and ``restart`` say when a setting takes effect, and have a tooltip; ``neutral``, ``accent``,
        ``error``, ``warning``.
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
        """Say another word, of another kind."""
        if kind not in _BADGES:
            raise ValueError(f"badge: expected one of {', '.join(_BADGES)}, got {kind!r}")
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
        line, text, ground = _BADGES[self._kind]
        painter.setPen(QPen(self._theme.colour(line), 1))
        painter.setBrush(self._theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setPen(self._theme.colour(text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


class Chip(QWidget):
    """A value in a rounded box; can be clicked if made so. For the terms of a sum, and sizes in a layer's line.

    Parameters
    ----------
    text : str
        In the font of numbers.
    clickable : bool
        Whether it takes clicks and the keyboard focus.
    state : str
        ``normal``, ``accent``, ``error``, or ``more`` (dashed and muted: stands for values left out).

    Attributes
    ----------
    clicked, entered, left : Signal()
        A click or Enter; the pointer or the keyboard focus came or went.
    """

    clicked = Signal()
    entered = Signal()
    left = Signal()

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        *,
        clickable: bool = False,
        state: str = "normal",
        tip: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._text, self._state, self._clickable = text, state, clickable
        self._over = False
        self.setFont(self._theme.mono(12))
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme.changed.connect(self.update)

    def text(self) -> str:
        """Return what it holds."""
        return self._text

    def set_chip(self, text: str, state: str = "normal", tip: str = "") -> None:
        """Hold another value."""
        if state not in ("normal", "accent", "error", "more"):
            raise ValueError(f"chip: expected normal, accent, error or more, got {state!r}")
        if (text, state, tip) == (self._text, self._state, self.toolTip()):
            return
        self._text, self._state = text, state
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text) + 14, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, text, ground = {
            "normal": ("line", "ink", "field"),
            "accent": ("accent", "accent_text", "accent_wash"),
            "error": ("danger", "danger", "danger_wash"),
            "more": ("faint", "muted", None),
        }[self._state]
        over = self._clickable and (self._over or self.hasFocus())
        pen = QPen(self._theme.colour("focus" if self.hasFocus() else "faint" if over else line), 1)
        if self._state == "more":
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        brush = "hover" if over and self._state == "normal" else ground
        painter.setBrush(self._theme.colour(brush) if brush else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(self._theme.colour(text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._clickable and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._set_over(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_over(False)
        super().leaveEvent(event)

    def focusInEvent(self, event) -> None:
        self.entered.emit()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event) -> None:
        self.left.emit()
        self.update()
        super().focusOutEvent(event)

    def _set_over(self, over: bool) -> None:
        self._over = over
        (self.entered if over else self.left).emit()
        self.update()


def _demo() -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    badges, chips = QHBoxLayout(), QHBoxLayout()
    for kind in _BADGES:
        badges.addWidget(Badge(kind, kind))
    for state in ("normal", "accent", "error", "more"):
        chips.addWidget(Chip("-0.3379 · 0.9608" if state == "normal" else state, clickable=True, state=state))
    for row in (badges, chips):
        row.addStretch()
        rows.addLayout(row)
    rows.addStretch()
    return page


if __name__ == "__main__":
    run_demo(_demo, "Badges and chips", (560, 120))
