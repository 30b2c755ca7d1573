"""What is known about a minibatch that is held before its update; more becomes known while it is analysed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array


class Seen(Protocol):
    """The images of the minibatch, and the network's answers."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Rows of the training images, ``(n,)``."""

    @property
    def images(self) -> Array:
        """``(n, C, H, W)``, as they are trained on."""

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """``(n,)``"""

    @property
    def probabilities(self) -> Array:
        """``(n, classes)``"""

    @property
    def losses(self) -> Array:
        """``(n,)``"""

    @property
    def loss(self) -> float:
        """The trainer's mean."""

    @property
    def error(self) -> Exception | None:
        """Where NaN or infinity arose."""

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """``(n,)``"""

    @property
    def answered(self) -> npt.NDArray[np.bool_]:
        """``(n,)``"""

    @property
    def worst_first(self) -> npt.NDArray[np.int64]:
        """Places by loss, the largest first."""


class LayerMoved(Protocol):
    """How far the update would move a layer."""

    @property
    def layer(self) -> str:
        """Its name."""

    @property
    def weight_norm(self) -> float:
        """‖W‖"""

    @property
    def gradient_norm(self) -> float:
        """‖dW‖"""

    @property
    def update_norm(self) -> float:
        """‖ΔW‖"""

    @property
    def ratio(self) -> float:
        """‖ΔW‖ / ‖W‖"""


class Updated(Protocol):
    """What the update would do."""

    @property
    def layers(self) -> Sequence[LayerMoved]:
        """In the order of the design."""

    @property
    def gradients(self) -> Mapping[str, Array]:
        """Layer → gradient of its main parameter."""

    @property
    def loss_after(self) -> float:
        """Of the same minibatch."""


class UsualNumbers(Protocol):
    """Usual values, from the minibatches before."""

    @property
    def count(self) -> int:
        """Minibatches."""

    @property
    def gradients(self) -> Mapping[str, float]:
        """Layer → mean ‖dW‖."""


class Order(StrEnum):
    """Which image comes first."""

    LOSS = "loss"
    GRADIENT = "gradient"
    LABEL = "label"
    DRAWN = "order drawn"


@dataclass(frozen=True, slots=True, eq=False)
class HoldLook:
    """A held minibatch; fields that are None are still being computed.

    Parameters
    ----------
    step : int
        Number of the minibatch, from 1.
    settings : str
        ``lr 0.1, momentum 0.9``.
    seen : Seen, optional
    update : Updated, optional
    usual : Usual, optional
    tested : (float, float, int), optional
        Loss of the first test images before and after the update, and their number.
    problem : str
        Why it can't be analysed; empty if it can.
    no_usual : str
        Why the usual values are unknown.
    chosen : int
        Row of the chosen training image; -1 for the worst.
    order : Order
    limit : float
        Loss above which training was to hold; NaN if it holds for another reason.
    is_open : bool
        Whether the page is in front, and not the network.
    gradients : ndarray of float64, ``(n,)``, optional
        Norm of the gradient of each image's own loss; computed when images are sorted by it.
    without : ndarray of float64, ``(n,)``, optional
        Norm of the gradient of the minibatch without each image; known when ``gradients`` are.
    gradient : float
        Norm of the gradient of the minibatch; NaN as long as those are not known.
    no_gradients : str
        Why they are not known.
    sentence : str
        The hit, for a past one.
    is_past : bool
        It was held or marked in the past, and is replayed from the recording.
    can_step : bool
        Whether its pass can be stepped.
    """

    step: int
    settings: str = ""
    seen: Seen | None = None
    update: Updated | None = None
    usual: UsualNumbers | None = None
    tested: tuple[float, float, int] | None = None
    problem: str = ""
    no_usual: str = ""
    chosen: int = -1
    order: Order = Order.LOSS
    limit: float = math.nan
    is_open: bool = True
    class_names: tuple[str, ...] = field(default=())
    gradients: Array | None = None
    without: Array | None = None
    gradient: float = math.nan
    no_gradients: str = ""
    sentence: str = ""
    is_past: bool = False
    can_step: bool = True

    @property
    def place(self) -> int:
        """Place of the chosen image in the minibatch: the worst one unless another was chosen."""
        if self.seen is None:
            return 0
        found = np.flatnonzero(self.seen.rows == self.chosen)
        return int(found[0] if len(found) else self.seen.worst_first[0])

    def name(self, label: int) -> str:
        """Name of a class."""
        return self.class_names[label] if label < len(self.class_names) else str(label)
