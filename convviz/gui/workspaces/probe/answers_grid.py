"""Images with the network's answers: a bar for the answer, and one for the label."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.gui.workspaces.probe.moment import Moment
from convviz.present.data_set import pixels

PICTURE, BARS, GAP = 84, 38, 8
TALL = PICTURE + BARS + 12
WIDE = 118
"""Least width of a tile, in pixels."""


class AnswersGrid(QAbstractScrollArea):
    """Some images of a moment; one of them is chosen.

    Attributes
    ----------
    chosen, opened : Signal(int)
        Row of the image that the user chose, or wants explained.
    """

    KEYS = FocusKeys(
        "the images of a cell",
        {"Choose another image": ("Left", "Right", "Up", "Down"), "Explain the image": ("Return", "Enter")},
    )

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._moment: Moment | None = None
        self.rows = np.zeros(0, np.int64)
        """Rows of the images, in order."""
        self.row = -1
        """Row of the chosen image."""
        self._answers = np.zeros(0, np.int64)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Images")
        self._theme.changed.connect(self.viewport().update)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * WIDE, 150)

    def show_rows(self, moment: Moment, rows: np.ndarray) -> None:
        """Show other images."""
        self._moment, self.rows, self._answers = moment, rows, moment.mistakes.answers
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def choose(self, row: int) -> None:
        """Mark an image, and scroll to it."""
        self.row = row
        found = np.flatnonzero(self.rows == row)
        if len(found):
            place, bar = self._rect(int(found[0])), self.verticalScrollBar()
            if place.top() < 0:
                bar.setValue(bar.value() + place.top() - GAP)
            elif place.bottom() > self.viewport().height():
                bar.setValue(bar.value() + place.bottom() - self.viewport().height() + GAP)
        self.viewport().update()

    def rect_of(self, row: int) -> QRect | None:
        """The place of an image in the viewport."""
        found = np.flatnonzero(self.rows == row)
        return self._rect(int(found[0])) if len(found) else None

    # --- Qt --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._moment is None:
            return
        for position in self._in_sight():
            self._paint(painter, QRectF(self._rect(position)), int(self.rows[position]))

    def _paint(self, painter: QPainter, place: QRectF, row: int) -> None:
        moment = self._moment
        assert moment is not None
        here = row == self.row
        painter.setBrush(Qt.BrushStyle.NoBrush)
        edge = "focus" if here and self.hasFocus() else "accent" if here else "line"
        painter.setPen(QPen(self._theme.colour(edge), 2 if here else 1))
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 5, 5)
        colours = pixels(moment.images.images[row][None], self._theme.dark)[0]
        height, width = colours.shape
        image = image_of_pixels(colours)
        scale = PICTURE / max(height, width)
        scale = float(int(scale)) if scale >= 1 else scale
        drawn = QRectF(0, 0, width * scale, height * scale)
        drawn.moveCenter(QRectF(place.left(), place.top() + 6, place.width(), PICTURE).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(drawn, image)
        answer, label = int(self._answers[row]), int(moment.images.labels[row])
        second = label if label != answer else int(np.argsort(moment.mistakes.probabilities[row])[-2])
        top = place.top() + PICTURE + 10
        for number, (which, token) in enumerate(((answer, "accent" if here else "muted"), (second, "faint"))):
            p = float(moment.mistakes.probabilities[row, which])
            line = QRectF(place.left() + 8, top + 16 * number, place.width() - 16, 16)
            painter.setFont(self._theme.font(11))
            painter.setPen(self._theme.colour("ink" if number == 0 else "muted"))
            name = painter.fontMetrics().elidedText(moment.names[which], Qt.TextElideMode.ElideRight, 30)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setFont(self._theme.mono(11))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{p:.3f}")
            start = painter.fontMetrics().horizontalAdvance("0.000") + 6
            begin = 14 if len(moment.names[which]) < 3 else 34
            bar = QRectF(line.left() + begin, line.center().y() - 2, line.width() - start - begin, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("tray"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(max(1.0, bar.width() * p))
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(bar, 2, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._click(event, self.chosen)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._click(event, self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns()
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        key = Qt.Key(event.key())
        found = np.flatnonzero(self.rows == self.row)
        if key in moves and len(self.rows):
            position = min(max(int(found[0]) + moves[key], 0), len(self.rows) - 1) if len(found) else 0
            self.choose(int(self.rows[position]))
            self.chosen.emit(self.row)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(found):
            self.opened.emit(self.row)
        else:
            super().keyPressEvent(event)

    # --- how -------------------------------------------------------------------------------------------------------

    def _click(self, event: QMouseEvent, signal: SignalInstance) -> None:
        point = event.position().toPoint()
        for position in self._in_sight():
            if event.button() == Qt.MouseButton.LeftButton and self._rect(position).contains(point):
                self.choose(int(self.rows[position]))
                signal.emit(self.row)
                return

    def _columns(self) -> int:
        return max(1, (self.viewport().width() + GAP) // (WIDE + GAP))

    def _rect(self, position: int) -> QRect:
        columns = self._columns()
        wide = (self.viewport().width() - GAP * (columns - 1)) // columns
        line, column = divmod(position, columns)
        return QRect(column * (wide + GAP), line * (TALL + GAP) - self.verticalScrollBar().value(), wide, TALL)

    def _in_sight(self) -> range:
        """Positions of the images that are at least partly visible, out of perhaps tens of thousands."""
        columns, top = self._columns(), self.verticalScrollBar().value()
        first, last = top // (TALL + GAP), (top + self.viewport().height()) // (TALL + GAP)
        return range(first * columns, min((last + 1) * columns, len(self.rows)))

    def _lay_out(self) -> None:
        lines = -(-len(self.rows) // self._columns())
        tall = TALL + GAP
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(tall)
        bar.setRange(0, max(0, lines * tall - GAP - self.viewport().height()))
        self.viewport().update()
