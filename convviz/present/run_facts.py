"""How a run compares with the design being edited: what it has otherwise, in words, and whether its times hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from convviz.core.design import Design, Input, Training
from convviz.core.init import Init
from convviz.present.design.fields import FieldKind, FieldSpec, choice_word, fields_of, normal, title_of
from convviz.present.edits_words import RESTART_WITH_EDITS, TRAIN_EDITS
from convviz.present.words import counted

__all__ = [
    "RunDifference",
    "RunFacts",
    "RunState",
    "TimedEpoch",
    "differences",
    "same_work",
]

RunState = Literal["running", "paused", "stopped", "finished"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TimedEpoch:
    """How long an epoch of a design took on the open data set, evaluation included, holds excluded."""

    design: Design
    seconds: float

    def holds_for(self, design: Design) -> bool:
        """Whether an epoch of another design is the same work."""
        ours, theirs = self.design.training, design.training
        sizes = (ours.train_size, ours.test_size) == (theirs.train_size, theirs.test_size)
        return sizes and same_work(self.design, design)


@dataclass(frozen=True, slots=True)
class RunDifference:
    """Something that the run has otherwise than the design being edited.

    Parameters
    ----------
    path : tuple
        Where in the design: ``("training", "batch_size")``; ``("layers",)`` where the layers themselves are others.
    words : str
        ``batch size``, ``kernel of conv1``.
    run, here : str
        Both values, written.
    """

    path: Path
    words: str
    run: str
    here: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run, as far as it matters to those who edit the design.

    Parameters
    ----------
    state : str
        ``running``, ``paused``, ``stopped`` before its last epoch, or ``finished``.
    design : Design
        What it trains.
    epoch, epochs : int
        The epoch begun last, of so many; 0 where weights came from a file without their run.
    done : int
        Epochs trained and evaluated.
    is_active : bool
        Whether an edit needs a restart: the run trains, is paused, or was opened to be resumed.
    """

    state: RunState
    design: Design
    epoch: int
    epochs: int
    done: int
    is_active: bool

    def lead(self) -> str:
        """``Training: epoch 3/25``, ``Trained 4 epochs``."""
        if not self.epoch:
            return "Trained weights"
        at = f"epoch {self.epoch}/{self.epochs}"
        if self.state == "running":
            return f"Training: {at}"
        if self.state == "paused":
            return f"Paused in {at}"
        if self.done == self.epochs:
            return f"Trained {counted(self.done, 'epoch')}"
        if self.done == self.epoch:
            return f"Trained {self.done:,} of {counted(self.epochs, 'epoch')}"
        return f"Stopped in {at}"

    def says(self, design: Design) -> str:
        """What the run has otherwise than a design, and what applies the design; empty where they are alike."""
        found = differences(self.design, design)
        if not found:
            return ""
        how = "restart to apply" if self.is_active else f"“{TRAIN_EDITS}” applies"
        if any(one.path == ("layers",) for one in found):
            return f"The run has other layers: {how} these"
        if len(found) == 1:
            return f"The run has {found[0].words} {found[0].run}: {how} {found[0].here}"
        return f"{counted(len(found), 'value')} are not the run's: {how} them"

    def explains(self, difference: RunDifference) -> str:
        """Tooltip of a setting that the run has otherwise."""
        how = RESTART_WITH_EDITS if self.is_active else TRAIN_EDITS
        words = difference.words
        return f"The run was begun with {words} {difference.run}; {difference.here} takes effect with “{how}”."


def differences(run: Design, design: Design) -> tuple[RunDifference, ...]:
    """What a run has otherwise than a design: settings first, then the network."""
    found = list(_settings(("training",), run.training, design.training))
    found += _values(("input",), run.input, design.input, "input {}")
    if run.classes != design.classes:
        found.append(RunDifference(("classes",), "classes", str(run.classes), str(design.classes)))
    if [(type(one), one.name) for one in run.layers] != [(type(one), one.name) for one in design.layers]:
        return (*found, RunDifference(("layers",), "layers", "others", "these"))
    for number, (first, second) in enumerate(zip(run.layers, design.layers, strict=True)):
        found += _values(("layers", number), first, second, "{} of " + first.name)
    return tuple(found)


def same_work(first: Design, second: Design) -> bool:
    """Whether one step of both takes the same time: rates, seeds and names don't count."""
    return _work(first) == _work(second)


def _work(design: Design) -> object:
    layers = tuple(replace(layer, name="") for layer in design.layers)
    settings = design.training
    return design.input, design.classes, layers, type(settings.optimiser), settings.batch_size


def _settings(path: Path, run: Training, here: Training) -> Iterator[RunDifference]:
    for spec in fields_of(Training):
        first, second = getattr(run, spec.name), getattr(here, spec.name)
        if spec.kind is not FieldKind.STRUCT:
            yield from _difference((*path, spec.name), spec, first, second, spec.label)
        elif type(first) is type(second):
            yield from _values((*path, spec.name), first, second, "{}")
        else:
            yield RunDifference((*path, spec.name), spec.label, title_of(type(first)), title_of(type(second)))


def _values(
    path: Path, run: msgspec.Struct | Input, here: msgspec.Struct | Input, words: str
) -> Iterator[RunDifference]:
    if run == here:
        return
    for spec in fields_of(type(run)):
        first, second = getattr(run, spec.name), getattr(here, spec.name)
        yield from _difference((*path, spec.name), spec, first, second, words.format(spec.label))


def _difference(path: Path, spec: FieldSpec, run: Any, here: Any, words: str) -> Iterator[RunDifference]:
    if normal(run) != normal(here):
        yield RunDifference(path, words, _written(spec, run), _written(spec, here))


def _written(spec: FieldSpec, value: Any) -> str:
    if isinstance(value, Init):
        scaled = value.kind in ("normal", "truncated-normal", "constant")
        return f"{choice_word(value.kind)} {value.scale:g}" if scaled else choice_word(value.kind)
    return choice_word(value) if spec.choices and isinstance(value, str) else spec.write(value)
