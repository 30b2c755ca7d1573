"""Moves the cursor of a pass: step by step, far without standing still, or by itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.micro import micro_block
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.screen import Screen

SLICE = 0.012
"""Seconds of computing between two looks at the event queue."""


class Mover(QObject):
    """Obeys the commands of a debugger.

    Attributes
    ----------
    moved : Signal()
        The cursor is elsewhere.
    """

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._display: Screen | None = None
        self._target: int | None = None
        self.player = Player(self)
        self.player.ticked.connect(self._tick)
        self._running = QTimer(self)
        self._running.setInterval(0)
        self._running.timeout.connect(self._run_on)

    @property
    def busy(self) -> bool:
        """Whether it plays or is on its way to a far step."""
        return self._target is not None or self.player.playing

    def set_display(self, display: Screen) -> None:
        """Move in another pass; what was under way ends."""
        self.stop()
        self._display = display

    def stop(self) -> None:
        """End playing and running."""
        self.player.stop()
        self._running.stop()
        self._target = None

    def pause(self) -> None:
        """Rest while nobody looks; :meth:`resume` goes on running, but not playing."""
        self.player.stop()
        self._running.stop()

    def resume(self) -> None:
        """Go on to the step that was to be reached."""
        if self._target is not None:
            self._running.start()

    def command(self, word: str) -> None:
        """Obey ``start``, ``back``, ``back_over``, ``into``, ``over``, ``out``, ``end`` or ``play``."""
        if self._display is None:
            return
        run = self._display.run
        if word == "play":
            self.player.toggle()
            return
        self.stop()
        if word == "end":
            self.step_to(run.last)
            return
        moves = {"start": run.restart, "back": run.back, "back_over": run.back_over}
        moves |= {"into": self._into, "over": self._over, "out": run.out}
        moves[word]()
        self.moved.emit()

    def step_to(self, step: int) -> None:
        """Run to a step without standing still."""
        if self._display is None:
            return
        self.stop()
        run = self._display.run
        if run.ran > step:
            run.go_to(step)
            self.moved.emit()
        else:
            self._target = step
            self._running.start()

    def scrub(self, done: int) -> None:
        """Let so many micro-steps of the stretch be done that is looked at."""
        if self._display is not None:
            self.player.stop()
            self._display.run.scrub(self._display.stretch().start + done)
            self.moved.emit()

    def _over(self) -> None:
        """Finish the step that is being walked; else run the next one."""
        run = self._display.run if self._display is not None else None
        if run is not None and run.cursor.inside and not run.whole:
            run.out()
        elif run is not None:
            run.over()

    def _into(self) -> None:
        """Walk the map, row or image that is looked at, from its beginning."""
        display = self._display
        if display is None:
            return
        run = display.run
        if run.cursor.inside and run.cursor.done >= run.count() and run.cursor.step < run.last:
            run.over()
        if run.cursor.inside:
            run.into()
        else:
            run.into(display.stretch().start)
        display.looking.pinned = None

    def _tick(self, at_once: int) -> None:
        if self._display is None:
            self.player.stop()
            return
        run = self._display.run
        if run.cursor.inside:
            stretch = micro_block(run.program, run.step, max(0, run.cursor.done - 1))
            end = stretch.start + stretch.count
            run.scrub(min(run.cursor.done + at_once, end))
            if run.cursor.done >= end:
                self.player.stop()
        elif run.cursor.step < run.last or not run.whole:
            run.over()
        else:
            self.player.stop()
            return
        self.moved.emit()

    def _run_on(self) -> None:
        if self._display is None or self._target is None:
            self._running.stop()
        elif self._display.run.advance(self._target, SLICE):
            self._running.stop()
            step, self._target = self._target, None
            self._display.run.go_to(step)
            self.moved.emit()
