"""Makes the cards of a large design in turns, so that the page is there at once and the window answers meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
from PySide6.QtCore import QObject, Qt

from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.turns import Turns
from convviz.gui.workspaces.builder.layers.layer_card import LayerCard
from convviz.present.words import counted

MOST = 64
"""Largest number of cards that are made at once: what the presets need, and designs that are edited by hand."""


class Filling(QObject):
    """Makes the cards that a list still lacks, one after the other, and says so below those that are there.

    Parameters
    ----------
    append : callable
        Makes the card of the layer with a number.
    filled : callable
        Returns what is to be done once all are made, in pieces.
    parent : QObject

    Attributes
    ----------
    note : Caption
        Says how many layers are being laid out; hidden while none are.
    begun_at : int
        Number of the first layer whose card was not there when this began, until all are there.
    """

    def __init__(self, append: Callable[[int], None], filled: Callable[[], Iterator[None]], parent: QObject) -> None:
        super().__init__(parent)
        self._append, self._when_filled = append, filled
        self._turns = Turns(self)
        self.begun_at = 0
        self.note = Caption("")
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setContentsMargins(0, 12, 0, 12)
        self.note.hide()

    @property
    def is_going(self) -> bool:
        """Whether cards are still to be made."""
        return self._turns.is_going

    def at_once(
        self,
        layers: Sequence[msgspec.Struct],
        kept: Sequence[LayerCard | None],
        there: Sequence[LayerCard],
    ) -> tuple[Sequence[msgspec.Struct], Sequence[LayerCard | None]]:
        """The first layers, with their cards or None, that can be shown at once; all of them unless many cards lack.

        Parameters
        ----------
        layers : sequence of Struct
        kept : sequence of LayerCard or None
            For each layer the card that shows it already.
        there : sequence of LayerCard
            All cards that there are.
        """
        staying = set(kept)
        spare = Counter(card.kind for card in there if card not in staying)
        lacking: list[int] = []
        for number, (layer, card) in enumerate(zip(layers, kept, strict=True)):
            if card is None:
                spare[type(layer)] -= 1
                if spare[type(layer)] < 0:
                    lacking.append(number)
        if len(lacking) <= MOST:
            return layers, kept
        return layers[: lacking[0]], kept[: lacking[0]]

    def begin(self, made: int, wanted: int) -> None:
        """Make the cards of the layers from number ``made`` on; nothing if none lack."""
        self.begun_at = made
        if made < wanted:
            self.note.setText(f"Laying out {counted(wanted, 'layer')} …")
            self.note.show()
            self._turns.start(self._made(made, wanted))

    def stop(self) -> None:
        """Make no more cards."""
        self._turns.stop()
        self.note.hide()

    def _made(self, made: int, wanted: int) -> Iterator[None]:
        for number in range(made, wanted):
            self._append(number)
            yield
        self.begun_at = wanted
        self.note.hide()
        yield from self._when_filled()
