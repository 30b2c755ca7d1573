"""A held minibatch, run again on a separate network, so that the run does not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import NonFiniteError
from convviz.core.lower import LABELS, LOSSES, PROBABILITIES
from convviz.core.network import Network
from convviz.files.cancel import Cancelled, go_on
from convviz.training.images import Images, Split
from convviz.training.layer_measures import main_parameter
from convviz.training.minibatch import Minibatch
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass
from convviz.training.trainer import Trainer
from convviz.training.update_preview import LayerUpdate, layer_updates


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchSeen:
    """The images of a minibatch, and the network's answers before the update.

    Parameters
    ----------
    step : int
        Number of the minibatch, from 1.
    rows : ndarray of int64, ``(n,)``
        Rows of the training images.
    images : ndarray of float32, ``(n, C, H, W)``
        As they are trained on: augmented, where the design says so.
    labels : ndarray of int64, ``(n,)``
    probabilities : ndarray, ``(n, classes)``
    losses : ndarray, ``(n,)``
        Of each image, from the pass that Step goes through.
    loss : float
        The trainer's own mean.
    error : NonFiniteError, optional
        Where NaN or infinity arose: there is no update then.
    """

    step: int
    rows: npt.NDArray[np.int64]
    images: Images
    labels: npt.NDArray[np.int64]
    probabilities: Array
    losses: Array
    loss: float
    error: NonFiniteError | None = None

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The most probable class of each image, ``(n,)``; the first one of a tie."""
        found: npt.NDArray[np.int64] = self.probabilities.argmax(axis=1).astype(np.int64)
        return found

    @property
    def answered(self) -> npt.NDArray[np.bool_]:
        """Whether each image has an answer, ``(n,)``: none of its scores is NaN."""
        found: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(self.probabilities), axis=1)
        return found

    @property
    def worst_first(self) -> npt.NDArray[np.int64]:
        """Places of the images by their loss, the largest first; what is not a number comes before all others."""
        losses = np.asarray(self.losses, np.float64)
        found: npt.NDArray[np.int64] = np.argsort(-np.where(np.isnan(losses), np.inf, losses), kind="stable")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class UpdateSeen:
    """What the update would do.

    Parameters
    ----------
    layers : tuple of LayerUpdate
        In the order of the design.
    gradients : mapping of str to ndarray
        Layer → gradient of its main parameter.
    loss_after : float
        Loss of the same minibatch, with the same dropout masks, after the update.
    """

    layers: tuple[LayerUpdate, ...]
    gradients: dict[str, Array]
    loss_after: float


class Rehearsal:
    """Runs the trainer's own kernels on copies.

    Used by one thread; a context manager, which ends the threads of its trainer.

    Parameters
    ----------
    minibatch : Minibatch
    train, test : Split
        The images of the run.
    threads : int
        The result is the same with any number.
    """

    def __init__(self, minibatch: Minibatch, train: Split, test: Split, *, threads: int = 2) -> None:
        self._minibatch = minibatch
        precision = next(iter(minibatch.arrays.values())).dtype
        network = Network(minibatch.design, precision=precision, weights=minibatch.arrays)
        self._trainer = Trainer(minibatch.design, train, test, network=network, threads=threads)

    def __enter__(self) -> Rehearsal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._trainer.close()

    @cached_property
    def stepped(self) -> Pass:
        """The same pass with all arrays, to be stepped."""
        return PassSource.of_minibatch(PassKind.NEXT, self._minibatch, self._trainer.train).make()

    def minibatch(self) -> MinibatchSeen:
        """The pass before the update."""
        self._restore()
        done = self._trainer.pass_over(self._minibatch)
        probabilities = done.plan[PROBABILITIES].copy()
        source = PassSource.of_minibatch(PassKind.NEXT, self._minibatch, self._trainer.train)
        return MinibatchSeen(
            done.position.step,
            self._minibatch.rows,
            source.images,
            np.asarray(self.stepped.array(LABELS), np.int64),
            probabilities,
            np.array(self.stepped.array(LOSSES)),
            done.loss,
            done.error,
        )

    def update(self) -> UpdateSeen:
        """The update, and the loss after it."""
        self._restore()
        arrays, before = self._trainer.network.arrays, self._minibatch.arrays
        done = self._trainer.pass_over(self._minibatch)
        gradients = {name: gradient.copy() for name, gradient in done.gradients().items()}
        done.plan.update()
        layers = layer_updates(self._minibatch.design, before, gradients, arrays)
        main = {one.layer: gradients[main_parameter(one.layer, before)] for one in layers}
        return UpdateSeen(layers, main, self._trainer.pass_over(self._minibatch).loss)

    def test_losses(self, count: int, cancelled: Cancelled | None = None) -> tuple[float, float]:
        """Mean loss of the first ``count`` test images, before and after the update.

        Raises
        ------
        LoadCancelledError
            ``cancelled`` said yes.
        """
        images = self._trainer.test.first(min(count, len(self._trainer.test)))
        self._restore()
        before = self._evaluated(images, cancelled)
        self._trainer.pass_over(self._minibatch).plan.update()
        return before, self._evaluated(images, cancelled)

    def _evaluated(self, images: Split, cancelled: Cancelled | None) -> float:
        evaluating = self._trainer.evaluate(images, "test")
        while True:
            go_on(cancelled)
            try:
                next(evaluating)
            except StopIteration as end:
                loss, _ = end.value
                return float(loss)

    def _restore(self) -> None:
        """Restore the weights before the update."""
        for name, array in self._minibatch.arrays.items():
            self._trainer.network.arrays[name][...] = array
