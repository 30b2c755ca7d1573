"""Analyses one minibatch before its update in a separate thread, and keeps what the user sees of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.core.optim import LEARNING_RATE
from convviz.files.cancel import Cancelled, go_on
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.posted import posted
from convviz.present.watch.hold.look import HoldLook, Order
from convviz.present.watch.hold.minibatch import places_in
from convviz.present.watch.hold.update import optimiser_words
from convviz.run.asking import PassAsked
from convviz.run.image_gradients import image_gradient_norms
from convviz.run.recording.usual import Usual, usual_updates
from convviz.run.recording.waiting import await_step
from convviz.run.rehearsal import Rehearsal
from convviz.storage.recording.read import Recording
from convviz.training.images import Split
from convviz.training.minibatch import Minibatch
from convviz.training.pass_source import PassKind, PassSource

TESTED = 2000
"""Number of test images on which the loss before and after the update is compared."""

Tell = Callable[[Callable[[HoldLook], HoldLook]], object]
Find = Callable[[Cancelled], Minibatch]


class HeldWork(QObject):
    """The analysis of one minibatch, piece by piece.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    look : HoldLook or None
        What is known about the minibatch; None while there is none.
    changed : Signal()
        :attr:`look` has changed.
    answered : Signal(str, bool)
        The answer, and whether it is an error instead.
    """

    changed = Signal()
    answered = Signal(str, bool)

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.look: HoldLook | None = None
        self._number = 0
        """Number of the current analysis; results of another one are dropped."""
        self._work = Background("convviz-hold", self)
        self._minibatch: Minibatch | None = None
        self._pass: tuple[Minibatch, PassAsked] | None = None
        """The pass on which expressions are evaluated; made for the first question."""
        self._asking = Background("convviz-hold-asking", self)
        self._asking.done.connect(lambda found: self.answered.emit(*found))
        self._sorting = Background("convviz-hold-sorting", self)
        self._told, self._found = posted(self._take), posted(self._take_minibatch)

    # --- what the user does --------------------------------------------------------------------------------------

    def choose(self, row: int) -> None:
        """Show the training image in this row; -1 is the one with the largest loss."""
        self._change(lambda look: replace(look, chosen=row))

    def walk(self, way: int) -> None:
        """Show the previous (-1) or the next image (1), in the chosen order."""
        look = self.look
        if look is None or look.seen is None:
            return
        places = places_in(look, look.seen).tolist()
        number = min(max(places.index(look.place) + way, 0), len(places) - 1)
        self.choose(int(look.seen.rows[places[number]]))

    def set_order(self, order: Order) -> None:
        """Show the images in this order."""
        self._change(lambda look: replace(look, order=order))
        self._sort()

    def set_open(self, is_open: bool) -> None:
        """Show the page of the minibatch (True) or the network."""
        self._change(lambda look: replace(look, is_open=is_open))

    def ask(self, text: str) -> None:
        """Evaluate an expression over the arrays of the pass; :attr:`answered` carries the answer."""
        minibatch, train = self._minibatch, self._run.train
        if minibatch is None or train is None:
            return
        names = self._run.class_names

        def work(_: Cancelled) -> tuple[str, bool]:
            try:
                if self._pass is None or self._pass[0] is not minibatch:
                    source = PassSource.of_minibatch(PassKind.NEXT, minibatch, train, names)
                    self._pass = minibatch, PassAsked(source.make(), source)
                return self._pass[1].ask(text).answer(), False
            except (ConvvizError, ValueError, MemoryError) as error:
                return str(error) or "there is not enough memory for that", True

        self._asking.start(work)

    @property
    def row(self) -> int | None:
        """Row of the shown training image; None until it is known."""
        look = self.look
        return None if look is None or look.seen is None else int(look.seen.rows[look.place])

    # --- working it out ------------------------------------------------------------------------------------------

    def begin(self, look: HoldLook | None) -> None:
        """Begin with another minibatch, or with none (None); if it is the same one, the user's choices stay."""
        before = self.look
        self.close()
        self._minibatch = self._pass = None
        if look is not None and before is not None and before.step == look.step:
            look = replace(look, chosen=before.chosen, order=before.order, is_open=before.is_open)
        self.look = look
        if before is not look:
            self.changed.emit()

    def start(self, find: Find, path: Path | None) -> None:
        """Analyse the minibatch that ``find`` returns.

        Parameters
        ----------
        find : callable
            Returns the minibatch; called in the thread.
        path : Path or None
            The recording with the minibatches before it.
        """
        run = self._run
        if run.train is None or run.test is None:
            return
        self._number += 1
        number, train, test, threads = self._number, run.train, run.test, run.session.threads
        tell, found = partial(self._told, number), self._found
        files = () if path is None else (path, *(part.path for part in run.recordings.parts))

        def work(cancelled: Cancelled) -> None:
            try:
                minibatch = find(cancelled)
            except (ConvvizError, ValueError, OSError, MemoryError, sqlite3.Error) as error:
                problem = str(error) or "there is not enough memory to replay this minibatch"
                tell(lambda look: replace(look, problem=problem))
                return
            found(number, minibatch)
            work_out(minibatch, train, test, threads, files, tell, cancelled)

        self._work.start(work)

    def close(self) -> None:
        """Cancel the analysis."""
        self._asking.cancel()
        self._sorting.cancel()
        self._number += 1
        self._work.cancel()

    def _sort(self) -> None:
        """Compute the gradient of every image, if the images are sorted by it."""
        look, minibatch, train = self.look, self._minibatch, self._run.train
        is_wanted = look is not None and look.order is Order.GRADIENT and look.gradients is None
        if not is_wanted or minibatch is None or train is None or self._sorting.is_busy:
            return
        number, told = self._number, self._told

        def work(cancelled: Cancelled) -> None:
            try:
                found = image_gradient_norms(PassSource.of_minibatch(PassKind.NEXT, minibatch, train).make(), cancelled)
                change: Callable[[HoldLook], HoldLook] = lambda look: replace(  # noqa: E731
                    look, gradients=found.own, without=found.without, gradient=found.whole
                )
            except (ValueError, MemoryError):
                reason = "there is not enough memory for the gradients of single images"
                change = lambda look: replace(look, no_gradients=reason)  # noqa: E731
            told(number, change)

        self._sorting.start(work)

    def _take_minibatch(self, number: int, minibatch: Minibatch) -> None:
        if number == self._number:
            self._minibatch = minibatch
            self._sort()

    def _take(self, number: int, change: Callable[[HoldLook], HoldLook]) -> None:
        if number == self._number:
            self._change(change)

    def _change(self, change: Callable[[HoldLook], HoldLook]) -> None:
        if self.look is not None:
            self.look = change(self.look)
            self.changed.emit()


def work_out(
    minibatch: Minibatch,
    train: Split,
    test: Split,
    threads: int,
    files: tuple[Path, ...],
    tell: Tell,
    cancelled: Cancelled,
) -> None:
    """Report results as they are found, the quickest first; ``files`` are those of :func:`usual_of`.

    Raises
    ------
    LoadCancelledError
    """
    try:
        with Rehearsal(minibatch, train, test, threads=threads) as rehearsal:
            seen = rehearsal.minibatch()
            rate = float(minibatch.arrays[LEARNING_RATE])
            settings = optimiser_words(minibatch.design.training.optimiser, rate)
            tell(lambda look: replace(look, seen=seen, settings=settings))
            go_on(cancelled)
            if seen.error is not None:
                return
            update = rehearsal.update()
            tell(lambda look: replace(look, update=update))
            go_on(cancelled)
            before, after = rehearsal.test_losses(TESTED, cancelled)
            images = min(TESTED, minibatch.design.training.test_size or len(test), len(test))
            tell(lambda look: replace(look, tested=(before, after, images)))
    except (ValueError, MemoryError) as error:
        problem = str(error) or "there is not enough memory to work out this minibatch"
        tell(lambda look: replace(look, problem=problem))
        return
    try:
        usual = usual_of(minibatch.position.step, train, test, threads, files, cancelled)
        tell(lambda look: replace(look, usual=usual))
    except UsualError as error:
        reason = str(error)
        tell(lambda look: replace(look, no_usual=reason))


class UsualError(ConvvizError):
    """The usual values can't be found."""


def usual_of(
    step: int, train: Split, test: Split, threads: int, files: tuple[Path, ...], cancelled: Cancelled
) -> Usual:
    """The usual values in the minibatches before a step, replayed from the run's recordings.

    Parameters
    ----------
    step : int
    train, test : Split
    threads : int
    files : tuple of Path
        The recording with the minibatch before that step, then those that may have earlier ones; none if there is none.
    cancelled : callable

    Raises
    ------
    UsualError
        They can't be replayed.
    LoadCancelledError
    """
    if not files:
        raise UsualError("what is usual is not known: this run is not recorded")
    try:
        with Recording(files[0]) as recording:
            await_step(recording, step - 1, lambda: not cancelled())
            go_on(cancelled)
            return usual_updates(recording, train, test, step, threads=threads, known=files, cancelled=cancelled)
    except (ValueError, OSError, MemoryError, sqlite3.Error) as error:
        raise UsualError(f"what is usual is not known: {error}") from None
