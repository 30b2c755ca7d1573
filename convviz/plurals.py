"""Pieces of sentences: counts with their nouns, and upper or lower case of the first letter."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count and its noun: ``1 row``, ``46,900 images``. Give ``plural`` if it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def capital(text: str) -> str:
    """The text with its first letter in upper case; symbols such as β are not changed."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text


def small(text: str) -> str:
    """The text with its first letter in lower case, as within a sentence."""
    return text[:1].lower() + text[1:]
