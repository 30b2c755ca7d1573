"""What every workspace is for the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.training.snapshot import Snapshot

Listening = Sequence[tuple[SignalInstance, Callable[..., Any] | SignalInstance]]


@dataclass(frozen=True, slots=True)
class Status:
    """Parts of the status line: what is shown, its name first, and at the right what applies to all of it."""

    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


class Workspace(QObject):
    """A page of the window, and how it takes part in what the window does.

    A workspace hears of the run only while it is in front: what it wants to hear stands in :meth:`listens`, and
    :meth:`enter` connects it. While it is hidden nothing reaches it; :meth:`catch_up` then shows what there is now.

    A new workspace is one folder with a subclass of this, and one line in
    :data:`~convviz.gui.workspaces.registry.WORKSPACES`.

    Parameters
    ----------
    page : QWidget
        What is shown.

    Attributes
    ----------
    wants_pictures : bool
        The session makes pictures of its network while this is in front; training is seen here.
    edits_designs : bool
        The edited design is seen here, with what is at fault in it.
    steps_passes : bool
        A pass is gone through here, step by step.
    statusChanged : Signal()
        :meth:`status` is another.
    faultChanged : Signal()
        :meth:`fault` is another.
    trainingViewAsked : Signal()
        Go where training is seen.
    passAsked : Signal()
        Go where a pass is gone through.
    hinted : Signal(str)
        Why a key had no effect, for the status line.
    workspaceAsked : Signal(str)
        Go to the workspace with this title: see :attr:`WorkspaceContext.image_views`.
    """

    wants_pictures: ClassVar[bool] = False
    edits_designs: ClassVar[bool] = False
    steps_passes: ClassVar[bool] = False

    statusChanged = Signal()
    faultChanged = Signal()
    trainingViewAsked = Signal()
    passAsked = Signal()
    hinted = Signal(str)
    workspaceAsked = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.page = page
        self._listening: Listening = ()
        self._in_front = False

    # --- coming and going ----------------------------------------------------------------------------------------

    @property
    @final
    def is_in_front(self) -> bool:
        """Whether it has been entered and not left."""
        return self._in_front

    @final
    def enter(self) -> None:
        """Be in front: hear what happens from now on, and show what there is."""
        self._listening, self._in_front = self.listens(), True
        for signal, slot in self._listening:
            signal.connect(slot)
        self.catch_up()

    @final
    def leave(self) -> None:
        """Be hidden: hear nothing more."""
        for signal, slot in self._listening:
            signal.disconnect(slot)
        self._listening, self._in_front = (), False
        self.rest()

    def listens(self) -> Listening:
        """Signals that are heard while this is in front, and what hears them."""
        return ()

    def catch_up(self) -> None:
        """Show what there is now; called whenever it comes to the front."""

    def rest(self) -> None:
        """Stop what goes on; called whenever it is hidden."""

    def prepare(self) -> None:
        """Make in idle turns what will be needed later; called once, when the window has nothing else to do."""

    # --- what the window asks ------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the network at one moment; called in front only, if :attr:`wants_pictures`."""

    def status(self) -> Status:
        """What the status line says."""
        return Status()

    def foot(self) -> QWidget | None:
        """What stands at the foot of the page and is read there: messages lie above it."""
        return None

    def commit(self) -> None:
        """Take over what is being typed: a run is about to begin or to go on."""

    def fault(self) -> str:
        """Why the design in the fields can't be trained; empty where it can."""
        return ""

    def edited_weights(self) -> Mapping[str, Array]:
        """Weights that were changed here, which training is to go on with."""
        return {}

    def show_edited(self) -> None:
        """Show the edited design, even beside a trained network that it waits for."""

    def look_at_image(self) -> None:
        """The user came to look at the watched image here; it is in front."""

    def training_starts(self) -> None:
        """The user lets a run begin or go on while this is in front."""

    def may_close(self) -> bool:
        """Whether the window may be closed; asks what to do with unsaved work."""
        return True

    def close(self) -> None:
        """The window closes: stop what runs in the background."""
