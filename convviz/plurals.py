"""Pieces of sentences: counts in words, and the size of a first letter."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 row``, ``3 rows``, ``46,900 images``; the plural where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def capital(text: str) -> str:
    """With a capital letter; symbols such as β are not changed."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text


def small(text: str) -> str:
    """With a small letter, as within a sentence."""
    return text[:1].lower() + text[1:]
