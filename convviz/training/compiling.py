"""Compiling kernels before they are called, one by one, so that somebody can be told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convviz.core.engine import Kernel


def compiled(kernels: Sequence[Kernel]) -> Iterator[tuple[int, int]]:
    """Have kernels compiled; yields how many are there, and how many there are, once one had to be made."""
    has_made = False
    for done, kernel in enumerate(kernels, 1):
        has_made |= kernel.compile()
        if has_made:
            yield done, len(kernels)
