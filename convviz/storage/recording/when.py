"""When a run was recorded, in words."""

from __future__ import annotations

from datetime import datetime

__all__ = ["clock"]


def clock(created: str, now: datetime | None = None) -> str:
    """``today, 14:02``, ``28 Nov, 14:02``, ``28 Nov 2024``; empty if it is no time."""
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return ""
    today = now or datetime.now(when.tzinfo)
    if when.date() == today.date():
        return f"today, {when:%H:%M}"
    day = f"{when.day} {when:%b}"
    return f"{day}, {when:%H:%M}" if when.year == today.year else f"{day} {when.year}"
