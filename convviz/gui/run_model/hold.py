"""The minibatch that a breakpoint holds, or that of a past hit, which is replayed from the recording."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convviz.files.cancel import Cancelled
from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.held_work import HeldWork
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel
from convviz.present.watch.hold.look import HoldLook, Order
from convviz.run.breakpoints.condition import Hit, LossAbove
from convviz.run.breakpoints.sentences import is_after_epoch
from convviz.run.commands import Inspect
from convviz.run.messages import Inspected
from convviz.run.recording.replay import Replayer
from convviz.run.recording.waiting import await_step
from convviz.storage.recording.read import Recording
from convviz.training.minibatch import Minibatch

HITS = ("hit", "mark")
"""Kinds of marks on the timeline that are hits of a breakpoint."""


class HoldModel(QObject):
    """What is known about a minibatch before its update.

    Parameters
    ----------
    run : RunModel
    breakpoints : BreakpointsModel
    past : PastModel

    Attributes
    ----------
    changed : Signal()
        :attr:`look` has changed.
    answered : Signal(str, bool)
        The answer, and whether it is an error instead.
    """

    changed = Signal()
    answered = Signal(str, bool)

    def __init__(
        self, run: RunModel, breakpoints: BreakpointsModel, past: PastModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._run, self._breakpoints, self._past = run, breakpoints, past
        self._live, self._replayed = HeldWork(run, self), HeldWork(run, self)
        for work in (self._live, self._replayed):
            work.changed.connect(self.changed)
            work.answered.connect(self.answered)
        self._hit: Hit | None = None
        self._asked = False
        """Whether the held minibatch was requested and has not arrived yet."""
        self._last: HoldLook | None = None
        """What :attr:`look` was at the last signal."""
        breakpoints.changed.connect(self._follow)
        run.inspected.connect(self._inspected)
        run.edited.connect(self._begin)
        run.prepared.connect(self._leave)
        run.progressed.connect(self._moved)
        past.moved.connect(self._moved)

    @property
    def look(self) -> HoldLook | None:
        """What is shown; None if nothing is held and no past hit is open."""
        return self._shown.look

    @property
    def _shown(self) -> HeldWork:
        """The analysis of the shown minibatch: that of a past hit, or the held one."""
        is_past = self._replayed.look is not None or self._past.step is not None
        return self._replayed if is_past else self._live

    # --- what the user does --------------------------------------------------------------------------------------

    def choose(self, row: int) -> None:
        """Show the training image in this row; -1 is the one with the largest loss."""
        self._shown.choose(row)

    def walk(self, way: int) -> None:
        """Show the previous (-1) or the next image (1), in the chosen order."""
        self._shown.walk(way)

    def set_order(self, order: Order) -> None:
        """Show the images in this order."""
        self._shown.set_order(order)

    def set_open(self, is_open: bool) -> None:
        """Show the page of the minibatch (True) or the network."""
        self._shown.set_open(is_open)

    def ask(self, text: str) -> None:
        """Evaluate an expression over the arrays of the pass; :attr:`answered` carries the answer."""
        self._shown.ask(text)

    def open_mark(self, at: int) -> None:
        """If a breakpoint was hit after ``at`` minibatches, open the page of the minibatch that followed."""
        found = [(kind, text) for step, text, kind in self._run.history.marks if step == at and kind in HITS]
        hits = [text for _, text in sorted(found) if not is_after_epoch(text)]
        if hits:
            self.open_past(at + 1, hits[0])

    def open_past(self, step: int, sentence: str) -> None:
        """Open the page of a past hit, at the moment before the update of minibatch ``step``."""
        run = self._run
        held = self._breakpoints.held_minibatch
        if held is not None and held.step == step:
            self._live.set_open(True)
            return
        path = run.recordings.file_of(step - 1)
        if path is None or run.recordings.missing or self._now != step - 1:
            return
        can_step = step <= run.position.step
        look = HoldLook(step, class_names=run.class_names, sentence=sentence, is_past=True, can_step=can_step)
        self._replayed.begin(look)
        self._replayed.start(lambda cancelled: self._replay(path, step, cancelled), path)

    def close(self) -> None:
        """Stop the work, because the window closes."""
        self._live.close()
        self._replayed.close()

    @property
    def row(self) -> int | None:
        """Row of the shown training image; None until it is known."""
        return self._shown.row

    # --- a past hit ----------------------------------------------------------------------------------------------

    @property
    def _now(self) -> int:
        """Step of the shown moment."""
        return self._run.position.step if self._past.step is None else self._past.step

    def _replay(self, path: Path, step: int, cancelled: Cancelled) -> Minibatch:
        """The minibatch, replayed from the recording; called in the thread that analyses it."""
        run = self._run
        assert run.train is not None
        assert run.test is not None
        with (
            Recording(path) as recording,
            Replayer(recording, run.train, run.test, threads=run.session.threads) as replayer,
        ):
            await_step(recording, step - 1, lambda: not cancelled())
            return replayer.coming(step, cancelled=cancelled)

    @Slot()
    def _moved(self, *_: object) -> None:
        """Leave the past hit if another moment is shown now."""
        look = self._replayed.look
        if look is not None and look.step != self._now + 1:
            self._replayed.begin(None)
        if self._last is not self.look:
            self.changed.emit()
        self._last = self.look

    @Slot()
    def _leave(self, *_: object) -> None:
        self._replayed.begin(None)

    # --- the live hold -------------------------------------------------------------------------------------------

    @Slot()
    def _follow(self) -> None:
        """Follow the live run: another breakpoint holds it, or none does."""
        held = self._breakpoints.held_minibatch
        if held is self._hit:
            return
        self._hit = held
        self._begin()

    @Slot()
    def _begin(self) -> None:
        """Analyse the held minibatch again, because weights or settings may have changed."""
        hit = self._hit
        self._asked = hit is not None
        if hit is None:
            self._live.begin(None)
            return
        limit = hit.breakpoint.condition.limit if isinstance(hit.breakpoint.condition, LossAbove) else math.nan
        self._live.begin(HoldLook(hit.step, limit=limit, class_names=self._run.class_names))
        self._run.bridge.send(Inspect())

    @Slot(object)
    def _inspected(self, found: Inspected) -> None:
        hit, minibatch = self._hit, found.next
        if not self._asked or hit is None or minibatch is None or minibatch.position.step != hit.step:
            return  # the answer to an earlier request
        self._asked = False
        self._live.start(lambda _: minibatch, self._run.recording)
