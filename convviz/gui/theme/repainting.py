"""Holds back the painting of windows while they change, then paints them in several turns of the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from convviz.gui.theme.held_painting import TURN, HeldPainting


class Repainting:
    """Keeps windows as they are on the screen, and later paints them piece by piece.

    Qt itself would paint the whole window in one turn once updates are enabled again: 50 ms with 700 widgets in sight.
    """

    def __init__(self) -> None:
        self._held: list[QWidget] = []
        self._left: Iterator[None] | None = None
        """The rest of the painting, while it is under way."""
        self._under_way: HeldPainting | None = None

    def hold(self, windows: Iterable[QWidget]) -> None:
        """Stop painting these windows, those that are visible, until :meth:`paint`."""
        self._left = None
        if self._under_way is not None and isValid(self._under_way):
            self._under_way.start()  # a window that is hidden by now won't be among these
        for one in windows:
            if one.isVisible() and one.updatesEnabled():
                one.setUpdatesEnabled(False)
                self._held.append(one)

    def paint(self, seconds: float = TURN) -> bool:
        """Paint the held windows for this many processor seconds, at least one piece; return whether all is painted."""
        end = time.thread_time() + seconds
        left = self._left = self._painting() if self._left is None else self._left
        for _ in left:
            if time.thread_time() >= end:
                return False
        self._left = None
        return True

    def _painting(self) -> Iterator[None]:
        """Release the windows and paint them, a little before each yield."""
        yield
        while self._held:
            window = self._held.pop(0)
            if not isValid(window):
                continue
            painting = self._under_way = HeldPainting.of(window)
            painting.divide(window)
            window.setUpdatesEnabled(True)  # Qt asks for all of it at once
            yield
            while isValid(painting) and not painting.paint(0.0):
                yield
