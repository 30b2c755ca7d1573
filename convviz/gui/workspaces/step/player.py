"""Moves that take time: playing at a pace, and running to a far step while the window stays responsive."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.pace import PACES

SLICE = 0.012
"""Seconds of computing before control returns to the event loop."""


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

    def run_to(self, step: int) -> None:
        """Run to a step; if that takes long, in slices between which the window handles events."""
        if self._debugger is None:
            return
        self.stop()
        if self._debugger.run.ran > step:
            self._debugger.to(step)
            self.moved.emit()
        else:
            self._target = step
            self._running.start()

    def stop_playing(self) -> None:
        """Stop playing, but not running to a step."""
        if self.playing:
            self._ticking.stop()
            self.changed.emit(False)

    def stop(self) -> None:
        """Stop playing and running to a step."""
        self.pause()
        self._target = None

    def pause(self) -> None:
        """Halt while the workspace is hidden; :meth:`resume` continues running to a step, but not playing."""
        self.stop_playing()
        self._running.stop()

    def resume(self) -> None:
        """Continue running to the step that was asked for."""
        if self._target is not None:
            self._running.start()

    def _tick(self) -> None:
        if self._debugger is None:
            self.stop_playing()
            return
        if not self._debugger.play_on(self._pace.at_once):
            self.stop_playing()
        self.moved.emit()

    def _run_on(self) -> None:
        if self._debugger is None or self._target is None:
            self._running.stop()
        elif self._debugger.run.advance(self._target, SLICE):
            self._running.stop()
            step, self._target = self._target, None
            self._debugger.to(step)
            self.moved.emit()
