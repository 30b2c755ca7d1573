"""What a session tells, in order: nothing of it may be lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.training.events import EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.images import Split


class State(StrEnum):
    """What the session does."""

    EMPTY = "empty"
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The session is now in ``state``."""

    state: State


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network is ready: its design (with names) and the data it is for."""

    design: Design
    data_name: str
    train: Split
    test: Split


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins from initial weights: curves start anew."""

    position: Position


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last epoch is done (``finished``) or the run was stopped."""

    finished: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or the run failed, for this reason; nothing that was loaded before is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """A long action has begun (``what``) or ended (empty)."""

    what: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A copy of the network: weights, optimiser state, scalars, by name."""

    design: Design
    arrays: Mapping[str, Array]
    position: Position


Message = (
    StateChanged | Prepared | RunStarted | RunEnded | Failed | Busy | Inspected | MinibatchDone | Evaluating | EpochDone
)
