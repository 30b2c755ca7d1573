"""Words for times and counts."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """``3:22``, ``1:04:09``; ``–`` where it is not known."""
    if not 0 <= seconds < 1e7:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: float) -> str:
    """``46,900``."""
    return f"{round(number):,}"


def place(epoch: int, step: int) -> str:
    """``epoch 3, step 2,871``; where a training stands."""
    return f"epoch {epoch}, step {count(step)}"
