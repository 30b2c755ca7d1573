"""Waiting for what a running recorder has not written yet."""

from __future__ import annotations

import time
from collections.abc import Callable

from convviz.storage.recording.read import Recording

__all__ = ["await_step"]

LATE = 1.5
"""Seconds to wait at most: the recorder writes more often than that."""


def await_step(recording: Recording, step: int, is_wanted: Callable[[], bool]) -> None:
    """Wait until ``step`` is in the file, can no longer come, or is no longer wanted."""
    end = time.monotonic() + LATE
    while step > recording.last_step and is_wanted():
        if recording.head.ended != "running" or time.monotonic() > end:
            return
        time.sleep(0.02)
