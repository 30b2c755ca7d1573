"""The origin of a pass: its images, its weights, and whether it is one of the trainer's own passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.score import Target
from convviz.plurals import counted
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.make_pass import make_pass, make_score_pass
from convviz.training.minibatch import Minibatch
from convviz.training.minibatch_images import trained_images
from convviz.training.stepping import Pass


class PassKind(StrEnum):
    """Origin of the images of a pass."""

    LAST = "last"
    NEXT = "next"
    ONE = "one"
    CHOSEN = "chosen"
    PAST = "past"
    """An earlier minibatch of the run, replayed."""
    PROBED = "probed"
    """What Probe computed: a score and its gradient, or a changed image."""

    @property
    def is_trained(self) -> bool:
        """Whether the pass is the trainer's own."""
        return self in (PassKind.LAST, PassKind.NEXT, PassKind.PAST)


@dataclass(frozen=True, slots=True, eq=False)
class PassSource:
    """Everything that a pass is made from.

    Parameters
    ----------
    kind : Kind
    design : Design
    arrays : mapping of str to ndarray
        The network before the pass: weights, optimiser state, running statistics, learning rate. What is missing has
        the value that it starts training with.
    split : str
        The part of the data set that contains the images: ``training``, ``test``.
    rows : tuple of int
        Their rows there, in the order of the pass.
    images : ndarray, ``(n, C, H, W)``
    labels : ndarray, ``(n,)``
    position : Position
        For a minibatch, the position of the run after it; otherwise the current position.
    after : mapping of str to ndarray, optional
        The network's arrays after training on these images; None if it has not been trained on them, or if unknown.
    class_names : tuple of str
        Names of the classes; classes without one are called by their number.
    as_testing : bool
        Whether layers behave as in testing: no dropout, running statistics in batch normalisation, no update. A
        minibatch is never passed like this.
    target : Target, optional
        A score that the pass ends in, with its gradient, in place of the loss.
    guided : bool
        Whether the ReLUs of such a pass let back only positive gradients.
    note : str
        What Probe made it for.
    shows : str
        The array, or the layer, whose numbers it was made for; empty for none in particular.
    shows_gradient : bool
        Whether it was made for the gradient of that array.
    shows_cell : tuple of int
        The cell that it was made for, of the image's numbers there; empty for none in particular.

    Raises
    ------
    DesignError
        The images do not fit the design.
    """

    kind: PassKind
    design: Design
    arrays: Mapping[str, Array]
    split: str
    rows: tuple[int, ...]
    images: Array
    labels: Array
    position: Position
    after: Mapping[str, Array] | None = None
    class_names: tuple[str, ...] = ()
    as_testing: bool = False
    target: Target | None = None
    guided: bool = False
    note: str = ""
    shows: str = ""
    shows_gradient: bool = False
    shows_cell: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        image = self.design.input
        wanted = (image.channels, image.height, image.width)
        if self.images.ndim != 4 or self.images.shape[1:] != wanted or not len(self.images):
            raise DesignError(f"{self.design.name}: expected images of {wanted}, got shape {self.images.shape}")
        if not len(self.rows) == len(self.labels) == len(self.images):
            raise DesignError(
                f"{self.design.name}: expected {counted(len(self.images), 'label')}, got {len(self.labels)}"
            )

    @classmethod
    def of_minibatch(
        cls, kind: PassKind, minibatch: Minibatch, train: Split, class_names: tuple[str, ...] = ()
    ) -> PassSource:
        """The source of the trainer's pass over a minibatch.

        Parameters
        ----------
        kind : Kind
            ``LAST``, ``NEXT`` or ``PAST``.
        minibatch : Minibatch
        train : Split
            The training images.
        class_names : tuple of str
        """
        rows = tuple(int(row) for row in minibatch.rows)
        return cls(
            kind,
            minibatch.design,
            minibatch.arrays,
            "training",
            rows,
            trained_images(minibatch.design, train, minibatch.rows, minibatch.position.step - 1),
            train.labels[minibatch.rows],
            minibatch.position,
            minibatch.after,
            class_names,
        )

    @property
    def number(self) -> int:
        """Number of the pass in the run, from 0: it decides the dropout masks."""
        return self.position.step - 1 if self.kind.is_trained else self.position.step

    @property
    def is_trained(self) -> bool:
        """Whether the pass, including its update, is the trainer's own."""
        return self.kind.is_trained

    def label(self, place: int) -> str:
        """Name of an image's class."""
        label = int(np.asarray(self.labels[place]))
        return self.class_names[label] if label < len(self.class_names) else str(label)

    def place_of(self, row: int) -> int:
        """Index in the pass of the image with this row; 0 if there is none."""
        return self.rows.index(row) if row in self.rows else 0

    def make(self, precision: npt.DTypeLike = np.float32) -> Pass:
        """The pass, ready to be stepped."""
        if self.target is not None:
            return make_score_pass(
                self.design,
                self.arrays,
                self.images,
                self.target,
                guided=self.guided,
                precision=precision,
                class_names=self.class_names,
            )
        return make_pass(
            self.design,
            self.arrays,
            self.images,
            self.labels,
            step=self.number,
            precision=precision,
            class_names=self.class_names,
            train=not self.as_testing,
        )
