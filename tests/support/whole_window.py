"""The window with its workspaces by name, for tests."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from convviz.core.errors import ConvvizError
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.run.commands import Command, Inspect, Keep
from convviz.run.messages import Inspected, Message, NotSaved, Saved
from convviz.storage.recording.read import Recording
from convviz.training.pass_source import PassKind, PassSource

TITLES = [entry.title for entry in WORKSPACES]
FIRST_FOUR = WORKSPACES[:4]
"""Data, Build, Watch and Step, at the same numbers: a window that a test makes for itself needs no others."""
BUILD, STEP, WATCH, DATA, PROBE = (TITLES.index(title) for title in ("Build", "Step", "Watch", "Data", "Probe"))


class WholeWindow(MainWindow):
    """A window whose pages are attributes; None before they are made.

    Attributes
    ----------
    inspections : int
        Answers to :class:`Inspect` that are still to come: each has Step begin its pass anew.
    savings : int
        Answers to :class:`Keep` that are still to come: each file that is saved becomes a recent one.
    """

    inspections = savings = 0

    def assemble(self) -> None:
        super().assemble()
        bridge = self.run.bridge
        send = bridge.send

        def sends(command: Command) -> None:
            self.inspections += isinstance(command, Inspect)
            self.savings += isinstance(command, Keep)
            send(command)

        bridge.send = sends
        bridge.messagesArrived.connect(self._count)  # after all who hear of them

    def _count(self, messages: list[Message]) -> None:
        self.inspections -= sum(isinstance(one, Inspected) for one in messages)
        self.savings -= sum(isinstance(one, Saved | NotSaved) for one in messages)

    def _page(self, title: str) -> QWidget | None:
        made = self.stack.made
        return made[title].page if title in made else None

    @property
    def build(self):
        return self._page("Build")

    @property
    def step(self):
        return self._page("Step")

    @property
    def watch(self):
        return self._page("Watch")

    @property
    def recorded(self) -> int:
        """Minibatches that are in the recording's file by now; its thread writes them a moment later."""
        if self.run.recording is None:
            return -1
        try:
            with Recording(self.run.recording) as recording:
                return recording.last_step
        except ConvvizError:
            return -1  # it is just being written

    def past_pass(self, qtbot, before: PassSource | None) -> PassSource:
        """The replayed pass that Step shows, once it is another one than ``before``."""

        def is_there() -> bool:
            source = self.step.source
            return source is not None and source is not before and source.kind is PassKind.PAST

        qtbot.waitUntil(is_there)
        return self.step.source

    def seen(self, name: str) -> np.ndarray | None:
        """An array of the moment that Watch shows, without axes of length 1; None before there is one."""
        moment = self.watch.look.moment if self.watch is not None else None
        if moment is None or self.watch.network.map.picture is None or name not in moment.arrays:
            return None
        return np.squeeze(moment.logical(name))
