"""The only link between the session's thread and the window's.

The window never waits for the session, and the session never touches a widget. When the session has something new, it
wakes the window, which then fetches all messages (in order, none lost) and the newest picture. While training runs, a
timer asks for pictures as often as :mod:`convviz.gui.run_model.picture_budget` allows; if none are wanted, it only
fetches messages. Otherwise no timer runs. Pictures are drawn when the window is idle, so that input comes first.
"""

from __future__ import annotations

import queue
import sys
import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from convviz.gui.run_model.picture_budget import PictureBudget, Smoothness, Spent
from convviz.gui.widgets.posted import posted
from convviz.machine import cores
from convviz.run.commands import Command, Quit
from convviz.run.messages import Message, StateChanged
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.snapshot import Snapshot

MESSAGES_A_TICK = 4000
"""Largest number of messages fetched at a time, so that the window stays responsive even after a delay."""
LINGERING_MS = 20
"""Milliseconds for which a picture counts as being drawn after it has arrived: expensive views draw a little later."""
WITHOUT_PICTURES, UNSEEN = 0.25, 2.0
"""Seconds between two fetches from a run without pictures: in a visible window, and in a hidden one."""


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
    ticks : int
        Number of times the window fetched from the session; for measurements.
    """

    messagesArrived = Signal(list)
    snapshotArrived = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: threading.Thread | None = None
        self._budget = PictureBudget(spare=cores() > session.threads)
        self._wants = self._seen = True
        self._live = False
        self._is_woken = False
        self._snapshot: Snapshot | None = None
        """The picture that was fetched and will be drawn when there is time."""
        self._asked = 0.0
        """Time at which the last picture was requested."""
        self._before = self._measures()
        self._timer = self._once(self._ask)
        self._idle = self._once(self._draw)
        self._drawn = self._once(self._count)
        self._ring = posted(self._fetch)
        self._switch_interval = sys.getswitchinterval()
        self.ticks = 0

    def start(self) -> None:
        """Start the thread."""
        # Painting makes many small calls, each of which may wait for a busy trainer: by default, for 5 ms.
        sys.setswitchinterval(1e-4)
        self._session.messages.arrived = self._session.snapshots.arrived = self._wake
        self._thread = run_in_thread(self._session)
        self._wake()

    def send(self, command: Command) -> None:
        """Queue a command for the session."""
        self._session.send(command)

    def set_wanting(self, wants: bool, *, seen: bool = True) -> None:
        """Set whether the workspace in front wants pictures, and whether the window is ``seen``; else none are made."""
        if (wants, seen) != (self._wants, self._seen):
            self._wants, self._seen = wants, seen
            self._session.drawing_cost.is_seen = seen
            self._begin()

    @property
    def smoothness(self) -> Smoothness:
        """Whether training's speed or frequent pictures matter more."""
        return self._budget.smoothness

    @property
    def interval(self) -> float:
        """Seconds from one picture of a run to the next."""
        return self._budget.interval

    def set_smoothness(self, smoothness: Smoothness) -> None:
        """Choose whether training's speed or frequent pictures matter more."""
        self._budget.smoothness = smoothness

    def close(self, *, anyway: bool = False) -> str:
        """End the session's thread, and return when it has ended or why it can't.

        Parameters
        ----------
        anyway : bool
            End it even if the trained network can't be kept.

        Returns
        -------
        str
            Why the thread did not end: the trained network can't be kept. Empty if it has ended.
        """
        if self._thread is not None and self._thread.is_alive():
            self._session.send(Quit(anyway))
            refused = self._session.answers.get()
            if refused:
                return refused
            self._thread.join()
        for timer in (self._timer, self._idle, self._drawn):
            timer.stop()
        sys.setswitchinterval(self._switch_interval)
        return ""

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # --- from the session --------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """Have the window's thread fetch what is new; called in the session's thread or one of its helpers."""
        if not self._is_woken:
            self._is_woken = True
            self._ring()

    def _fetch(self) -> None:
        self._is_woken = False  # before fetching, so that anything new from now on wakes the window again
        self.ticks += 1
        messages: list[Message] = []
        try:
            while len(messages) < MESSAGES_A_TICK:
                messages.append(self._session.messages.get_nowait())
        except queue.Empty:
            pass
        else:
            self._wake()
        was_live = self._live
        for message in messages:
            if isinstance(message, StateChanged):
                self._live = message.state is State.RUNNING
        if messages:
            self.messagesArrived.emit(messages)
        snapshot: Snapshot | None = self._session.snapshots.fetch()
        if snapshot is not None:
            self._snapshot = snapshot
            self._idle.start(0)
        if not was_live:
            self._begin()

    # --- pictures ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Forget the costs of earlier pictures: a run begins, or another view is open."""
        if self._live:
            self._budget.forget()
            self._before = self._measures()
            self._timer.start(0)

    @Slot()
    def _ask(self) -> None:
        """Ask for the next picture of the run; if none is wanted, only fetch what is new."""
        if not self._live:
            return
        if self._wants and self._seen:
            self._asked = time.perf_counter()
            self._session.want_snapshot()
        else:
            self._fetch()
            self._timer.start(round(1e3 * (WITHOUT_PICTURES if self._seen else UNSEEN)))

    @Slot()
    def _draw(self) -> None:
        """Pass a picture on; the widgets it changes are painted before the next timer event."""
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None:
            return
        self.snapshotArrived.emit(snapshot)
        self._drawn.start(LINGERING_MS)

    @Slot()
    def _count(self) -> None:
        """Record the cost of a picture, which is on the screen now, and plan the next one."""
        self._session.drawing_cost.is_drawing = False
        before, now = self._before, self._measures()
        self._before = now
        if not self._live:
            return
        self._budget.add(Spent(*(b - a for a, b in zip(before, now, strict=True))))
        if self._wants and self._seen:
            left = self._asked + self._budget.interval - time.perf_counter()
            self._timer.start(max(0, round(1e3 * left)))

    def _measures(self) -> tuple[float, ...]:
        """Running totals, in the order of :class:`Spent`."""
        at = self._session.drawing_cost
        return at.making_seconds, time.thread_time(), at.drawn, at.other, at.drawn_seconds, at.other_seconds

    def _once(self, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        return timer
