"""Names of runs where there is little room."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

__all__ = ["shortened"]


TOLD_APART = re.compile(r"(.+?)((?: of (?:\d+ \w+, )?\d\d:\d\d(?::\d\d)?)?(?: #\d+)?)")
"""A name, and that in which it differs from others of its design: when the run began, or its number."""


def shortened(name: str, metrics: QFontMetrics, room: float) -> str:
    """A name cut to fit: that in which runs of one design differ, ``of 14:02``, stays; else the middle is cut."""
    parts = TOLD_APART.fullmatch(name)
    if parts is None or not parts[2]:
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(room))
    head, tail = parts.groups()
    left = int(room) - metrics.horizontalAdvance(tail)
    return metrics.elidedText(head, Qt.TextElideMode.ElideRight, max(0, left)) + tail
