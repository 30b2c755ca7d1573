"""The only link between the session's thread and the window's.

The window never waits for the session, and the session never touches a widget. A timer of the window fetches new
messages (in order, none lost) and the newest picture, and asks for the next one: thirty times a second, and less often
during a run whose pictures are expensive (:mod:`convviz.gui.run_model.picture_budget`).
"""

from __future__ import annotations

import queue
import sys
import threading
import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from convviz.gui.run_model.picture_budget import PictureBudget
from convviz.run.commands import Command, Quit
from convviz.run.messages import Message, StateChanged
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.snapshot import Snapshot

MESSAGES_A_TICK = 4000
"""Most messages fetched at a time: the window must stay responsive even after a delay."""


class Bridge(QObject):
    """Carries commands to the session, and messages and pictures back.

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    messagesArrived : Signal(list)
        Messages in order.
    snapshotArrived : Signal(object)
        The newest :class:`Snapshot`.
    """

    messagesArrived = Signal(list)
    snapshotArrived = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: threading.Thread | None = None
        self._budget = PictureBudget()
        self._used = 0.0
        """Processor time of the window's thread at the last tick."""
        self._timer = QTimer(self)
        self._timer.setInterval(round(1e3 * self._budget.pause))
        self._timer.timeout.connect(self._tick)
        self._wants = True
        self._live = False
        self._switch_interval = sys.getswitchinterval()

    def start(self) -> None:
        """Start the thread and the timer."""
        # Painting makes many small calls: with the default of 5 ms, a busy trainer would make each of them wait that
        # long.
        sys.setswitchinterval(1e-4)
        self._thread = run_in_thread(self._session)
        self._timer.start()

    def send(self, command: Command) -> None:
        """Queue a command for the session."""
        self._session.send(command)

    def set_wanting(self, wants: bool) -> None:
        """Switch pictures on or off; they are off while the window is hidden or no workspace shows them."""
        self._wants = wants

    def close(self, *, anyway: bool = False) -> str:
        """End the session's thread; returns when it has ended.

        Parameters
        ----------
        anyway : bool
            End it even if what was trained can't be kept.

        Returns
        -------
        str
            Why it did not end: what was trained can't be kept. Empty where it has ended.
        """
        if self._thread is not None and self._thread.is_alive():
            self._session.send(Quit(anyway))
            refused = self._session.answers.get()
            if refused:
                return refused
            self._thread.join()
        self._timer.stop()
        sys.setswitchinterval(self._switch_interval)
        return ""

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @Slot()
    def _tick(self) -> None:
        self._keep_budget()
        messages: list[Message] = []
        try:
            while len(messages) < MESSAGES_A_TICK:
                messages.append(self._session.messages.get_nowait())
        except queue.Empty:
            pass
        for message in messages:
            if isinstance(message, StateChanged):
                self._live = message.state is State.RUNNING
        if messages:
            self.messagesArrived.emit(messages)
        snapshot: Snapshot | None = self._session.snapshots.fetch()
        if snapshot is not None:
            self.snapshotArrived.emit(snapshot)
        if self._wants and self._live:
            self._session.want_snapshot()

    def _keep_budget(self) -> None:
        """Choose the pause until the next tick by the window's work since the last one."""
        used = time.thread_time()
        if self._wants and self._live:
            self._budget.spent(used - self._used)
        else:
            self._budget.forget()
        self._used = used
        pause = round(1e3 * self._budget.pause)
        if pause != self._timer.interval():
            self._timer.setInterval(pause)
