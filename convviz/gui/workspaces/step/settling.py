"""When the slower texts are made: a moment after a move, and only once for a series of quick moves."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

SETTLE = 40
"""Milliseconds without a move before the texts are made, when moves come fast: from a held key or the pointer."""
ALONE = 8
"""The same after a single move that follows a pause: long enough for everything else to be drawn first."""
PAUSE = 200
"""Milliseconds since the previous move from which a move counts as a single one."""


class Settling(QTimer):
    """A timer for when the user has stopped moving.

    Attributes
    ----------
    settled : Signal()
        It is time for the slower texts.
    """

    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self._since_move = QElapsedTimer()
        self._has_waited = False
        self.timeout.connect(self._go_on)

    def moved(self) -> None:
        """Restart the wait."""
        is_alone = not self._since_move.isValid() or self._since_move.elapsed() >= PAUSE
        self._since_move.start()
        self._has_waited = False
        self.start(ALONE if is_alone else SETTLE)

    @Slot()
    def _go_on(self) -> None:
        """Let one more turn pass: all timers that are due go off in a row, and a move's painting is one of them."""
        if self._has_waited:
            self.settled.emit()
        else:
            self._has_waited = True
            self.start(1)  # not 0: that would be an event, handled before any input
