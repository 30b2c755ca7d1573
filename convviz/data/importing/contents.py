"""What a file of any format holds: named arrays, read row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError

__all__ = ["Contents", "Pair", "RawArray", "in_memory"]

Pair = tuple[str, str | None]
"""Names of the array of images and of the array of labels; no labels where there are none."""


@dataclass(frozen=True, slots=True)
class RawArray:
    """An array as it is in a file.

    Parameters
    ----------
    name : str
        What the file calls it.
    shape : tuple of int
        With the images along the first axis, unless ``sample_axis`` says otherwise.
    dtype : numpy.dtype
    stored : int
        Bytes that it takes in the file, compressed or not.
    load : callable
        Takes first and last (excluded) image and returns those, with the images along ``sample_axis``.
    sample_axis : int
        0, or −1 where the images lie along the last axis (MATLAB).
    span : tuple of float, optional
        Smallest and largest value that the format allows, where no value need be looked at to tell.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    stored: int
    load: Callable[[int, int], NDArray[Any]]
    sample_axis: int = 0
    span: tuple[float, float] | None = None

    @property
    def count(self) -> int:
        """Number of images or labels."""
        return self.shape[self.sample_axis] if self.shape else 0

    @property
    def image_axes(self) -> tuple[int, ...]:
        """Lengths of the other axes, in the order of the file."""
        return self.shape[:-1] if self.sample_axis else self.shape[1:]

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The images from ``start`` to ``stop`` (excluded), along the first axis."""
        found = self.load(start, stop)
        return np.moveaxis(found, -1, 0) if self.sample_axis else found


@dataclass(frozen=True, slots=True)
class Contents:
    """The arrays of a file or folder, and what its format says about them.

    Parameters
    ----------
    form : str
        The format in words: ``CSV, no header row``.
    arrays : tuple of RawArray
    parts : mapping of str to Pair
        ``train`` and ``test`` → the arrays, where the format says so; otherwise their names tell.
    class_names : tuple of str
        Names of the classes, if the file has them.
    axes : str
        Order of an image's axes, where the format says so: ``CHW``, ``HWC``, ``WH`` …
    notes : tuple of str
        Sentences about what was found, for the user.
    """

    form: str
    arrays: tuple[RawArray, ...]
    parts: Mapping[str, Pair] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    axes: str = ""
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> RawArray:
        for array in self.arrays:
            if array.name == name:
                return array
        held = ", ".join(array.name for array in self.arrays[:12]) or "none"
        raise DataError(f"array: expected one of the file's arrays, {held}, got {name!r}", field=name)


def in_memory(name: str, values: NDArray[Any], stored: int | None = None, sample_axis: int = 0) -> RawArray:
    """An array whose values were read already."""

    def load(start: int, stop: int) -> NDArray[Any]:
        return values[..., start:stop] if sample_axis else values[start:stop]

    return RawArray(name, values.shape, values.dtype, values.nbytes if stored is None else stored, load, sample_axis)
