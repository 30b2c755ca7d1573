"""When a run was recorded, in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from convviz.storage.recording.when import clock, short_clock

NOW = datetime(2026, 11, 30, 18, 0)


@pytest.mark.parametrize(
    ("created", "alone", "within"),
    [
        ("2026-11-30T14:02:59", "today, 14:02", "14:02"),
        ("2026-11-28T14:02:59", "28 Nov, 14:02", "28 Nov, 14:02"),
        ("2024-11-30T14:02:59", "30 Nov 2024", "30 Nov 2024"),
        ("some day", "", ""),
        ("", "", ""),
    ],
)
def test_that_a_time_is_said_alone_and_within_a_sentence(created: str, alone: str, within: str) -> None:
    assert clock(created, NOW) == alone
    assert short_clock(created, NOW) == within
