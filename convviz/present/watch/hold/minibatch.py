"""The images of a held minibatch, each with its share of the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.present.numbers import format_value
from convviz.present.watch.hold.look import HoldLook, Order, Seen
from convviz.present.words import counted


@dataclass(frozen=True, slots=True)
class ImageTile:
    """One image.

    Parameters
    ----------
    place : int
        Its place in the minibatch.
    row : int
        Of the training image.
    label, taken : str
        Its class, and the network's answer.
    is_wrong : bool
    loss : str
    share : float
        Of the loss of all; 0 where that is not a finite number.
    gradient : str
        Norm of the gradient of its own loss; empty where it is not known.
    """

    place: int
    row: int
    label: str
    taken: str
    is_wrong: bool
    loss: str
    share: float
    gradient: str = ""

    @property
    def sentence(self) -> str:
        """``Training image 42,193: label 5, taken for a 6, loss 62.17, 38.2 % of all``."""
        taken = f", taken for {self.taken}" if self.is_wrong else ""
        gradient = f", gradient norm {self.gradient}" if self.gradient else ""
        loss = f"loss {self.loss}, {percent(self.share)} of all"
        return f"Training image {self.row:,}: label {self.label}{taken}, {loss}{gradient}"


@dataclass(frozen=True, slots=True, eq=False)
class MinibatchPicture:
    """All images of the minibatch.

    Parameters
    ----------
    step : int
    images : ndarray, ``(n, C, H, W)``
        By place.
    tiles : tuple of ImageTile
        In the order in which they are shown.
    chosen : int
        Position of the chosen tile.
    order : Order
    caption : str
    """

    step: int
    images: Array
    tiles: tuple[ImageTile, ...]
    chosen: int
    order: Order
    caption: str


def minibatch_picture(look: HoldLook) -> MinibatchPicture | None:
    """The images of the minibatch; None while they are not known."""
    seen = look.seen
    if seen is None:
        return None
    predicted, shares = seen.predicted, loss_shares(seen)
    answered = seen.answered
    wrong = (predicted != seen.labels) | ~answered
    tiles = tuple(
        ImageTile(
            place,
            int(seen.rows[place]),
            look.name(int(seen.labels[place])),
            look.name(int(predicted[place])) if answered[place] else "NaN",
            bool(wrong[place]),
            format_value(float(seen.losses[place])),
            float(shares[place]),
            "" if look.gradients is None else format_value(float(look.gradients[place])),
        )
        for place in places_in(look, seen).tolist()
    )
    chosen = next(number for number, tile in enumerate(tiles) if tile.place == look.place)
    said = f"{counted(len(tiles), 'image')}, {int((wrong & answered).sum())} taken for another class"
    if not answered.all():
        said = f"{counted(len(tiles), 'image')}, {int((~answered).sum())} without an answer: their scores are NaN"
    if look.order is Order.GRADIENT:
        said += f" · {gradient_words(look)}"
    return MinibatchPicture(look.step, seen.images, tiles, chosen, look.order, said)


def gradient_words(look: HoldLook) -> str:
    """How the images are sorted, or why they can't be yet."""
    if look.no_gradients:
        return look.no_gradients
    if look.gradients is None:
        return "working out the gradient of each image …"
    return "below each: ‖gradient‖ of its own loss"


def places_in(look: HoldLook, seen: Seen) -> npt.NDArray[np.int64]:
    """Places of the images in the chosen order; by loss as long as their gradients are unknown."""
    if look.order is Order.DRAWN:
        return np.arange(len(seen.rows))
    if look.order is Order.LABEL:
        rank = np.empty(len(seen.rows), np.int64)
        rank[seen.worst_first] = np.arange(len(rank))
        return np.lexsort((rank, seen.labels))
    if look.order is Order.GRADIENT and look.gradients is not None:
        norms = np.asarray(look.gradients, np.float64)
        return np.argsort(-np.where(np.isnan(norms), np.inf, norms), kind="stable").astype(np.int64)
    return seen.worst_first


def loss_shares(seen: Seen) -> npt.NDArray[np.float64]:
    """Share of each image in the total loss, ``(n,)``; zeros if that is not finite, or 0."""
    losses = np.asarray(seen.losses, np.float64)
    total = losses.sum()
    return losses / total if np.isfinite(total) and total > 0 else np.zeros(len(losses))


def percent(share: float) -> str:
    """``38.2 %``, ``0.4 %``, ``< 0.1 %``."""
    return f"{100 * share:.1f} %" if share >= 0.001 or share == 0 else "< 0.1 %"
