"""Text that is cut where there is no room: numbers at its end stay, and none is cut in two."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF

__all__ = ["CutTexts", "by_parts", "elided"]

CUT = "…"
PART = " · "
"""What separates the parts of a line."""
LEAST = 3
"""Fewest letters of the beginning that stay."""
KNOWN = 256
"""Most texts that a widget remembers."""
SPARE = 2
"""Letters beyond those that Qt finds room for, which may fit after all."""
NUMERIC = re.compile(r"[\d.,×]+")
OPEN_NUMBER = re.compile(r"[\d.,×]*\d[\d.,×]*$")


def elided(text: str, metrics: QFontMetrics | QFontMetricsF, room: float) -> str:
    """A text cut to a width, in pixels.

    ``branch of course-7×7 at step 2,263`` becomes ``branch of cour… step 2,263``: if numbers would be lost at the end,
    the middle is cut, between two words, and as many numbers stay as have room. A number is shown whole or not at all.
    """
    if metrics.horizontalAdvance(text) <= room:
        return text
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
    if not has_number(text[len(short.removesuffix(CUT)) :]):
        return short
    found = whole_end(text, metrics, room)
    return cut_end(text, metrics, room) if found is None else f"{found.head}{CUT}{found.end}"


def by_parts(text: str, metrics: QFontMetrics | QFontMetricsF, room: float) -> str:
    """A line cut to a width, in pixels, of which the last parts are left out whole: the most important are first.

    ``49×36,864 · columns 12–95 · image 0 is 0–575`` becomes ``49×36,864 · columns 12–95 · …``. If not even the first
    part has room, its end is cut, but not in a number.
    """
    if metrics.horizontalAdvance(text) <= room:
        return text
    parts = text.split(PART)
    for kept in range(len(parts) - 1, 0, -1):
        shown = PART.join((*parts[:kept], CUT))
        if metrics.horizontalAdvance(shown) <= room:
            return shown
    return cut_end(text, metrics, room)


def cut_end(text: str, metrics: QFontMetrics | QFontMetricsF, room: float) -> str:
    """A text without its end, and without a number of which only a part would be left."""
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
    lost = len(short.removesuffix(CUT))
    return f"{OPEN_NUMBER.sub('', text[:lost]).rstrip(' ×–')}{CUT}" if breaks(text, lost) else short


class CutTexts:
    """Texts as a widget shows them: each is cut once, and not again whenever the widget is painted."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, float], str] = {}

    def cut(self, text: str, font: QFont, metrics: QFontMetrics | QFontMetricsF, room: float) -> str:
        """A text in a font, with its metrics, as :func:`elided` cuts it."""
        key = text, font.key(), room
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            found = self._known[key] = elided(text, metrics, room)
        return found


class Cut(NamedTuple):
    """A text that lacks its middle, the ``gap``."""

    head: str
    gap: str
    end: str


def has_number(text: str) -> bool:
    """Whether there is a digit in a text."""
    return any(letter.isdigit() for letter in text)


def whole_end(text: str, metrics: QFontMetrics | QFontMetricsF, room: float) -> Cut | None:
    """A text with the numbers at its end, as many as have room; None if that is none.

    It has as little of the end as has all numbers that the beginning lacks, and the word in front of them.
    """
    whole: Cut | None = None
    starts, last, needed = [], len(text), 0.0
    for space in reversed(list(re.finditer(r" +", text))):
        start = space.start()
        wide = metrics.horizontalAdvance(f"{CUT}{text[start:]}")
        if wide > room:
            break  # nor has a longer end any room
        starts.append(start)
        if start <= last:
            last = 1 + next((at for at in range(start - 1, -1, -1) if text[at].isdigit()), -1)
            needed = metrics.horizontalAdvance(text[:last])
        # Letters at a joint may move closer, but by less than a line is high.
        found = with_end(text, start, metrics, room) if needed + wide <= room + metrics.height() else None
        if found is None or has_number(found.gap):
            continue
        if not text[space.end()].isdigit():
            return found
        whole = whole or found
    if whole is not None:
        return whole
    return next((found for start in reversed(starts) if (found := with_end(text, start, metrics, room))), None)


def with_end(text: str, start: int, metrics: QFontMetrics | QFontMetricsF, room: float) -> Cut | None:
    """A text with its end from a place on and as much of its beginning as has room; None if that is not enough."""
    end = text[start:]
    if not has_number(end):
        return None
    # Whole strings are measured, because letters at a joint may move closer; first those of about the right length.
    left = metrics.elidedText(text[:start], Qt.TextElideMode.ElideRight, int(room - metrics.horizontalAdvance(end)))
    count = min(len(left) + SPARE, start)
    while count < start and NUMERIC.fullmatch(text[count - 1 : count + 1]):
        count += 1  # the number goes as a whole
    tried = ""
    while count >= LEAST:
        head = (OPEN_NUMBER.sub("", text[:count]) if breaks(text, count) else text[:count]).rstrip(" ·,:;")
        if len(head) >= LEAST and head != tried and metrics.horizontalAdvance(f"{head}{CUT}{end}") <= room:
            return Cut(head, text[len(head) : start], end)
        tried = head
        count -= 1
    return None


def breaks(text: str, at: int) -> bool:
    """Whether a cut at a place would go through a number."""
    return 0 < at < len(text) and all(letter.isdigit() or letter in ".," for letter in text[at - 1 : at + 1])
