"""Names of runs where there is little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

__all__ = ["shortened"]


def shortened(name: str, metrics: QFontMetrics, room: float) -> str:
    """A name cut to fit: the number in which runs of one design differ, ``#14``, stays; else the middle is cut."""
    head, mark, number = name.rpartition(" #")
    if not mark or not number.isdigit():
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(room))
    tail = f"{mark}{number}"
    left = int(room) - metrics.horizontalAdvance(tail)
    return metrics.elidedText(head, Qt.TextElideMode.ElideRight, max(0, left)) + tail
