"""The indices that are written beside a picture: few, at round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from convviz.present.step.slices import ArraySlice

__all__ = ["Ruling", "rulings"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """The indices along one side of a picture.

    Parameters
    ----------
    start : int
        Index of the first row or column.
    count : int
        How many rows or columns there are.
    each : int
        Indices per row, for a vector that was folded into several rows.
    """

    start: int
    count: int
    each: int = 1

    def number(self, place: int) -> int:
        """Index of a row or column of the picture."""
        return self.start + place * self.each

    @property
    def last(self) -> int:
        """The largest index."""
        return self.number(self.count - 1)

    def places(self, first: int, last: int, scale: float, room: float) -> range:
        """The rows or columns from ``first`` to ``last`` that are numbered: 1, 2 or 5 times a power of ten apart.

        Parameters
        ----------
        first, last : int
            The visible range, both included.
        scale : float
            Pixels per row or column.
        room : float
            Smallest distance between two numbers, in pixels.
        """
        apart = room / max(scale, 1e-9)
        power = 10 ** max(0, math.floor(math.log10(max(apart, 1.0))))
        step = next(round(power * times) for times in (1, 2, 5, 10) if power * times >= apart)
        # The indices are round numbers, not their places in the picture.
        offset = self.start % step if self.each == 1 else 0
        begin = first + (-(first + offset)) % step
        return range(begin, min(last, self.count - 1) + 1, step)


def rulings(view: ArraySlice) -> tuple[Ruling, Ruling]:
    """The indices along the rows and the columns of each map of a picture."""
    _, rows, columns = view.fold
    if len(view.count) >= 2 and view.count[-2:] == (rows, columns):
        return Ruling(view.start[-2], rows), Ruling(view.start[-1], columns)
    if len(view.count) == 1:
        return Ruling(view.start[0], rows, columns), Ruling(view.start[0] if rows == 1 else 0, columns)
    # A row or column of a matrix that is folded back into a window or map is counted within that.
    return Ruling(0, rows), Ruling(0, columns)
