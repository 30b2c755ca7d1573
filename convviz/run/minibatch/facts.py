"""What conditions and pins ask about a minibatch, computed when first asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.lower import LABELS, LOSSES, PROBABILITIES
from convviz.run.minibatch.names import Names, names_of
from convviz.training.images import Split
from convviz.training.layer_measures import norm
from convviz.training.pass_done import PassDone
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.snapshot import take_snapshot
from convviz.training.stepping import Pass
from convviz.training.trainer import Trainer
from convviz.training.update_preview import LayerUpdate, layer_updates, updated

Watched = Callable[[], tuple[str, int]]
"""Returns the split and the row of the watched image."""


def first_test_image() -> tuple[str, int]:
    """The image that is watched unless another one is chosen."""
    return "test", 0


class Facts:
    """Facts about a minibatch before its update.

    Parameters
    ----------
    trainer : Trainer
    done : PassDone
    recent : sequence of float
        Losses of the minibatches before, at most 50.
    watched : callable
    """

    def __init__(self, trainer: Trainer, done: PassDone, recent: Sequence[float], watched: Watched) -> None:
        self.done = done
        self.recent = np.asarray([loss for loss in recent if math.isfinite(loss)])
        self._trainer = trainer
        self._watched = watched

    @property
    def step(self) -> int:
        """Number of the minibatch, from 1."""
        return self.done.position.step

    @cached_property
    def gradient_norm(self) -> float:
        """Norm of the gradient of all parameters."""
        return math.hypot(*(norm(gradient) for gradient in self.done.gradients().values()))

    @cached_property
    def updates(self) -> tuple[LayerUpdate, ...]:
        """What the update would do to every layer with weights, in the order of the design."""
        arrays, gradients = self._trainer.network.arrays, self.done.gradients()
        return layer_updates(self._trainer.design, arrays, gradients, self._after)

    @cached_property
    def stepped(self) -> Pass:
        """The same pass, to be stepped: it has all arrays."""
        coming = self._trainer.upcoming()
        assert coming is not None
        return PassSource.of_minibatch(PassKind.NEXT, coming, self._trainer.train).make()

    @cached_property
    def losses(self) -> Array:
        """The loss of every image of the minibatch, ``(n,)``."""
        return self.stepped.array(LOSSES)

    @property
    def labels(self) -> Array:
        """``(n,)``"""
        return self.stepped.array(LABELS)

    @property
    def predicted(self) -> Array:
        """The class with the largest probability for every image, ``(n,)``."""
        found: Array = self.done.plan[PROBABILITIES].argmax(axis=1)
        return found

    def class_of(self, row: int | None) -> tuple[str, int, int]:
        """Split, row and class of a test image, or of the image that is watched."""
        split, row = self._watched() if row is None else ("test", row)
        images: Split = self._trainer.test if split == "test" else self._trainer.train
        taken = take_snapshot(self._trainer.network, images, split, row, self._trainer.position)
        return split, taken.sample, int(taken.arrays[PROBABILITIES][0].argmax())

    def shape_of(self, name: str) -> Shape:
        """The shape of what a name in an expression means.

        Raises
        ------
        KeyError
        """
        return self._names.shape_of(name)

    def find(self, name: str) -> Array:
        """What a name in an expression means, in its logical shape.

        Parameters, gradients and numbers of the run are at hand. What else there is in a pass is made by a pass of its
        own, once for all expressions.
        """
        known = self._names.resolve(name)
        if known in self._numbers:
            return np.asarray(self._numbers[known]())
        program = self.done.plan.program
        new = {after: before for before, after in program.updates.items()}
        if known in self._trainer.network.arrays:
            array = self._trainer.network.arrays[known]
        elif known in program.gradients.values():
            array = self.done.plan[known]
        elif known in new and new[known] in self._after:
            array = self._after[new[known]]
        else:
            return self.stepped.array(known)
        return program.arrays[known].logical(array)

    @property
    def _numbers(self) -> dict[str, Callable[[], float]]:
        done = self.done
        return {
            "loss": lambda: done.loss,
            "accuracy": lambda: done.accuracy,
            "step": lambda: done.position.step,
            "epoch": lambda: done.position.epoch,
            "gradient_norm": lambda: self.gradient_norm,
        }

    @cached_property
    def _names(self) -> Names:
        return names_of(self._trainer.design, len(self.done.rows))

    @cached_property
    def _after(self) -> dict[str, Array]:
        return updated(self._trainer.network, self.done)
