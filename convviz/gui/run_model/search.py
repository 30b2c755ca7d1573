"""The search back to where a condition was last true, in a separate thread."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.breakpoint_words import whole_words
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.widgets.posted import posted
from convviz.present.watch.search import SearchLook
from convviz.run.breakpoints.condition import AccuracyReaches, Condition, Hit
from convviz.run.recording.search import last_hit_in


class SearchModel(QObject):
    """Searches back from the shown moment, and goes to the moment it finds.

    Parameters
    ----------
    run : RunModel
    past : PastModel
    watched : WatchedModel
    hold : HoldModel
        Opens the page of the minibatch that was found.

    Attributes
    ----------
    look : SearchLook or None
        The search or its result; None before a search, and after it was dismissed.
    changed : Signal()
        :attr:`look` has changed.
    """

    changed = Signal()

    def __init__(
        self, run: RunModel, past: PastModel, watched: WatchedModel, hold: HoldModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._run, self._past, self._watched, self._hold = run, past, watched, hold
        self.look: SearchLook | None = None
        self._number = 0
        self._work = Background("convviz-search", self)
        self._work.done.connect(self._found)
        self._went = posted(self._progressed)
        run.prepared.connect(self.cancel)

    def start(self, condition: Condition) -> None:
        """Search back to where a condition was last true before the shown moment."""
        run = self._run
        before = run.position.step if self._past.step is None else self._past.step
        words, parts = whole_words(condition), run.recordings.parts
        if not parts or run.train is None or run.test is None or before <= run.recordings.first:
            nothing = "There is nothing recorded before this moment to be searched"
            self._say(SearchLook(words, before, before, nothing))
            return
        if run.recordings.missing:
            self._say(SearchLook(words, before, before, f"The run can't be searched: {run.recordings.missing}"))
            return
        self._number += 1
        images, threads, went = (run.train, run.test), run.session.threads, partial(self._went, self._number)
        image, names = self._watched.value.image, run.class_names
        self._say(SearchLook(words, before, before))

        def work(cancelled: Cancelled) -> Hit | str:
            try:
                split = "training" if image[0] == "training" else "test"
                found = last_hit_in(
                    parts,
                    images,
                    condition,
                    before,
                    threads=threads,
                    watched=lambda: (split, image[1]),
                    class_names=names,
                    cancelled=cancelled,
                    went=went,
                )
                return found or f"Never from step {parts[0].begin + 1:,} to {before:,}: {words}"
            except (ValueError, ArithmeticError, OSError, MemoryError, sqlite3.Error) as error:
                return f"The run can't be searched: {error}"

        self._work.start(work)

    @Slot()
    def cancel(self, *_: object) -> None:
        """Cancel the search, or dismiss its result."""
        self._number += 1
        self._work.cancel()
        if self.look is not None:
            self._say(None)

    def close(self) -> None:
        """Stop searching, because the window closes."""
        self._number += 1
        self._work.cancel()

    def _say(self, look: SearchLook | None) -> None:
        self.look = look
        self.changed.emit()

    @Slot(int, int)
    def _progressed(self, number: int, step: int) -> None:
        if number == self._number and self.look is not None:
            self._say(replace(self.look, at=step))

    @Slot(object)
    def _found(self, found: Hit | str) -> None:
        look = self.look
        if look is None:
            return
        if isinstance(found, str):
            self._say(replace(look, result=found))
            return
        self._say(replace(look, at=found.step, result=f"Step {found.step:,}: {found.sentence}"))
        self._past.go_to(found.step - 1)
        if not isinstance(found.breakpoint.condition, AccuracyReaches):
            self._hold.open_past(found.step, found.sentence)
            if self._hold.look is not None and self._hold.look.is_past:
                self._say(None)  # the strip of the hold says the same
