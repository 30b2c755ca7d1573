"""When the slower texts are made: a moment after a move, and only once for a series of quick moves."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

SETTLE = 40
"""Milliseconds without a move before the texts are made, when moves come fast: from a held key or the pointer."""
ALONE = 8
"""The same after a single move that follows a pause: long enough for everything else to be drawn first."""
PAUSE = 200
"""Milliseconds since the previous move from which a move counts as a single one."""


class Settling(QTimer):
    """A timer that fires once the user has stopped moving."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self._since_move = QElapsedTimer()

    def moved(self) -> None:
        """Restart the wait."""
        is_alone = not self._since_move.isValid() or self._since_move.elapsed() >= PAUSE
        self._since_move.start()
        self.start(ALONE if is_alone else SETTLE)
