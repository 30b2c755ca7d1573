"""Moves that take time: playing at a pace, and running to a far step while the window stays responsive."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.pace import PACES
from convviz.training.waiting import is_long

SLICE = 0.012
"""Seconds of computing before control returns to the event loop."""
PLAY = "play"
"""The move of a tick while it plays."""


class Player(QObject):
    """Moves a debugger step by step over time.

    Attributes
    ----------
    moved : Signal()
        The cursor has moved.
    changed : Signal(bool)
        Playing has started or stopped; carries whether it plays now.
    """

    moved = Signal()
    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._debugger: Debugger | None = None
        self._target: int | None = None
        self._is_long = False
        """Whether the target is shown in a turn of its own: running to it fills several."""
        self._move = ""
        """The move to make once its step has run; empty where the cursor goes to the target itself."""
        self._later: list[str] = []
        """Moves that were asked for meanwhile."""
        self._pace = PACES[3]
        self._ticking = QTimer(self)
        self._ticking.timeout.connect(self._tick)
        self._running = QTimer(self)
        self._running.setInterval(0)
        self._running.timeout.connect(self._run_on)

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._ticking.isActive()

    @property
    def busy(self) -> bool:
        """Whether it is playing or running to a step."""
        return self._target is not None or self.playing

    def set_debugger(self, debugger: Debugger) -> None:
        """Move through another pass from now on; stop moving through the previous one."""
        self._forget()
        self.stop()
        self._debugger = debugger

    def set_pace(self, number: int) -> None:
        """Use pace ``number`` of :data:`PACES`; it takes effect at once."""
        self._pace = PACES[number]
        self._ticking.setInterval(self._pace.pause)

    def toggle(self) -> None:
        """Start or stop playing."""
        if self.playing:
            self.stop_playing()
        elif self._debugger is not None:
            self._ticking.start(self._pace.pause)
            self.changed.emit(True)

    def move(self, word: str) -> None:
        """Make a move of the debugger; if its step takes long to run, it does so in slices, as in :meth:`run_to`.

        Moves that are asked for meanwhile come after it. A step that is run to comes instead of it and of them.
        """
        if self._debugger is None:
            return
        if self._move and not self.playing:
            self._later.append(word)
            return
        self.stop()
        self._start(word, self._debugger.needed(word))

    def run_to(self, step: int) -> None:
        """Run to a step; if that takes long, in slices between which the window handles events.

        A move that waits for its step is not made, nor are those asked for after it: the cursor goes to this step
        wherever it is.
        """
        if self._debugger is None:
            return
        self._forget()
        self.stop()
        if self._debugger.run.ran > step:
            self._debugger.to(step)
            self.moved.emit()
        else:
            self._target, self._is_long = step, is_long(self._debugger.run, step)
            self._running.start()

    def stop_playing(self) -> None:
        """Stop playing, but not running to a step; a move that has been begun is made, and those asked for after it."""
        while self._move:
            self._finish()
            self._move = self._later.pop(0) if self._later else ""
        if self.playing:
            self._ticking.stop()
            self.changed.emit(False)

    def stop(self) -> None:
        """Stop playing and running to a step."""
        self.stop_playing()
        self._running.stop()
        self._target = None

    def pause(self) -> None:
        """Halt at once, as the workspace is hidden; :meth:`resume` goes on with all but playing."""
        self._running.stop()
        if self._move == PLAY:
            self._move, self._target = "", None
        if self.playing:
            self._ticking.stop()
            self.changed.emit(False)

    def resume(self) -> None:
        """Go on with the moves, or to the step, that were asked for."""
        if self._target is not None:
            self._running.start()

    def _tick(self) -> None:
        if self._debugger is None:
            self.stop_playing()
        elif not self._move:  # else it plays too fast for this step
            self._start(PLAY, self._debugger.needed("over"))

    def _start(self, word: str, step: int) -> None:
        """Make a move that needs a step: now if that runs quickly, else once it has run."""
        assert self._debugger is not None
        self._move = word
        if is_long(self._debugger.run, step):
            self._target, self._is_long = step, True
            self._running.start()
        else:
            self._finish()

    def _finish(self) -> None:
        """Make the move that was begun, if one was."""
        word, self._move = self._move, ""
        if not word or self._debugger is None:
            return
        self._target = None
        self._running.stop()
        if word != PLAY:
            self._debugger.move(word)
        elif not self._debugger.play_on(self._pace.at_once):
            self.stop_playing()
        self.moved.emit()

    def _forget(self) -> None:
        """Don't make the move that was begun, nor those asked for after it."""
        self._later.clear()
        if self._move:
            self._move, self._target = "", None

    def _run_on(self) -> None:
        if self._debugger is None or self._target is None:
            self._running.stop()
            return
        run = self._debugger.run
        if run.ran <= self._target and (not run.advance(self._target, SLICE) or self._is_long):
            return
        if self._move:
            self._finish()
            while self._later and not self._move:
                word = self._later.pop(0)
                self._start(word, self._debugger.needed(word))
        else:
            self._running.stop()
            step, self._target = self._target, None
            self._debugger.to(step)
            self.moved.emit()
