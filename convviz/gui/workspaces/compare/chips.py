"""Chips that say how a run differs: one hue for each field, old and new value, or the new one alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from convviz.gui.theme.theme import Theme
from convviz.gui.widgets.elided import elided
from convviz.present.compare.differences import Difference

HEIGHT, PAD, GAP = 22, 8, 6
LEAST = 24
"""Least room for the words of a chip, in pixels."""
HUES = (36, 205, 160, 290, 110, 330, 60, 240)


def paint_chips(painter: QPainter, place: QRectF, chips: Sequence[Difference], theme: Theme) -> None:
    """Paint the chips that fit, and how many more there are."""
    painter.setFont(theme.font(12))
    left, top = place.left(), place.center().y() - HEIGHT / 2
    words = fitting(chips, painter.fontMetrics(), place.width())
    for chip, text in zip(chips, words, strict=False):
        left += _paint(painter, QRectF(left, top, 0, HEIGHT), text, hue_of(chip.path), theme) + GAP
    if words and len(words) < len(chips):
        _paint(painter, QRectF(left, top, 0, HEIGHT), f"+{len(chips) - len(words)}", None, theme)


def fitting(chips: Sequence[Difference], metrics: QFontMetrics, room: float) -> list[str]:
    """The words of the first chips that fit, with room left for the number of the others.

    A chip is shortened before the next one is left out. Its field and its new value matter most: the old value, which
    is that of A in every row, goes first.
    """

    def width(text: str) -> float:
        return float(metrics.horizontalAdvance(text)) + 2 * PAD

    def more(shown: int) -> float:
        return GAP + width(f"+{len(chips) - shown}") if shown < len(chips) else 0.0

    most = chips[: int(room // (2 * PAD + GAP)) + 1]  # two networks may differ in a hundred fields
    forms = [chip.forms for chip in most]
    levels = []
    for level in range(max(map(len, forms), default=0)):
        texts = [one[min(level, len(one) - 1)] for one in forms]
        levels.append((texts, _ends(map(width, texts), room)))
    for shown in range(len(most), 0, -1):
        for texts, ends in levels:
            if shown <= len(ends) and ends[shown - 1] + more(shown) <= room:
                return texts[:shown]
    if not chips:
        return []
    last = chips[0].forms[-1]
    left = int(room - width("") - more(1))
    field, arrow, new = last.rpartition(" → ")
    field_room = left - metrics.horizontalAdvance(arrow + new)
    if arrow and field_room >= metrics.horizontalAdvance(field[:2] + "…"):
        return [metrics.elidedText(field, Qt.TextElideMode.ElideRight, field_room) + arrow + new]
    if arrow and metrics.horizontalAdvance(f"→ {new}") <= left:  # the hue still identifies the field
        return [f"→ {new}"]
    return [elided(last, metrics, left)] if left >= LEAST else []


def _ends(widths: Iterable[float], room: float) -> list[float]:
    """Where chips of these widths end, one after the other, as far as there is room."""
    found: list[float] = []
    for width in widths:
        end = width + (found[-1] + GAP if found else 0.0)
        if end > room:
            break
        found.append(end)
    return found


def hue_of(path: str) -> int:
    """The hue of a field, always the same."""
    return HUES[sum(map(ord, path.rpartition(".")[2])) % len(HUES)]


def _paint(painter: QPainter, box: QRectF, words: str, hue: int | None, theme: Theme) -> float:
    box.setWidth(painter.fontMetrics().horizontalAdvance(words) + 2 * PAD)
    ground = theme.colour("tray")
    if hue is not None:
        ground = QColor.fromHsl(hue, 90, 58) if theme.dark else QColor.fromHsl(hue, 150, 232)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme.colour("ink"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    return box.width()
