"""Text that is cut where there is no room: numbers at its end stay, and none is cut in two."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF

__all__ = ["by_parts", "elided"]

CUT = "…"
PART = " · "
"""What separates the parts of a line."""
LEAST = 3
"""Fewest letters of the beginning that stay."""
OPEN_NUMBER = re.compile(r"[\d.,×]*\d[\d.,×]*$")


def elided(text: str, metrics: QFontMetrics | QFontMetricsF, room: float) -> str:
    """A text cut to a width, in pixels.

    ``branch of course-7×7 at step 2,263`` becomes ``branch of cour… step 2,263``: if numbers would be lost at the end,
    the middle is cut, between two words, and as many numbers stay as have room. A number is shown whole or not at all.
    """
    if metrics.horizontalAdvance(text) <= room:
        return text
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
    lost = len(short.removesuffix(CUT))
    if not has_number(text[lost:]):
        return short
    found = [one for at in re.finditer(r" +", text) if (one := with_end(text, at.start(), metrics, room))]
    if found:
        # As little of the end as has all numbers that the beginning lacks, and the word in front of them.
        whole = [one for one in found if not has_number(one.gap)]
        worded = [one for one in whole if not one.end.lstrip()[0].isdigit()]
        best = (worded or whole or found[:1])[-1]
        return f"{best.head}{CUT}{best.end}"
    return f"{OPEN_NUMBER.sub('', text[:lost]).rstrip()}{CUT}" if breaks(text, lost) else short


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
    short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
    lost = len(short.removesuffix(CUT))
    return f"{OPEN_NUMBER.sub('', text[:lost]).rstrip(' ×–')}{CUT}" if breaks(text, lost) else short


class Cut(NamedTuple):
    """A text that lacks its middle, the ``gap``."""

    head: str
    gap: str
    end: str


def has_number(text: str) -> bool:
    """Whether there is a digit in a text."""
    return any(letter.isdigit() for letter in text)


def with_end(text: str, start: int, metrics: QFontMetrics | QFontMetricsF, room: float) -> Cut | None:
    """A text with its end from a place on and as much of its beginning as has room; None if that is not enough."""
    end, count = text[start:], start
    if not has_number(end):
        return None
    while count >= LEAST:
        head = (OPEN_NUMBER.sub("", text[:count]) if breaks(text, count) else text[:count]).rstrip(" ·,:;")
        if len(head) >= LEAST and metrics.horizontalAdvance(f"{head}{CUT}{end}") <= room:
            return Cut(head, text[len(head) : start], end)
        count -= 1
    return None


def breaks(text: str, at: int) -> bool:
    """Whether a cut at a place would go through a number."""
    return 0 < at < len(text) and all(letter.isdigit() or letter in ".," for letter in text[at - 1 : at + 1])
