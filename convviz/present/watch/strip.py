"""Several watched images in a strip, each with its label, the network's answer and their probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from convviz.present.moment import sureness
from convviz.present.watch.strip_choice import MOST, Place, StripChoice, StripKind
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.present.watch.look import Look

EMPTY = {
    StripKind.WORST: "The worst test images are known after the first epoch.",
    StripKind.RANDOM: "There are no images.",
    StripKind.CHOSEN: "Watch an image, then keep it here with the pin.",
}
LATER = "The worst test images are known after the next epoch."


@dataclass(frozen=True, slots=True, eq=False)
class StripTile:
    """One image.

    Parameters
    ----------
    place : (str, int)
        Split and row.
    pixels : ndarray of float32, ``(C, H, W)``
    label, answer : str
        Names of its class, and of the most probable one.
    of_label, of_answer : float
        Their probabilities.
    is_right : bool
    noun : str
        Name of these numbers: if the loss is of the scores, they are only shares of softmax.
    """

    place: Place
    pixels: npt.NDArray[np.float32]
    label: str
    answer: str
    of_label: float
    of_answer: float
    is_right: bool
    noun: str = "probability"

    @property
    def says(self) -> str:
        """The whole sentence."""
        split, row = self.place
        shown = f"{split} image {row:,}, label {self.label}"
        if self.is_right:
            return f"{shown}: right, with {self.noun} {self.of_label:.3f}"
        return f"{shown}: taken for {self.answer} ({self.of_answer:.3f}), {self.label} has {self.of_label:.3f}"


@dataclass(frozen=True, slots=True, eq=False)
class StripPicture:
    """The strip at one moment.

    Parameters
    ----------
    choice : StripChoice
    tiles : tuple of StripTile
    watched : (str, int)
        Split and row of the watched image.
    note : str
        Which images they are, or why there are none.
    key : object
        Equal pictures have equal keys.
    """

    choice: StripChoice = field(default_factory=StripChoice)
    tiles: tuple[StripTile, ...] = ()
    watched: Place = ("test", 0)
    note: str = ""
    key: object = None

    @property
    def is_kept(self) -> bool:
        """Whether the watched image is among the chosen."""
        return self.watched in self.choice.chosen


def strip_places(look: Look) -> tuple[Place, ...]:
    """Split and row of the images that the strip wants."""
    split = look.watched.split if look.images.get(look.watched.split, 0) else "test"
    return look.strip.places(look.history.worst, split, look.images)


def strip_picture(look: Look) -> StripPicture:
    """The strip, with the images whose answers are known."""
    moment, choice = look.moment, look.strip
    wanted = strip_places(look)
    watched = look.watched.image
    scores = moment.scores if moment is not None else None
    if moment is None or scores is None or not wanted:
        note = EMPTY[choice.kind] if not wanted else ""
        if note and choice.kind is StripKind.WORST and len(look.history.epochs):
            note = LATER  # the run was opened, and its file does not have the worst images of its epochs
        return StripPicture(choice, (), watched, note, (choice, watched, wanted))
    answers = scores.probabilities.argmax(axis=1)
    tiles = tuple(
        StripTile(
            place,
            scores.images[n],
            look.class_name(int(scores.labels[n])),
            look.class_name(int(answers[n])),
            float(scores.probabilities[n, scores.labels[n]]),
            float(scores.probabilities[n, answers[n]]),
            bool(answers[n] == scores.labels[n]),
            sureness(moment.design),
        )
        for n, place in enumerate(scores.places[:MOST])
    )
    wrong = sum(not tile.is_right for tile in tiles)
    note = f"{_which(look)}: {wrong} of {len(tiles)} wrong"
    if scores.step != moment.step:
        note += f" at step {scores.step:,}"
    return StripPicture(choice, tiles, watched, note, (choice, watched, scores.places, id(scores), scores.step))


def _which(look: Look) -> str:
    kind = look.strip.kind
    if kind is StripKind.WORST:
        return f"worst test images of epoch {len(look.history.epochs)}"
    if kind is StripKind.RANDOM:
        return f"random {look.watched.split} images"
    return counted(len(look.strip.chosen), "chosen image")
