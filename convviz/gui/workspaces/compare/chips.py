"""Chips that say in what a run differs: one hue a field, old value and new."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from convviz.gui.theme.theme import Theme
from convviz.present.compare.differences import Difference

HEIGHT, PAD, GAP = 22, 8, 6
HUES = (36, 205, 160, 290, 110, 330, 60, 240)


def paint_chips(painter: QPainter, place: QRectF, chips: Sequence[Difference], theme: Theme) -> None:
    """Paint the chips that fit, and how many more there are."""
    left = place.left()
    for at, chip in enumerate(chips):
        rest = len(chips) - at - 1
        more = f"+{rest}"
        painter.setFont(theme.font(12))
        room = place.right() - left - (_width(painter, more) + GAP if rest else 0)
        words = painter.fontMetrics().elidedText(chip.words, Qt.TextElideMode.ElideMiddle, int(room - 2 * PAD))
        needed = _width(painter, chip.words)
        if at and needed > room:
            _paint(painter, QRectF(left, place.center().y() - HEIGHT / 2, 0, HEIGHT), f"+{rest + 1}", None, theme)
            return
        if room < 40:
            return
        box = QRectF(left, place.center().y() - HEIGHT / 2, 0, HEIGHT)
        left += _paint(painter, box, words, hue_of(chip.path), theme) + GAP


def hue_of(path: str) -> int:
    """The hue of a field, always the same."""
    return HUES[sum(map(ord, path.rpartition(".")[2])) % len(HUES)]


def _width(painter: QPainter, words: str) -> float:
    return painter.fontMetrics().horizontalAdvance(words) + 2 * PAD


def _paint(painter: QPainter, box: QRectF, words: str, hue: int | None, theme: Theme) -> float:
    box.setWidth(_width(painter, words))
    ground = theme.colour("tray")
    if hue is not None:
        ground = QColor.fromHsl(hue, 90, 58) if theme.dark else QColor.fromHsl(hue, 150, 232)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme.colour("ink"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    return box.width()
