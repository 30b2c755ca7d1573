"""When the slower texts are made: a moment after a move, and only once of moves that follow one another."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

SETTLE = 40
"""Milliseconds without a move after which they are made, while moves come fast: by a held key, or by the pointer."""
ALONE = 8
"""The same after a move that came after a pause: enough to draw the rest first."""
PAUSE = 200
"""Milliseconds between two moves after which the second is one alone."""


class Settling(QTimer):
    """Fires once the user has settled somewhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self._since_move = QElapsedTimer()

    def moved(self) -> None:
        """Restart the wait."""
        is_alone = not self._since_move.isValid() or self._since_move.elapsed() >= PAUSE
        self._since_move.start()
        self.start(ALONE if is_alone else SETTLE)
