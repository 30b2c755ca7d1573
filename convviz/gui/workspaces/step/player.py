"""Play: a move, a pause, the next move."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.gui.workspaces.step.pace import PACES


class Player(QObject):
    """Ticks at the chosen pace while it plays.

    Attributes
    ----------
    ticked : Signal(int)
        Time for the next move; carries how many micro-steps at once.
    changed : Signal(bool)
        Whether it plays now.
    """

    ticked = Signal(int)
    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pace = PACES[3]
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def set_pace(self, number: int) -> None:
        """Use another pace of :data:`PACES`; takes effect at once."""
        self._pace = PACES[number]
        self._timer.setInterval(self._pace.pause)

    def toggle(self) -> None:
        """Start or stop."""
        if self.playing:
            self.stop()
        else:
            self._timer.start(self._pace.pause)
            self.changed.emit(True)

    def stop(self) -> None:
        """Stop."""
        if self.playing:
            self._timer.stop()
            self.changed.emit(False)

    def _tick(self) -> None:
        self.ticked.emit(self._pace.at_once)
