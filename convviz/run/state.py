"""What a session does: one word, which the window knows before it has anything of the session's."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What the session does."""

    EMPTY = "empty"
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
