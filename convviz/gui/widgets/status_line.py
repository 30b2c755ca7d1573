"""The line at the bottom that names exactly what is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.elided import CutTexts

_GAP = 22
"""Distance between two parts, in pixels."""
HINT_SECONDS = 6
"""How long a hint stays."""


class StatusLine(QWidget):
    """At the left the contents of the view, beginning with its name in monospace; at the right, general facts.

    If there is no room, the parts furthest from the left are cut, and the tooltip has the whole text. A hint takes the
    left part's place for a moment.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._left: tuple[str, ...] = ()
        self._right: tuple[str, ...] = ()
        self._hint = ""
        self._covered = 0
        self._cuts = CutTexts()
        self._hinting = QTimer(self)
        self._hinting.setSingleShot(True)
        self._hinting.setInterval(1000 * HINT_SECONDS)
        self._hinting.timeout.connect(self.drop_hint)
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("status")
        self._theme.changed.connect(self.update)

    def set_status(self, left: Sequence[str] = (), right: Sequence[str] = ()) -> None:
        """Set the texts: ``("conv1.x_col", "sample 17 (label 4)", "epoch 3, step 2,871")``."""
        new = tuple(part for part in left if part), tuple(part for part in right if part)
        if new != (self._left, self._right):
            self._left, self._right = new
            self.setAccessibleDescription(self.text())
            self.setToolTip(self.text())
            self.update()

    def hint(self, sentence: str) -> None:
        """Say something about what was just done, for some seconds."""
        self._hint = sentence
        if sentence:
            self._hinting.start()
        self.setAccessibleDescription(sentence or self.text())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    @property
    def covered(self) -> int:
        """Pixels at the right end over which a message lies: the general facts wait, the rest is cut before it."""
        return self._covered

    def set_covered(self, width: int) -> None:
        """Change how much of the right end a message lies over."""
        if width != self._covered:
            self._covered = width
            self.update()

    @property
    def hinted(self) -> str:
        """The hint that is shown; empty for none."""
        return self._hint

    @Slot()
    def drop_hint(self) -> None:
        """Show the left part again, if a hint has its place."""
        self._hinting.stop()
        if self._hint:
            self.hint("")

    def text(self) -> str:
        """Return the whole text as one line."""
        return " · ".join((*self._left, *self._right))

    def sizeHint(self) -> QSize:
        return QSize(400, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(self._theme.colour("muted"))
        centre = Qt.AlignmentFlag.AlignVCenter
        words, code = self._theme.font(12), self._theme.mono(12)
        painter.setFont(words)
        right_wide = sum(painter.fontMetrics().horizontalAdvance(part) + _GAP for part in self._right)
        painter.setFont(code)
        name_wide = painter.fontMetrics().horizontalAdvance(self._left[0]) if self._left else 0
        end = self.width() - max(self._covered, 4) - 12
        if not self._covered and name_wide + right_wide + 60 < self.width():
            painter.setFont(words)
            for part in reversed(self._right):
                wide = painter.fontMetrics().horizontalAdvance(part)
                painter.drawText(QRectF(end - wide, 1, wide + 1, self.height() - 1), centre, part)
                end -= wide + _GAP
        x = 16
        if self._hint:
            painter.setFont(words)
            painter.setPen(self._theme.colour("accent_text"))
            shown = self._cuts.cut(self._hint, words, painter.fontMetrics(), end - x)
            painter.drawText(QRectF(x, 1, end - x, self.height() - 1), centre, shown)
            return
        for index, part in enumerate(self._left):
            painter.setFont(code if index == 0 else words)
            metrics = painter.fontMetrics()
            room = end - x
            if room < 24:
                break
            shown = self._cuts.cut(part, painter.font(), metrics, round(room))
            painter.drawText(QRectF(x, 1, room, self.height() - 1), centre, shown)
            x += metrics.horizontalAdvance(shown) + _GAP
            if shown != part:
                break
