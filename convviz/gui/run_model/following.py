"""Decides how the session's design follows the edited one: a state machine without Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from convviz.core.design import Design
from convviz.data.dataset import Dataset
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec
from convviz.present.design.edits import live_only, with_live_edits
from convviz.present.run_facts import differences
from convviz.run.commands import Command


class Relation(Enum):
    """How the session's network relates to the edited design: the states of the machine."""

    MATCHED = "the session has the design, or the design can't be trained as it is"
    SETTLING = "the network is untrained and will be made again when editing pauses"
    WAITING = "the network is trained and stays until the user asks for another"
    MAKING = "the session is making the requested network"
    STARTING = "the session is making the network, and then a run begins with it"
    REFUSED = "the session could not make the network; the next edit or Train tries again"


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edited:
    """The user's design or its data has changed.

    Parameters
    ----------
    design : Design
    trainable : bool
        Whether the design can be trained on its data.
    possible : bool
        Whether it can be trained on suitable data.
    """

    design: Design
    trainable: bool
    possible: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """Editing has paused, or the open network is about to be replaced."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Train the wanted design from the start."""

    command: Command


@dataclass(frozen=True, slots=True)
class Opened:
    """The user chose another data set, with this design."""

    design: Design
    data: DataSource


@dataclass(frozen=True, slots=True)
class Made:
    """The session has another network, newly made or from a file."""

    design: Design
    data_name: str
    from_file: bool = False
    source: DataSource | None = None
    """The source that its data were opened from."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A command to the session failed."""


Event = Edited | Settled | Begin | Opened | Made | Failed

# --- actions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Adopt:
    """Continue with settings that can change between two minibatches."""

    design: Design


@dataclass(frozen=True, slots=True)
class Make:
    """Have the session make a network, on other data if given."""

    design: Design
    data: DataSource | None


@dataclass(frozen=True, slots=True)
class Settle:
    """Send :class:`Settled` once there has been no edit for a while."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a command to the session."""

    command: Command


Action = Adopt | Make | Settle | Send


@dataclass(frozen=True, slots=True)
class RunNow:
    """Facts about the run that the machine needs with each event."""

    design: Design
    data_name: str
    is_trained: bool
    is_empty: bool = False
    """Whether no network has been made yet."""
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Toy:
    """The toy images, which a design that fits them brings with it."""

    data: DataSource
    fits: Callable[[Design], bool]


@dataclass(frozen=True, slots=True)
class Following:
    """State of the machine.

    Parameters
    ----------
    home : DataSource
        The data set to return to after the toy images.
    toy : Toy
    stage : Relation
    wanted : Design or None
        The design that the session does not have yet.
    data : DataSource or None
        The data set for the edited design, if it is not the open one.
    edited : Edited or None
        The user's last edit.
    making : Design or None
        The design requested from the session; never None in ``MAKING`` and ``STARTING``, always None otherwise.
    making_on : str
        Name of the data set that it is made for, if that is not the open one.
    command : Command or None
        The first command of the run in ``STARTING``; None otherwise.
    """

    home: DataSource
    toy: Toy
    stage: Relation = Relation.MATCHED
    wanted: Design | None = None
    data: DataSource | None = None
    edited: Edited | None = None
    making: Design | None = None
    making_on: str = ""
    command: Command | None = None


Step = tuple[Following, tuple[Action, ...]]


def transition(now: Following, event: Event, run: RunNow) -> Step:
    """Return the next state, and the actions to carry out in order.

    ========  ==================  ================  =================  ==========  ====================  ============
    stage     Edited              Settled           Begin              Opened      Made                  Failed
    ========  ==================  ================  =================  ==========  ====================  ============
    MATCHED   by what is wanted   -                 Send               MATCHED     by what is wanted     see below
    SETTLING  by what is wanted   MAKING, Make      STARTING, Make     MATCHED     by what is wanted     see below
    WAITING   by what is wanted   -                 STARTING, Make     MATCHED     by what is wanted     see below
    REFUSED   by what is wanted   MAKING, Make      STARTING, Make     MATCHED     by what is wanted     REFUSED
    MAKING    Settle              Make if edited    STARTING           MAKING      by what is wanted     REFUSED
    STARTING  Settle              Make if edited    Make if edited     MAKING      Send, and as MAKING   REFUSED
    ========  ==================  ================  =================  ==========  ====================  ============

    - *By what is wanted*: MATCHED if no other design is wanted. Otherwise WAITING with a trained network, and SETTLING
      and Settle with an untrained one. An edit first does Adopt with the changes that the network can take over. An
      edit that brings other data to an untrained network goes to MAKING at once.
    - In SETTLING and REFUSED, if a run has begun meanwhile, Settled leads to WAITING.
    - Opened always does Make on the new data; the table gives only the stage.
    - Made in MAKING and STARTING counts only for the network requested last, or for one from a file, which cancels the
      request. Otherwise nothing changes.
    - Failed with a trained network: again by what is wanted. With an untrained one, MAKING and STARTING become REFUSED
      (MATCHED if nothing is wanted any more), and the other states stay.
    """
    match event:
        case Edited():
            return _edited(now, event, run)
        case Settled():
            if now.wanted is None:
                return now, ()
            if not run.is_trained:
                return _make(now, now.wanted, Relation.STARTING if now.stage is Relation.STARTING else Relation.MAKING)
            return (replace(now, stage=Relation.WAITING), ()) if now.making is None else (now, ())
        case Begin():
            if now.making is None and now.wanted is None:
                return now, (Send(event.command),)
            return _make(replace(now, command=event.command), now.wanted or now.making, Relation.STARTING)
        case Opened():
            stage = Relation.MATCHED if now.making is None else Relation.MAKING
            opened = replace(now, stage=stage, wanted=None, data=None, command=None, home=event.data)
            return opened, (Make(event.design, event.data),)
        case Made():
            return _made(now, event, run)
        case Failed():
            return _failed(now, run)


def _edited(now: Following, event: Edited, run: RunNow) -> Step:
    actions: tuple[Action, ...] = ()
    at = now.making or run.design
    if event.trainable and now.making is None and not run.is_empty:
        before = now.edited.design if now.edited is not None else event.design
        live = _adoptable(run, before, event.design)
        if live is not None:
            at, actions = live, (Adopt(live),)
    is_other = event.design != at and (now.making is not None or bool(differences(at, event.design)))
    now = replace(
        now,
        edited=event,
        wanted=event.design if event.trainable and is_other else None,
        data=_data_for(now, event.design, run) if event.possible else None,
    )
    if now.data is not None and not run.is_trained:
        now, more = _make(now, event.design, Relation.STARTING if now.stage is Relation.STARTING else Relation.MAKING)
        return now, (*actions, *more)
    if now.making is None:
        now, more = _by_what_is_wanted(now, trained=run.is_trained)
        return now, (*actions, *more)
    return now, (Settle(),) if now.wanted is not None and not run.is_trained else ()


def _made(now: Following, event: Made, run: RunNow) -> Step:
    if event.source is not None and event.source.name != now.toy.data.name:
        now = replace(now, home=event.source)  # whether it was opened at the start, by the user or with a model
    if now.making is not None and not event.from_file and now.making.named() != event.design:
        return now, ()  # the answer to an earlier request
    command = None if event.from_file else now.command
    is_it = event.from_file or (now.wanted is not None and now.wanted.named() == event.design)
    now = replace(
        now,
        wanted=None if is_it else now.wanted,
        data=None if now.data is not None and now.data.name == event.data_name else now.data,
        making=None,
        making_on="",
        command=None,
    )
    # A run that begins now counts as a trained network, so another design waits, as it would during a run.
    now, actions = _by_what_is_wanted(now, trained=run.is_trained or command is not None)
    return now, actions if command is None else (Send(command), *actions)


def _failed(now: Following, run: RunNow) -> Step:
    asked = now.making is not None
    now = replace(now, making=None, making_on="", command=None)
    if run.is_trained:
        if now.edited is not None:
            return _edited(now, now.edited, run)
        return _by_what_is_wanted(now, trained=True)
    if asked:
        now = replace(now, stage=Relation.MATCHED if now.wanted is None else Relation.REFUSED)
    return now, ()


def _by_what_is_wanted(now: Following, *, trained: bool) -> Step:
    if now.wanted is None:
        return replace(now, stage=Relation.MATCHED), ()
    if trained:
        return replace(now, stage=Relation.WAITING), ()
    return replace(now, stage=Relation.SETTLING), (Settle(),)


def _make(now: Following, design: Design | None, stage: Relation) -> Step:
    """Request a network for a design, unless it is already being made."""
    if design is None or design == now.making:
        return replace(now, stage=stage), ()
    on = now.data.name if now.data is not None else now.making_on
    return replace(now, stage=stage, making=design, making_on=on), (Make(design, now.data),)


def _adoptable(run: RunNow, before: Design, design: Design) -> Design | None:
    """The design with the changes that the existing network can take over: all of them, or only the last edit.

    None if it can take over neither.
    """
    whole = design if live_only(run.design, design) else run.design
    for live in (whole, with_live_edits(run.design, before, design)):
        if live != run.design and live.training.epochs >= run.epoch:
            return live
    return None


def _data_for(now: Following, design: Design, run: RunNow) -> DataSource | None:
    """The data set to open with a design: the toy's own images, or the previous data set after them; else None."""
    toy, at = now.toy.data, now.making_on or run.data_name
    if now.toy.fits(design):
        return toy if at != toy.name else None
    return home_for(now.home, design) if at == toy.name else None


def home_for(home: DataSource, design: Design) -> DataSource:
    """The data set to return to after the toy images: ``home``, or the built-in digits if it doesn't fit the design."""
    shape: tuple[int, ...] | None = None
    if isinstance(home, DataFile):
        shape = home.like.shape
    elif isinstance(home, Dataset):
        shape = home.x_train.shape[1:]
    return home if shape in (None, ImageSpec.of(design).shape) else BuiltinDigits()
