"""The state of a session, in a module that the window can import early."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What the session does."""

    EMPTY = "empty"
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
