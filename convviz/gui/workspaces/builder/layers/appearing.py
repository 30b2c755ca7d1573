"""Shows cards one after the other, a few in each turn of the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.turns import Turns

TURN = 0.002
"""Processor seconds of a turn, not counting the layout."""
TURNS = 110
"""Most turns in which the cards of a column appear."""


class Appearing(QObject):
    """Shows hidden cards of a column from top to bottom, while the window stays responsive.

    Parameters
    ----------
    in_sight : callable
        Returns how many cards can be in sight; these appear at once.
    show : callable
        Shows some cards, and makes the column as high as its cards at once, so that no card is ever seen squeezed.
    parent : QObject
    """

    def __init__(
        self, in_sight: Callable[[], int], show: Callable[[Sequence[QWidget]], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._in_sight, self._show = in_sight, show
        self._turns = Turns(self, TURN)

    @property
    def is_going(self) -> bool:
        """Whether cards have yet to appear."""
        return self._turns.is_going

    def begin(self, cards: Sequence[QWidget]) -> None:
        """Show the cards in sight now, and the others in the following turns of the event loop."""
        at_once = self._in_sight()
        self._show(cards[:at_once])
        left = [card for card in cards[at_once:] if card.isHidden()]
        if left:
            self._turns.start(self._shown(left))
        else:
            self._turns.stop()

    def finish(self) -> None:
        """Show all remaining cards now."""
        self._turns.finish()

    def hold(self, cards: Sequence[QWidget]) -> None:
        """Hide the cards that will be out of sight, while the column is hidden; call :meth:`begin` once it is shown."""
        self._turns.stop()
        for card in cards[self._in_sight() :]:
            card.hide()

    def _shown(self, cards: Sequence[QWidget]) -> Iterator[None]:
        # Laying out a column takes as long as it has cards: a deep network's would take a minute, one card at a time.
        some = 1 + len(cards) // TURNS
        for first in range(0, len(cards), some):
            self._show(cards[first : first + some])
            yield
