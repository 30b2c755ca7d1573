"""The network that Probe measures: that of the moment which the window looks at, or the live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel
from convviz.gui.workspaces.workspace import Listening
from convviz.run.commands import Inspect
from convviz.run.messages import Inspected
from convviz.training.events import Position
from convviz.training.snapshot import Snapshot

__all__ = ["AskedNetwork", "Subject"]


@dataclass(frozen=True, slots=True, eq=False)
class AskedNetwork:
    """A network that was asked for.

    Parameters
    ----------
    design : Design
    arrays : mapping of str to ndarray
        Of the network; read-only.
    position : Position
    is_past : bool
        Whether it is that of a past moment.
    """

    design: Design
    arrays: Mapping[str, Array]
    position: Position
    is_past: bool = False


class Subject(QObject):
    """Asks for the network of the moment that is looked at.

    Parameters
    ----------
    run : RunModel
    past : PastModel

    Attributes
    ----------
    arrived : Signal(object)
        The :class:`AskedNetwork`.
    moved : Signal()
        Another moment is looked at, or it can't be replayed.
    """

    arrived = Signal(object)
    moved = Signal()

    def __init__(self, run: RunModel, past: PastModel, parent: QObject) -> None:
        super().__init__(parent)
        self._run, self._past = run, past
        self.is_asked = False
        """Whether a network was asked for and has not come."""
        self._asked_for: int | None = None
        """The past step that was asked for; None for the live network."""

    @property
    def past_step(self) -> int | None:
        """The past moment to be measured; None for the live network, also where the moment can't be replayed."""
        return None if self._past.look.problem else self._past.step

    @property
    def now(self) -> tuple[int, int, bool]:
        """Number of the network, its step, and whether that is past."""
        step = self.past_step
        return self._run.networks, self._run.position.step if step is None else step, step is not None

    def ask(self) -> None:
        """Ask for the network."""
        self.is_asked, self._asked_for = True, self.past_step
        if self._asked_for is None:
            self._run.bridge.send(Inspect())
        elif not self._take_past():
            self._past.ask_moment()

    def drop(self) -> None:
        """No network is wanted any more."""
        self.is_asked = False

    def back_to_live(self) -> None:
        """Look at the live network again, in Watch as well."""
        self._past.back_to_live()

    def listens(self) -> Listening:
        """What is heard while Probe is in front."""
        return (self._run.inspected, self._inspected), (self._past.moved, self._moved)

    def _inspected(self, message: Inspected) -> None:
        if self.is_asked and self._asked_for is None:
            self.is_asked = False
            self.arrived.emit(AskedNetwork(message.design, message.arrays, message.position))

    def _moved(self) -> None:
        if self.is_asked and self._asked_for != self.past_step:
            self.ask()  # another moment is looked at meanwhile
        elif self.is_asked and self._asked_for is not None and not self._past.look.is_loading:
            self._take_past()
        self.moved.emit()

    def _take_past(self) -> bool:
        """Pass the past network on, if it is here."""
        moment = self._past.moment
        if moment is None or moment.step != self._asked_for:
            return False
        self.is_asked = False
        shown = moment.snapshot
        self.arrived.emit(AskedNetwork(shown.design, lasting(shown), shown.position, is_past=True))
        return True


def lasting(shown: Snapshot) -> dict[str, Array]:
    """The arrays of a snapshot that are the network's own: its parameters, and what it keeps of the data."""
    program = shown.program
    return {name: shown.arrays[name] for name in program.sources if not program.arrays[name].batched}
