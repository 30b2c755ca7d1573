"""Shows cards one after the other, some of them in each turn of the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.turns import Turns

TURN = 0.002
"""Processor seconds of a turn; the layout comes on top of them."""


class Appearing(QObject):
    """Lets hidden cards of a column appear from top to bottom, without keeping the window from answering.

    Parameters
    ----------
    in_sight : callable
        How many cards can be in sight: they appear at once.
    make_room : callable
        Makes the column as high as its cards, now, so that none is ever seen squeezed.
    parent : QObject
    """

    def __init__(self, in_sight: Callable[[], int], make_room: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._in_sight, self._make_room = in_sight, make_room
        self._turns = Turns(self, TURN)

    @property
    def is_going(self) -> bool:
        """Whether cards have yet to appear."""
        return self._turns.is_going

    def begin(self, cards: Sequence[QWidget]) -> None:
        """Show those in sight now, and the others in turns from now on."""
        at_once = self._in_sight()
        for card in cards[:at_once]:
            card.show()
        self._make_room()
        left = [card for card in cards[at_once:] if card.isHidden()]
        if left:
            self._turns.start(self._shown(left))
        else:
            self._turns.stop()

    def finish(self) -> None:
        """Show all that are left now."""
        self._turns.finish()

    def hold(self, cards: Sequence[QWidget]) -> None:
        """Hide the cards out of sight, because all of them are hidden: :meth:`begin` is called when they are not."""
        self._turns.stop()
        for card in cards[self._in_sight() :]:
            card.hide()

    def _shown(self, cards: Sequence[QWidget]) -> Iterator[None]:
        for card in cards:
            card.show()
            self._make_room()
            yield
