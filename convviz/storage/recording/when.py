"""When a run was recorded, in words."""

from __future__ import annotations

from datetime import datetime

__all__ = ["clock", "short_clock"]


def clock(created: str, now: datetime | None = None) -> str:
    """``today, 14:02``, ``28 Nov, 14:02``, ``28 Nov 2024``; empty if it is no time."""
    return words(created, now, "today, ")


def short_clock(created: str, now: datetime | None = None) -> str:
    """The same within a sentence, such as “the run of 14:02”: nothing is said of today."""
    return words(created, now, "")


def words(created: str, now: datetime | None, today: str) -> str:
    """A time in words; ``today`` is put before one of today."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return ""
    now = now or datetime.now(when.tzinfo)
    if when.date() == now.date():
        return f"{today}{when:%H:%M}"
    day = f"{when.day} {when:%b}"
    return f"{day}, {when:%H:%M}" if when.year == now.year else f"{day} {when.year}"
