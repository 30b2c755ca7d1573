"""Says on stderr when a run learns nothing: many silent filters, or a loss that is no better than guessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.core.design import Design
    from convviz.training.events import EpochDone
    from convviz.training.layer_measures import LayerMeasures


class Trouble:
    """Reports each problem after the epoch in which it first appears, and again at the end if it is still there.

    Parameters
    ----------
    say : callable
        Prints a line.
    design : Design
    """

    def __init__(self, say: Callable[[str], object], design: Design) -> None:
        self._say, self._design = say, design
        self._now: dict[str, str] = {}
        self._first: dict[str, int] = {}
        """Problem → the epoch after which it was first reported."""
        self._epoch = 0

    def epoch_done(self, event: EpochDone) -> None:
        """Judge the loss of an epoch."""
        from convviz.present.trouble import no_better_than_guessing

        self._epoch = event.position.epoch
        sentence = no_better_than_guessing(event.train_loss, self._design.classes, self._design.training)
        self._now = {"loss": sentence} if sentence else {}
        self._say_new()

    def layers_judged(self, measures: tuple[LayerMeasures, ...], images: str) -> None:
        """Judge the layers after the same epoch."""
        from convviz.present.trouble import silent_layers

        self._now |= silent_layers(self._design, measures, images)
        self._say_new()

    def end(self) -> None:
        """Report again the problems that were reported after an earlier epoch and are still there."""
        for key, sentence in self._now.items():
            if self._first[key] < self._epoch:
                self._say(f"at the end, {sentence}")

    def _say_new(self) -> None:
        for key, sentence in self._now.items():
            if key not in self._first:
                self._first[key] = self._epoch
                self._say(f"after epoch {self._epoch}, {sentence}")
