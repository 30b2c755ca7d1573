"""The chosen image of a held minibatch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.present.numbers import format_value
from convviz.present.watch.hold.look import HoldLook
from convviz.present.watch.hold.minibatch import loss_shares, percent
from convviz.present.watch.look import Look


@dataclass(frozen=True, slots=True)
class Score:
    """A class and its probability; ``kind`` is ``label``, ``taken`` or empty."""

    name: str
    probability: float
    kind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HeldImagePicture:
    """One image in detail.

    Parameters
    ----------
    row : int
        Of the training image.
    title, about : str
    image : ndarray, ``(C, H, W)``
    scores : tuple of Score
        Every class, or the most probable ones of many.
    facts : tuple of (str, str)
    """

    row: int
    title: str
    about: str
    image: Array
    scores: tuple[Score, ...]
    facts: tuple[tuple[str, str], ...]


MOST_SCORES = 10


def held_image(look: Look) -> HeldImagePicture | None:
    """The chosen image; None while the page of a hold is not in front."""
    hold = look.hold
    return None if hold is None or not hold.is_open else image_of(hold)


def image_of(look: HoldLook) -> HeldImagePicture | None:
    """The chosen image of the minibatch; None while it is not known."""
    seen = look.seen
    if seen is None:
        return None
    place, images = look.place, len(seen.rows)
    label, taken = int(seen.labels[place]), int(seen.predicted[place])
    rank = int(np.flatnonzero(seen.worst_first == place)[0]) + 1
    which = "worst" if rank == 1 else f"{rank} by loss"
    about = f"{which} of {images} · label {look.name(label)}"
    if not seen.answered[place]:
        about += ", no answer"
    elif taken != label:
        about += f", taken for {look.name(taken)}"
    losses = np.asarray(seen.losses, np.float64)
    facts = [
        ("its loss", format_value(losses[place])),
        ("share of the loss", percent(float(loss_shares(seen)[place])) if np.isfinite(losses).all() else "–"),
        ("loss of all", format_value(seen.loss)),
    ]
    if images > 1:
        facts.append(("loss without it", format_value(np.delete(losses, place).mean())))
    if look.gradients is not None:
        facts.append(("‖gradient‖ of its loss", format_value(float(look.gradients[place]))))
    if look.without is not None and images > 1:
        facts.append(("‖gradient‖ of all", format_value(look.gradient)))
        facts.append(("‖gradient‖ without it", format_value(float(look.without[place]))))
    return HeldImagePicture(
        int(seen.rows[place]),
        f"Training image {int(seen.rows[place]):,}",
        about,
        seen.images[place],
        scores_of(look, seen.probabilities[place], label, taken if seen.answered[place] else -1),
        tuple(facts),
    )


def scores_of(look: HoldLook, probabilities: Array, label: int, taken: int) -> tuple[Score, ...]:
    """Every class with its probability; of many only the most probable ones and the image's own."""
    classes = np.arange(len(probabilities))
    if len(classes) > MOST_SCORES:
        best = np.argsort(-probabilities, kind="stable")[:MOST_SCORES].tolist()
        classes = np.array(best if label in best else [*best[:-1], label])
    kinds = {taken: "taken", label: "label"}
    return tuple(Score(look.name(one), float(probabilities[one]), kinds.get(one, "")) for one in classes.tolist())
