"""Puts shapes, types and names that a file declares into words, for messages."""

from __future__ import annotations

from typing import Any

import numpy as np

from convviz.core.arrays import Shape

SHOWN = 8
"""Most names that a message lists."""


def declared_words(dtype: np.dtype[Any], shape: Shape | None) -> str:
    """``32×1×7×7 float32``, ``one int64``, ``text of 12 bytes``."""
    if dtype.kind == "S" and shape == ():
        return f"text of {dtype.itemsize:,} bytes"
    kinds = {"O": "objects", "V": "records", "S": "texts", "U": "texts"}
    kind = kinds.get(dtype.kind, dtype.name)
    return f"{'one' if shape == () else shape_words(shape)} {kind}"


def shape_words(shape: Shape | None) -> str:
    """``32×1×7×7``."""
    return "no" if shape is None else "×".join(f"{n:,}" for n in shape)


def some(names: list[str]) -> str:
    """A list of names, shortened if it is long."""
    shown = [printable(name) for name in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def printable(text: str, longest: int = 80) -> str:
    """Any text from a file, made printable on one line."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)[:longest]
