"""What the pictures need to know of a network at one moment; the trainer's snapshot has this form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.program import Program
from convviz.present.layer_moment import Measures


class Scores(Protocol):
    """What a network answers to several images."""

    @property
    def step(self) -> int:
        """Minibatches done."""

    @property
    def places(self) -> Sequence[tuple[str, int]]:
        """Split and row of each image."""

    @property
    def images(self) -> npt.NDArray[np.float32]:
        """``(n, C, H, W)``."""

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """``(n,)``."""

    @property
    def probabilities(self) -> Array:
        """``(n, classes)``."""


class Moment(Protocol):
    """One image's way through a network."""

    @property
    def design(self) -> Design:
        """The network."""

    @property
    def program(self) -> Program:
        """The pass that was run, for one image."""

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Every array of the pass, in stored form."""

    @property
    def gradients(self) -> Mapping[str, Array]:
        """Parameter → gradient in the last minibatch."""

    @property
    def changes(self) -> Mapping[str, Array]:
        """Main parameter of the watched layer → its change by the last update; empty if not known."""

    @property
    def starts(self) -> Mapping[str, Array]:
        """Main parameters when the run began; empty if not known."""

    @property
    def step(self) -> int:
        """Minibatches done."""

    @property
    def sample(self) -> int:
        """Row of the image."""

    @property
    def label(self) -> int:
        """Class of the image."""

    @property
    def measures(self) -> Sequence[Measures]:
        """The newest measures of the layers; empty if there are none."""

    @property
    def silent(self) -> Mapping[str, tuple[int, ...]]:
        """Layer → numbers of its units that are 0 for all judged images."""

    @property
    def measured(self) -> int:
        """Step of the measures; that of the moment if there are none."""

    @property
    def judged(self) -> int:
        """Step at which silent units were counted, :attr:`measured` or earlier."""

    @property
    def scores(self) -> Scores | None:
        """The answers to further images; None if none were asked for."""

    def logical(self, name: str) -> Array:
        """An array in its logical shape."""


def sureness(design: Design) -> str:
    """What softmax gives a class: a probability, or only a share of the scores where the loss is of the scores."""
    return "probability" if design.training.loss == "cross-entropy" else "share"
