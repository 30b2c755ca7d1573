"""Images in a grid that wraps, each with its label and what it was taken for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.thumbnail import image_of
from convviz.present.words import counted
from convviz.training.images import Split

SIDE, GAP, LINE = 40, 6, 15


class AnswerStrip(QWidget):
    """As many images as there is room for, and the number of the others.

    Attributes
    ----------
    chosen : Signal(int)
        Row of an image that was clicked.
    """

    KEYS = FocusKeys("images that one gets right", {"Another image": ("Left", "Right")})

    chosen = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme = current_theme()
        self._images: Split | None = None
        self._rows: Array = np.empty(0, np.int64)
        self._wrong: Array = np.empty(0, np.int64)
        self._names: tuple[str, ...] = ()
        self._marked = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, SIDE + LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, SIDE + LINE)

    def show_rows(self, images: Split | None, rows: Array, wrong: Array, names: tuple[str, ...]) -> None:
        """Show images by their rows; ``wrong`` has the answer to each that is not right."""
        self._images, self._rows, self._wrong, self._names = images, rows, wrong, names
        words = [self._words(at) for at in range(min(len(rows), 8))]
        self.setAccessibleDescription(f"{counted(len(rows), 'image')}: {', '.join(words)}")
        self.update()

    def mark(self, row: int) -> None:
        """Outline an image, if it is among these."""
        self._marked = row
        self.update()

    def place_of(self, at: int) -> QRectF:
        """Where an image is drawn: the first is 0."""
        return self._rect(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._images is None:
            return
        painter = QPainter(self)
        painter.setFont(self._theme.font(11))
        room = self._room()
        shown = self.shown
        for at in range(shown):
            place = self._rect(at)
            painter.drawImage(place, image_of(self._images.images[int(self._rows[at])], self._theme.dark))
            here = int(self._rows[at]) == self._marked
            token = "line" if not here else "focus" if self.hasFocus() else "accent"
            painter.setPen(QPen(self._theme.colour(token), 2 if here else 1))
            painter.drawRect(place)
            painter.setPen(self._theme.colour("muted"))
            text = QRectF(place.left() - GAP / 2, place.bottom(), SIDE + GAP, LINE)
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self._words(at))
        if shown < len(self._rows) and room > 0:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self._rect(shown), Qt.AlignmentFlag.AlignCenter, f"+{len(self._rows) - shown:,}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = next((at for at in range(self.shown) if self._rect(at).contains(event.position())), None)
        if at is not None:
            self.chosen.emit(int(self._rows[at]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key not in moves or not self.shown:
            super().keyPressEvent(event)
            return
        found = np.flatnonzero(self._rows == self._marked)
        at = int(found[0]) + moves[key] if len(found) else 0
        self.chosen.emit(int(self._rows[min(max(at, 0), self.shown - 1)]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._images is not None:
            for at in range(self.shown):
                if self._rect(at).contains(QPointF(event.pos())):
                    label, answer = self._label(at)
                    words = f"x_test[{int(self._rows[at])}]: label {label}, taken for {answer}; a click shows its maps"
                    QToolTip.showText(event.globalPos(), words, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    @property
    def shown(self) -> int:
        """How many are drawn; the last place says how many more there are."""
        if self._images is None:
            return 0
        room = self._room()
        return len(self._rows) if len(self._rows) <= room else room - 1

    def _label(self, at: int) -> tuple[str, str]:
        assert self._images is not None
        label = int(self._images.labels[int(self._rows[at])])
        return self._names[label], self._names[int(self._wrong[at])]

    def _words(self, at: int) -> str:
        if self._images is None:
            return ""
        label, answer = self._label(at)
        return f"{label[:4]} → {answer[:4]}"

    def _columns(self) -> int:
        return max(1, int((self.width() + GAP) // (SIDE + GAP)))

    def _room(self) -> int:
        return self._columns() * max(1, int((self.height() + GAP) // (SIDE + LINE + GAP)))

    def _rect(self, at: int) -> QRectF:
        row, column = divmod(at, self._columns())
        return QRectF(column * (SIDE + GAP), row * (SIDE + LINE + GAP), SIDE, SIDE)
