"""What a pass is made from: which images, which weights, and whether it is one that training makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.make_pass import make_pass
from convviz.training.minibatch import Minibatch
from convviz.training.stepping import Pass


class Kind(StrEnum):
    """Where the images of a pass come from."""

    LAST = "last"
    NEXT = "next"
    ONE = "one"
    CHOSEN = "chosen"

    @property
    def is_trained(self) -> bool:
        """Whether the pass is the trainer's own."""
        return self in (Kind.LAST, Kind.NEXT)


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
        What the images are of: ``training``, ``test``.
    rows : tuple of int
        Their rows there, in the order of the pass.
    images : ndarray, ``(n, C, H, W)``
    labels : ndarray, ``(n,)``
    position : Position
        Of a minibatch, where the run is once it is done; else where the run is now.
    after : mapping of str to ndarray, optional
        What training made of the network with these images; None where it has not, or where that is not known.
    class_names : tuple of str
        What the classes are called; their numbers where it is shorter.

    Raises
    ------
    DesignError
        The images do not fit the design.
    """

    kind: Kind
    design: Design
    arrays: Mapping[str, Array]
    split: str
    rows: tuple[int, ...]
    images: Array
    labels: Array
    position: Position
    after: Mapping[str, Array] | None = None
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        image = self.design.input
        wanted = (image.channels, image.height, image.width)
        if self.images.ndim != 4 or self.images.shape[1:] != wanted or not len(self.images):
            raise DesignError(f"{self.design.name}: expected images of {wanted}, got shape {self.images.shape}")
        if not len(self.rows) == len(self.labels) == len(self.images):
            raise DesignError(f"{self.design.name}: expected {len(self.images)} labels, got {len(self.labels)}")

    @classmethod
    def of_minibatch(
        cls, kind: Kind, minibatch: Minibatch, train: Split, class_names: tuple[str, ...] = ()
    ) -> PassSource:
        """The pass that training makes of a minibatch.

        Parameters
        ----------
        kind : Kind
            ``LAST`` or ``NEXT``.
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
            train.images[minibatch.rows],
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
        """Whether the pass is the trainer's own, and so its update one that training makes."""
        return self.kind.is_trained

    def label(self, place: int) -> str:
        """What the class of an image is called."""
        label = int(np.asarray(self.labels[place]))
        return self.class_names[label] if label < len(self.class_names) else str(label)

    def place_of(self, row: int) -> int:
        """Which image of the pass has a row; the first where none has."""
        return self.rows.index(row) if row in self.rows else 0

    def make(self, precision: npt.DTypeLike = np.float32) -> Pass:
        """The pass, ready to be stepped."""
        return make_pass(
            self.design,
            self.arrays,
            self.images,
            self.labels,
            step=self.number,
            precision=precision,
            class_names=self.class_names,
        )
