"""The text of a function of many terms, with the middle of long repetitions left out."""

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
    """A place in the text where terms are left out, and how many."""

    count: int


AppliedBit = str | AppliedTerm | AppliedRest


def applied_bits(text: str, room: int, kept: int | None = None) -> list[AppliedBit]:
    """Split a function's text into words, terms and gaps, where terms are left out for lack of room.

    Terms are left out only from the middle of a row of terms that have the same words between them: in
    ``log(e^({0}) + e^({1}) + … + e^({999})) − {7}``, from the sum.

    Parameters
    ----------
    text : str
        With ``{0}``, ``{1}`` … for the terms.
    room : int
        How many terms of a row are written at most.
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
    """Yield start and end of every row: three or more terms with the same words between them, or a single term."""
    start = 0
    while start < count:
        end = start + 1
        while end < count and words[end] == words[start + 1]:
            end += 1
        end = end if end - start > 2 else start + 1
        yield start, end
        start = end
