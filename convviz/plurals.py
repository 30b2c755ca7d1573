"""Counts in words: one of a thing, or several."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 row``, ``3 rows``, ``46,900 images``; the plural where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
