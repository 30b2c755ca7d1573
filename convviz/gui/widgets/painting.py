"""Painting in a turn of its own."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget


def paint_later(widget: QWidget) -> None:
    """Have a widget painted in a later turn of the event loop than the one that changes it.

    Until then what is on the screen stays. To be called before a change of all of it: what was made anew is laid out in
    one turn and painted in the next, and the window answers between.
    """
    if widget.isVisible() and widget.updatesEnabled():
        widget.setUpdatesEnabled(False)
        # Not 0: that would be an event, and the loop handles all of them before it looks for input again.
        QTimer.singleShot(1, widget, partial(widget.setUpdatesEnabled, True))
