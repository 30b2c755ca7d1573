"""The current pass in words, and notes about it at a step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.norm import ChannelMean
from convviz.core.program import Phase, Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.values import Values
from convviz.present.words import count, counted

NAMED = 3
"""How many images of a minibatch are named at most."""
MOST = 256
"""How many images can be chosen at most."""


class RunPlace(Protocol):
    """How far a run has come."""

    @property
    def epoch(self) -> int:
        """From 1; 0 before the first minibatch."""

    @property
    def minibatch(self) -> int:
        """Minibatches done in the epoch."""

    @property
    def step(self) -> int:
        """Minibatches done in all."""


class Stepped(Protocol):
    """The properties of a pass's source that are needed here."""

    @property
    def kind(self) -> str:
        """``last``, ``next``, ``past``, ``one``, ``chosen`` or ``probed``."""

    @property
    def split(self) -> str:
        """The data that the images belong to."""

    @property
    def rows(self) -> tuple[int, ...]:
        """Their rows in that data."""

    @property
    def position(self) -> RunPlace:
        """For a minibatch, the run's position after it; else the run's position now."""

    @property
    def is_trained(self) -> bool:
        """Whether training makes this pass."""

    @property
    def as_testing(self) -> bool:
        """Whether layers behave as in testing."""

    @property
    def note(self) -> str:
        """What Probe made it for; empty for other passes."""

    @property
    def after(self) -> Mapping[str, Array] | None:
        """The network's arrays after training on this minibatch."""

    def label(self, place: int) -> str:
        """Name of the class of the image at a place in the pass."""


@dataclass(frozen=True, slots=True)
class PassNote:
    """Something the user has to know about the pass at a step.

    Parameters
    ----------
    text : str
    leads_to : str
        The pass that shows what is meant: a ``minibatch`` of the training, or the ``next`` one; empty if none does.
    """

    text: str = ""
    leads_to: Literal["", "minibatch", "next"] = ""


def images_of(source: Stepped, sample: int) -> str:
    """The images and the selected one: ``minibatch 31 of epoch 2: training images 4,711, 93, 8, … · …``."""
    image = f"image {count(source.rows[sample])} (label {source.label(sample)})"
    if source.is_trained:
        at = source.position
        return f"minibatch {count(at.minibatch)} of epoch {at.epoch}: training {rows_of(source)} · {image}"
    several = f" of {len(source.rows)} chosen" if source.kind == "chosen" else ""
    return f"{source.split} {image}{several}" if source.split else f"{image}{several}"


def rows_of(source: Stepped) -> str:
    """``images 4,711, 93, 8, …``."""
    named = ", ".join(count(row) for row in source.rows[:NAMED])
    plural = "s" if len(source.rows) > 1 else ""
    return f"image{plural} {named}{', …' if len(source.rows) > NAMED else ''}"


def weights_of(source: Stepped, where: str) -> str:
    """The weights that the pass began with: before or after a step, else those at the run's position ``where``."""
    if source.kind == "probed":
        return f"weights after step {count(source.position.step)}"
    return f"weights before step {count(source.position.step)}" if source.is_trained else where


def about(source: Stepped, batch_size: int) -> str:
    """How the pass relates to training, in one line."""
    step = count(source.position.step)
    if source.kind == "last":
        return f"What training did last, in step {step}"
    if source.kind == "next":
        return f"What training does next, in step {step}"
    if source.kind == "past":
        return f"What training did in step {step}, replayed"
    if source.kind == "probed":
        return source.note
    if source.as_testing:
        return "As in testing: no dropout, running statistics, no update"
    if source.split == "test":
        return "Test images are never trained on"
    if source.split == "drawings":
        return "Drawings are never trained on"
    return f"Not a step of the training, which takes {count(batch_size)} image{'s' if batch_size > 1 else ''} at a time"


def changes_of_yours(changes: int) -> str:
    """``2 changes of yours``."""
    return f"{counted(changes, 'change')} of yours"


def about_changed(source: Stepped, batch_size: int, changes: int, *, trains_on: bool) -> str:
    """How a pass whose numbers the user has changed relates to training.

    Parameters
    ----------
    source : Stepped
    batch_size : int
    changes : int
    trains_on : bool
        Whether training goes on from all that was changed: only weights and biases were.
    """
    step, with_them = count(source.position.step), changes_of_yours(changes)
    if source.kind in ("last", "past"):
        return f"What if: step {step} with {with_them}, which training did not have."
    if source.kind != "next":
        return f"{about(source, batch_size).rstrip('.')}. With {with_them}."
    if trains_on:
        return f"What training does next, in step {step}, with {with_them}: it goes on from there."
    return f"What if: step {step} with {with_them}. Training goes on only from those to weights and biases."


def replayed_words(step: int, agreement: str, largest: float | None, name: str, *, is_exact: bool = False) -> str:
    """Describe a past minibatch, and how exactly it was replayed.

    Parameters
    ----------
    step : int
    agreement : str
        ``replayed bit for bit``, or how the replay differs.
    largest : float or None
        The largest difference between a parameter after this pass's update and after training's; None while it is not
        known.
    name : str
        The parameter that differs most.
    is_exact : bool
        Whether the replay has the numbers that were recorded.
    """
    said = f"What training did in step {count(step)}, {agreement}"
    if largest is None:
        return f"{said}."
    if largest == 0:
        return f"{said}. Stepping has the very same numbers."
    if is_exact:
        said += " with the compiled kernels that trained it"
    by = f"by {format_value(largest, 2)} at most ({name})"
    return f"{said}. Shown here step by step with NumPy, which rounds differently: {by}."


def first_words(place: int) -> str:
    """Say why stepping a past minibatch begins with the image at this place in it."""
    return f"It begins with image {count(place)}, whose loss is the largest."


def note(values: Values, source: Stepped, step: Step, batch_size: int, *, is_edited: bool = False) -> PassNote:
    """Write the note about the pass at a step.

    Parameters
    ----------
    values : Values
    source : Stepped
    step : Step
    batch_size : int
        Images of a minibatch in training.
    is_edited : bool
        Whether numbers of the pass were changed.
    """
    if source.kind == "last" and is_edited:
        return PassNote(
            "What if: this minibatch is done, so training goes on from its own weights and not from your changes. "
            "Those to the next minibatch's weights are trained with.",
            "next",
        )
    if not source.is_trained and step.phase is Phase.UPDATE:
        why = (
            "Test images are never trained on"
            if source.split == "test"
            else "It follows from images of your choice, not from a minibatch"
        )
        return PassNote(f"Hypothetical: training never makes this update. {why}.", "minibatch")
    if not source.is_trained and normalises_by_batch(values.program, step):
        own = "this image's own" if len(source.rows) == 1 else f"those of these {len(source.rows)} images"
        return PassNote(
            f"Mean and variance are {own} here. Training takes them over a minibatch of {count(batch_size)}; testing "
            "takes running averages.",
            "minibatch" if batch_size > 1 else "",
        )
    if is_edited and step.phase is Phase.UPDATE and source.kind == "past":
        return PassNote("What if: training had other numbers here, for it had none of your changes.")
    renewed = next((old for old, new in values.program.updates.items() if new == step.output), "")
    if renewed and source.kind in ("last", "past") and values.has(step.output):
        return PassNote(compared(values, source, renewed, step.output))
    return PassNote()


def compared(values: Values, source: Stepped, old: str, new: str) -> str:
    """Say whether training has the numbers that the pass computed."""
    if source.after is None:
        return "You have changed weights since this minibatch, so training has other numbers now."
    made, there = np.asarray(values.stored(new), np.float64), np.asarray(source.after[old], np.float64)
    if np.array_equal(made, there):
        when = "had exactly these numbers then" if source.kind == "past" else "has exactly these numbers now"
        return f"Training {when}, bit for bit."
    difference = format_value(float(np.abs(made - there).max()))
    had = "had" if source.kind == "past" else "has"
    return (
        f"Training {had} these numbers up to a difference of {difference} at most: its compiled kernels add up in "
        "another order than NumPy, and so round differently."
    )


def normalises_by_batch(program: Program, step: Step) -> bool:
    """Whether a step belongs to a layer that takes mean and variance over the images of the pass."""
    return any(other.layer == step.layer and isinstance(other.op, ChannelMean) for other in program.steps)


def parse_rows(text: str, available: int) -> tuple[int, ...]:
    """Read ``0-15, 40``.

    Parameters
    ----------
    text : str
    available : int
        How many images there are.

    Returns
    -------
    tuple of int
        The rows in the order of the text, each once.

    Raises
    ------
    ValueError
        The text is no such list, names images that do not exist, or names more than :data:`MOST`.
    """
    rows: list[int] = []
    for part in re.split(r"[,\s]+", text.strip().replace("–", "-")):
        match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part)
        if match is None:
            raise ValueError(f"images: expected numbers such as 0-15, 40, got {part!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last >= available:
            raise ValueError(f"images: expected numbers from 0 to {count(available - 1)}, got {part}")
        if last - first + len(rows) >= MOST:
            raise ValueError(f"images: expected at most {MOST}")
        rows += range(first, last + 1)
    return tuple(dict.fromkeys(rows))


def written_rows(rows: tuple[int, ...]) -> str:
    """``0–15, 40``: consecutive numbers as a range."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][-1] + 1:
            parts[-1].append(row)
        else:
            parts.append([row])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
