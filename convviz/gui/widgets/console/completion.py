"""Completes the name that is being typed in an expression."""

from __future__ import annotations

import re
from collections.abc import Sequence

from convviz.core.expressions.functions import FUNCTIONS

WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9.]*$")


def word_before(text: str, cursor: int) -> str:
    """The name that ends at the cursor; empty if none does."""
    found = WORD.search(text[:cursor])
    return found.group() if found else ""


def completions(word: str, names: Sequence[str]) -> list[str]:
    """Names and functions that begin with a word, then those in which a later part begins with it."""
    if not word:
        return []
    low = word.lower()
    known = [*(f"{name}(" for name in FUNCTIONS), *names]
    first = [one for one in known if one.lower().startswith(low)]
    then = [one for one in known if one not in first and f".{low}" in one.lower()]
    return [one for one in (*first, *then) if one != word]


def completed(text: str, cursor: int, chosen: str) -> tuple[str, int]:
    """The text with the name at the cursor replaced, and where the cursor is then."""
    word = word_before(text, cursor)
    begin = cursor - len(word)
    return text[:begin] + chosen + text[cursor:], begin + len(chosen)
