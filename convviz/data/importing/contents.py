"""What a file of any format holds: named arrays, read row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError

__all__ = ["Contents", "Pair", "RawArray", "in_memory"]

Pair = tuple[str, str | None]
"""Name of the array of images, and name of the array of labels; None if there are no labels."""


@dataclass(frozen=True, slots=True)
class RawArray:
    """An array in a file, whose values are read only when they are asked for.

    Parameters
    ----------
    name : str
        Its name in the file.
    shape : tuple of int
        The images lie along the first axis, unless ``sample_axis`` says otherwise.
    dtype : numpy.dtype
    stored : int
        Bytes that it takes in the file, compressed or not.
    load : callable
        Takes the first image and the last (excluded), and returns the images between, along ``sample_axis``.
    sample_axis : int
        0, or −1 if the images lie along the last axis (MATLAB).
    span : tuple of float, optional
        Smallest and largest value that the format allows, if they are known without looking at the values.
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
    def declared(self) -> int:
        """Bytes that all its values take once they are unpacked, by its shape and type."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def image_axes(self) -> tuple[int, ...]:
        """Lengths of the axes of one image, in the order of the file."""
        return self.shape[:-1] if self.sample_axis else self.shape[1:]

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The images from ``start`` to ``stop`` (excluded), moved to the first axis."""
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
        ``train`` and ``test`` → their arrays, if the format says so; if it is empty, the arrays' names tell.
    class_names : tuple of str
        Names of the classes, if the file has them.
    axes : str
        Order of an image's axes, if the format says so: ``CHW``, ``HWC``, ``WH`` …
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
    """An array whose values have already been read."""

    def load(start: int, stop: int) -> NDArray[Any]:
        return values[..., start:stop] if sample_axis else values[start:stop]

    return RawArray(name, values.shape, values.dtype, values.nbytes if stored is None else stored, load, sample_axis)
