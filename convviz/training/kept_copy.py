"""Repeated copies of arrays into the same memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from convviz.core.arrays import Array


class KeptCopy:
    """Copies arrays by name. Only the first copy allocates memory, which takes longer than filling it.

    Parameters
    ----------
    names : iterable of str
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._copies: dict[str, Array] = {}

    def of(self, arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        """The copies, which the next call writes into."""
        for name in self._names:
            array, copy = arrays[name], self._copies.get(name)
            if copy is None:
                self._copies[name] = array.copy()
            else:
                np.copyto(copy, array)
        return self._copies
