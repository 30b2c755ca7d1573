"""Where the keys of a timeline lead."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from convviz.present.watch.timeline import TimelinePicture

ZOOMS = {"Zoom in or out": ("+", "-"), "The whole run": ("0",)}
"""How the visible part changes, and the keys that change it."""
NOTCHES = {Qt.Key.Key_Plus: 2.0, Qt.Key.Key_Minus: -2.0, Qt.Key.Key_0: -math.inf}
"""How many notches these keys zoom in."""
WALKS = {
    "One minibatch back or forward": ("Left", "Right"),
    "The key point before or after": ("Shift+Left", "Shift+Right"),
    "The edit or hit before or after": ("Ctrl+Left", "Ctrl+Right"),
    "The peak of the loss before or after": ("Shift+N", "N"),
    "The first moment of the run": ("Home",),
    "The live network": ("End",),
}
"""What is done, and the keys that do it."""


def walked(picture: TimelinePicture, key: int, held: Qt.KeyboardModifier) -> int | None:
    """The step that a key leads to, which may lie before the first or after the last; None if it leads nowhere."""
    held &= ~Qt.KeyboardModifier.KeypadModifier
    past, now = picture.past, picture.now
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        if held != Qt.KeyboardModifier.NoModifier:
            return None
        return 0 if key == Qt.Key.Key_Home else past.live
    if key == Qt.Key.Key_N and held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        peak = picture.peak_from(now, 1 if held == Qt.KeyboardModifier.NoModifier else -1)
        return now if peak is None else peak
    if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return None
    forward = key == Qt.Key.Key_Right
    if held == Qt.KeyboardModifier.NoModifier:
        return now + (1 if forward else -1)
    if held == Qt.KeyboardModifier.ShiftModifier:
        stops = past.key_points or tuple(range(0, past.live, max(past.epoch_length, 1)))
    elif held == Qt.KeyboardModifier.ControlModifier:
        stops = tuple(one.step for one in picture.marks)
    else:
        return None
    if forward:
        return min((one for one in stops if one > now), default=past.live)
    return max((one for one in stops if one < now), default=now if stops else 0)
