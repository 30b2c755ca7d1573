"""Cards that show no layer at present: those of removed layers, and some made in advance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from convviz.gui.workspaces.builder.layers.layer_card import LayerCard

MOST = 96
"""Largest number of cards kept: enough for any preset (about 60) and for a deep network that was closed."""


class SpareCards(QObject):
    """Keeps cards for later layers, because making a card takes four times as long as showing another layer in it.

    Parameters
    ----------
    make : callable
        Makes a card for a layer.
    parent : QObject
    """

    def __init__(self, make: Callable[[msgspec.Struct], LayerCard], parent: QObject) -> None:
        super().__init__(parent)
        self._make = make
        self._cards: list[LayerCard] = []
        self._coming: list[msgspec.Struct] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._make_next)

    @property
    def cards(self) -> tuple[LayerCard, ...]:
        """The cards that are kept."""
        return tuple(self._cards)

    def __len__(self) -> int:
        return len(self._cards)

    @property
    def is_preparing(self) -> bool:
        """Whether cards are still being made in advance."""
        return self._timer.isActive()

    def prepare(self, designs: Sequence[Sequence[msgspec.Struct]], shown: Sequence[LayerCard]) -> None:
        """Make the cards that any of these designs would need beyond the shown ones, one per idle turn."""
        there = Counter(card.kind for card in (*self._cards, *shown))
        most: dict[type[msgspec.Struct], list[msgspec.Struct]] = {}
        for layers in designs:
            for kind in {type(layer) for layer in layers}:
                same = [layer for layer in layers if type(layer) is kind]
                most[kind] = max(most.get(kind, []), same, key=len)
        self._coming = [layer for kind, same in most.items() for layer in same[there[kind] :]]
        self._timer.start(0)

    def take(self, layer: msgspec.Struct) -> LayerCard | None:
        """Take out a card of the layer's kind; None if there is none."""
        found = next((card for card in self._cards if card.kind is type(layer)), None)
        if found is not None:
            self._cards.remove(found)
        return found

    def put(self, card: LayerCard) -> None:
        """Keep a card that is no longer needed, unless there are enough or it holds an invalid text."""
        card.hide()
        if len(self._cards) >= MOST or not card.clear():
            card.deleteLater()
        else:
            self._cards.append(card)

    def _make_next(self) -> None:
        if not self._coming or len(self._cards) >= MOST:
            self._timer.stop()
            return
        card = self._make(self._coming.pop(0))
        polish(card)
        self.put(card)


def polish(card: LayerCard) -> None:
    """Give a card and all in it their style now: otherwise many would get it at once, when they are shown."""
    for widget in (card, *card.findChildren(QWidget)):
        widget.ensurePolished()
