"""The filters of a convolution as cards: the strongest patches of each, the image that excites it most, its classes."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.thumbnail import image_of
from convviz.gui.widgets.turns import paint_later
from convviz.gui.workspaces.probe.class_bars import paint_bars
from convviz.gui.workspaces.probe.filter_facts import Dream, FilterFacts
from convviz.present.data_set import pixels
from convviz.present.numbers import format_value
from convviz.probe.filters import Filters

WIDE, TALL, GAP = 152, 146, 8
PATCH, LINE = 28, 12
"""Approximate size of a patch and height of a line of small text, in pixels of the screen."""
DREAM = 42
LARGE = 2
"""By how much the pictures of a card may be enlarged where all cards have room for it."""


class FilterCards(QAbstractScrollArea):
    """A card a filter; one of them is chosen.

    Attributes
    ----------
    chosen, opened : Signal(int)
        Number of the filter that the user chose, or wants to see in Watch.
    stepAsked, hideAsked : Signal()
        The user wants to step the strongest image, or to hide dead filters.
    """

    KEYS = FocusKeys(
        "the filters",
        {
            "Choose another filter": ("Left", "Right", "Up", "Down"),
            "Show the filter in Watch": ("Return", "Enter"),
            "Step the image that excites it most": ("S",),
            "Hide or show dead filters": ("H",),
        },
    )

    chosen = Signal(int)
    opened = Signal(int)
    stepAsked = Signal()
    hideAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._facts: FilterFacts | None = None
        self._worth: Array | None = None
        self._dreams: dict[int, Dream] = {}
        self._sheets: dict[int, QImage] = {}
        self._pictures: dict[int, QPixmap] = {}
        """Cards that are not chosen, as they were painted."""
        self._zoom = 1
        self.numbers: list[int] = []
        """Filters that are shown, in order."""
        self.number = -1
        """The chosen one."""
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Filters")
        self._theme.changed.connect(self._recolour)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * WIDE, TALL)

    def show_facts(self, facts: FilterFacts | None, numbers: list[int], worth: Array | None) -> None:
        """Show filters in an order; ``worth`` is what each adds to the accuracy, if that is known."""
        paint_later(self)
        if facts is not self._facts:
            self._dreams.clear()
            self._sheets.clear()
        self._facts, self.numbers, self._worth = facts, numbers, worth
        self._lay_out()

    def show_dream(self, dream: Dream) -> None:
        """Show the image that excites a filter most."""
        self._dreams[dream.number] = dream
        self._pictures.pop(dream.number, None)
        place = self.rect_of(dream.number)
        if place is not None:
            self.viewport().update(place)

    def choose(self, number: int) -> None:
        """Mark a filter, and scroll to it."""
        self._update_chosen()
        self.number = number
        place, bar = self.rect_of(number), self.verticalScrollBar()
        if place is not None:
            if place.top() < 0:
                bar.setValue(bar.value() + place.top() - GAP)
            elif place.bottom() > self.viewport().height():
                bar.setValue(bar.value() + place.bottom() - self.viewport().height() + GAP)
        self.setAccessibleDescription(f"filter {number}")
        self._update_chosen()

    def rect_of(self, number: int) -> QRect | None:
        """The place of a filter's card in the viewport."""
        return self._rect(self.numbers.index(number)) if number in self.numbers else None

    def painted_parts(self) -> list[QRect]:
        """The cards in sight, for painting them a few at a time."""
        room = self.viewport().rect()
        corner = self.viewport().pos()
        every = (self._rect(position) for position in range(len(self.numbers)))
        return [place.translated(corner) for place in every if place.intersects(room)]

    # --- Qt --------------------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._update_chosen()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._update_chosen()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("background"))
        if self._facts is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        region = event.region()
        for position, number in enumerate(self.numbers):
            place = self._rect(position)
            if not region.intersects(place):
                continue
            if number == self.number:
                self._paint(painter, QRectF(place), number, self._facts)
            else:
                painter.drawPixmap(place.topLeft(), self._picture(number, place.size(), self._facts))

    def _picture(self, number: int, size: QSize, facts: FilterFacts) -> QPixmap:
        """A card that is not the chosen one: there are dozens, and each takes a millisecond to paint."""
        if number not in self._pictures:
            ratio = self.devicePixelRatioF()
            made = QPixmap(size * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(self._theme.colour("background"))
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter, QRectF(QPoint(), size), number, facts)
            painter.end()
            self._pictures[number] = made
        return self._pictures[number]

    def _paint(self, painter: QPainter, place: QRectF, number: int, facts: FilterFacts) -> None:
        theme, found = self._theme, facts.found
        here, dead = number == self.number, bool(found.silent[number])
        pen = QPen(
            theme.colour("focus" if here and self.hasFocus() else "accent" if here else "line"), 2 if here else 1
        )
        if dead:
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(theme.colour("panel"))
        painter.setPen(pen)
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 7, 7)
        inside = place.adjusted(9, 6, -9, -6)
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("muted" if dead else "ink"))
        painter.drawText(QRectF(inside.left(), inside.top(), 60, 18), Qt.AlignmentFlag.AlignVCenter, str(number))
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(inside.left(), inside.top(), inside.width(), 18), right, on_words(found, number))
        top = inside.top() + 20
        side = 3 * self._zoom * PATCH + 2
        if dead:
            middle = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRectF(inside.left(), top, side, side), middle, "never\nabove zero")
        else:
            sheet = self._sheet(number, facts)
            painter.drawImage(QPoint(int(inside.left()), int(top)), sheet)
        self._paint_column(
            painter, QRectF(inside.left() + side + 7, top, inside.width() - side - 7, side), number, facts
        )
        bars = QRectF(inside.left(), top + side + 5, inside.width(), inside.bottom() - top - side - 5)
        paint_bars(painter, bars, found.class_means[number], theme.dark)

    def _paint_column(self, painter: QPainter, room: QRectF, number: int, facts: FilterFacts) -> None:
        theme, top = self._theme, room.top()
        dream = self._dreams.get(number)
        dead = bool(facts.found.silent[number])
        if not dead:
            large = self._zoom * DREAM
            frame = QRectF(room.left(), top, large, large)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.setBrush(theme.colour("field"))
            painter.drawRect(frame)
            if dream is not None:
                painter.drawImage(frame.adjusted(0.5, 0.5, -0.5, -0.5), image_of(dream.patch, theme.dark))
            top += large + 4
        lines = [("bias", format_value(float(facts.kernels.bias[number])))]
        if not dead:
            lines = [("largest", format_value(float(facts.found.largest[number])))]
        if self._worth is not None and not dead:
            lines.append(("worth", points(float(self._worth[number]))))
        for word, number_words in lines:
            painter.setFont(theme.font(10))
            painter.setPen(theme.colour("muted"))
            painter.drawText(QRectF(room.left(), top, room.width() + 4, LINE), Qt.AlignmentFlag.AlignLeft, word)
            painter.setFont(theme.mono(10))
            painter.setPen(theme.colour("ink"))
            painter.drawText(
                QRectF(room.left(), top + LINE - 1, room.width() + 4, LINE), Qt.AlignmentFlag.AlignLeft, number_words
            )
            top += 2 * LINE - 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._choose(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.opened.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns()
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        key = Qt.Key(event.key())
        if key in moves and self.numbers:
            here = self.numbers.index(self.number) if self.number in self.numbers else -moves[key]
            self._choose(self.numbers[min(max(here + moves[key], 0), len(self.numbers) - 1)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.number >= 0:
            self.opened.emit(self.number)
        elif key == Qt.Key.Key_S and not event.modifiers():
            self.stepAsked.emit()
        elif key == Qt.Key.Key_H and not event.modifiers():
            self.hideAsked.emit()
        else:
            super().keyPressEvent(event)

    # --- how -------------------------------------------------------------------------------------------------------

    def _update_chosen(self) -> None:
        """Paint the card of the chosen filter anew."""
        place = self.rect_of(self.number)
        if place is not None:
            self.viewport().update(place)

    def _choose(self, number: int) -> None:
        self.choose(number)
        self.chosen.emit(number)

    def _at(self, point: QPoint) -> int | None:
        return next((one for at, one in enumerate(self.numbers) if self._rect(at).contains(point)), None)

    def _sheet(self, number: int, facts: FilterFacts) -> QImage:
        if number not in self._sheets:
            line = self._theme.colour("line")
            self._sheets[number] = sheet(facts.found.patches[number], self._theme.dark, line, self._zoom * PATCH)
        return self._sheets[number]

    def _recolour(self) -> None:
        self._sheets.clear()
        self._pictures.clear()
        self.viewport().update()

    def _columns(self) -> int:
        wide, _ = card_size(self._zoom)
        return max(1, (self.viewport().width() + GAP) // (wide + GAP))

    def _fits(self, zoom: int) -> bool:
        """Whether all cards are in sight at a zoom."""
        wide, tall = card_size(zoom)
        columns = (self.viewport().width() + GAP) // (wide + GAP)
        lines = -(-len(self.numbers) // columns) if columns else 0
        return bool(lines) and lines * (tall + GAP) - GAP <= self.viewport().height()

    def _rect(self, position: int) -> QRect:
        columns = self._columns()
        wide = (self.viewport().width() - GAP * (columns - 1)) // columns
        wide = min(wide, round(1.25 * card_size(self._zoom)[0]))  # a few cards are not stretched over the width
        line, column = divmod(position, columns)
        tall = card_size(self._zoom)[1]
        return QRect(column * (wide + GAP), line * (tall + GAP) - self.verticalScrollBar().value(), wide, tall)

    def _lay_out(self) -> None:
        self._pictures.clear()
        zoom = LARGE if self._fits(LARGE) else 1
        if zoom != self._zoom:
            self._zoom = zoom
            self._sheets.clear()
        tall = card_size(zoom)[1]
        lines = -(-len(self.numbers) // self._columns())
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(tall + GAP)
        bar.setRange(0, max(0, lines * (tall + GAP) - GAP - self.viewport().height()))
        self.viewport().update()


def card_size(zoom: int) -> tuple[int, int]:
    """Least width of a card, and its height."""
    more = zoom - 1
    return WIDE + more * (3 * PATCH + DREAM), TALL + more * 3 * PATCH


def sheet(patches: Array, dark: bool, line: QColor, each: int) -> QImage:
    """Up to nine patches ``(k, C, h, w)``, three in a row, as one picture with lines between them.

    Parameters
    ----------
    patches : ndarray
    dark : bool
        Whether the theme is.
    line : QColor
    each : int
        Side of a patch, in pixels of the screen.
    """
    side = 3 * each + 2
    made = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(line)
    empty = QColor.fromRgba(int(pixels(np.zeros((1, 1, 1, 1)), dark)[0, 0, 0]))
    colours = np.ascontiguousarray(pixels(patches[:9], dark))
    _, high, wide = colours.shape
    painter = QPainter(made)
    scale = each / max(patches.shape[2:])
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
    whole = math.floor(scale) if scale >= 1 else scale
    for number, patch in enumerate(colours):
        down, across = divmod(number, 3)
        height, width = high * whole, wide * whole
        frame = QRectF(across * (each + 1), down * (each + 1), each, each)
        painter.fillRect(frame, empty)
        place = QRectF(0, 0, width, height)
        place.moveCenter(frame.center())
        place.moveTopLeft(place.topLeft().toPoint())
        painter.drawImage(place, QImage(patch.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32))
    painter.end()
    return made


def on_words(found: Filters, number: int) -> str:
    """``15.8 % on``, or ``dead``."""
    if found.silent[number]:
        return "dead"
    share = float(found.on[number])
    return "< 0.1 % on" if 0 < share < 0.0005 else f"{100 * share:.1f} % on"


def points(worth: float) -> str:
    """Percentage points, with their sign: ``+1.23``."""
    return f"{100 * worth:+.2f} pt" if round(100 * worth, 2) else "0 pt"
