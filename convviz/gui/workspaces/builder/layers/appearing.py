"""Shows cards one after the other, some of them in each turn of the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

TURN = 0.006
"""Processor seconds of a turn; the layout comes on top of them."""


class Appearing(QObject):
    """Lets hidden cards of a column appear from top to bottom, without keeping the window from answering.

    Parameters
    ----------
    in_sight : callable
        How many cards can be in sight: they appear at once.
    parent : QObject
    """

    def __init__(self, in_sight: Callable[[], int], parent: QObject) -> None:
        super().__init__(parent)
        self._in_sight = in_sight
        self._left: list[QWidget] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_going(self) -> bool:
        """Whether cards have yet to appear."""
        return bool(self._left)

    def begin(self, cards: Sequence[QWidget]) -> None:
        """Show those in sight now, and the others in turns from now on."""
        at_once = self._in_sight()
        for card in cards[:at_once]:
            card.show()
        self._left = [card for card in cards[at_once:] if card.isHidden()]
        if self._left:
            self._timer.start(0)
        else:
            self._timer.stop()

    def finish(self) -> None:
        """Show all that are left now."""
        self._timer.stop()
        for card in self._left:
            card.show()
        self._left.clear()

    def hold(self, cards: Sequence[QWidget]) -> None:
        """Hide the cards out of sight, because all of them are hidden: :meth:`begin` is called when they are not."""
        self._timer.stop()
        self._left.clear()
        for card in cards[self._in_sight() :]:
            card.hide()

    @Slot()
    def _go_on(self) -> None:
        end = time.thread_time() + TURN
        while self._left and time.thread_time() < end:
            self._left.pop(0).show()
        if not self._left:
            self._timer.stop()
