"""Undo and redo typed inside a field, which Qt would take for its letters."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence


def asks_to_undo(event: QEvent) -> bool:
    """Whether a field is being asked to keep the keys of undo or redo from the window's actions.

    A field that ignores such an event leaves them to the design's undo.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
