"""The text of a function of many terms, cut where it says the same of one term after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppliedTerm:
    """The place of a term in the text."""

    number: int


@dataclass(frozen=True, slots=True)
class AppliedRest:
    """The place of terms that are left out, and how many they are."""

    count: int


AppliedBit = str | AppliedTerm | AppliedRest


def applied_bits(text: str, room: int, kept: int | None = None) -> list[AppliedBit]:
    """Take a function's text apart: words, terms, and terms that are left out for lack of room.

    Only of several terms in a row with the same words between them some are left out, from the middle of the row:
    of ``log(e^({0}) + e^({1}) + … + e^({999})) − {7}`` those in the sum.

    Parameters
    ----------
    text : str
        With ``{0}``, ``{1}`` … for the terms.
    room : int
        The largest number of terms of a row that are written.
    kept : int, optional
        A term that is always written.
    """
    split = re.split(r"\{(\d+)\}", text)
    words, numbers = split[::2], [int(number) for number in split[1::2]]
    made: list[AppliedBit] = [words[0]]
    for start, end in _rows(words, len(numbers)):
        row = numbers[start:end]
        ahead = max(1, room - 1)
        shown = [*range(ahead), len(row) - 1] if len(row) > max(2, room) else list(range(len(row)))
        if kept in row and row.index(kept) not in shown:
            shown = sorted({*shown, row.index(kept)} - {ahead - 1 if ahead > 1 else -1})
        before = -1
        for place in shown:
            if place > before + 1:
                made += [AppliedRest(place - before - 1), words[start + 1]]
            made += [AppliedTerm(row[place]), words[start + place + 1]]
            before = place
    return made


def _rows(words: list[str], count: int) -> Iterator[tuple[int, int]]:
    """Terms in a row with the same words between them, at least three, or one alone: where they begin and end."""
    start = 0
    while start < count:
        end = start + 1
        while end < count and words[end] == words[start + 1]:
            end += 1
        end = end if end - start > 2 else start + 1
        yield start, end
        start = end
