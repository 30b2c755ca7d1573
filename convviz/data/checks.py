"""Checks values that are read block by block, and the settings for reading them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.machine import free_memory, memory_words

#: Most bytes of memory that the arrays of one data set may take. A few bytes of a file can declare any size.
LARGEST_DATA = 4 * 2**30
#: Bytes above which the file must have at least 1/``DENSEST`` of the declared values: images can't be packed denser.
LARGEST_PACKED = 2**28
DENSEST = 250


def check_geometry(**settings: int) -> None:
    """Refuse image sizes below 1 and fewer than 2 classes.

    Raises
    ------
    DataError
        The message names the setting.
    """
    for field, value in settings.items():
        least = 2 if field == "classes" else 1
        if value < least:
            raise DataError(f"{field}: expected a whole number of at least {least}, got {value}", field=field)


class Room:
    """How much may still be loaded: all arrays of a data set together must fit in ``most`` bytes and in free memory.

    Parameters
    ----------
    most : int
        Bytes.
    """

    def __init__(self, most: int = LARGEST_DATA) -> None:
        self._most = most
        self._free = free_memory()
        self._taken = 0

    def take(self, what: str, field: str, size: int, stored: int, declared: str, kind: str = "images") -> None:
        """Reserve room for an array before it is allocated.

        Parameters
        ----------
        what, field
            File and field, for the message, and the field alone.
        size
            Bytes of its values in memory.
        stored
            Bytes of its values in the file.
        declared
            Where ``size`` comes from, for the message: ``declared by shape (60000, 784)``.
        kind
            What they are expected to be, for the message.

        Raises
        ------
        DataError
            There is no room for it, or so few bytes of the file can't hold such images.
        """
        self._taken += size
        got = f"{self._taken / 2**30:,.1f} GiB {declared}"
        if self._taken > self._most:
            raise DataError(f"{what}: expected at most {self._most / 2**30:g} GiB of values, got {got}", field=field)
        if self._free is not None and self._taken > self._free:
            fits = memory_words(self._free)
            raise DataError(
                f"{what}: expected data that fits in the {fits} of memory that are free, got {got}", field=field
            )
        if size > LARGEST_PACKED and stored * DENSEST < size:
            raise DataError(
                f"{what}: expected {kind}, got {size / 2**20:,.0f} MiB of values {declared} in {stored / 2**20:,.1f} "
                "MiB of the file, which can only be one value again and again",
                field=field,
            )


class PixelCheck:
    """Pixels must be finite floating-point numbers in 0…1.

    Parameters
    ----------
    what
        File and field, for the message.
    field
        The field alone.
    stored
        The type in the file.
    image
        (C, H, W), to say where a bad pixel is.
    bounded
        Whether pixels must lie in 0…1; otherwise it is enough that they are finite.
    """

    #: The type that the values are converted to.
    dtype: np.dtype[Any] = np.dtype(np.float32)

    def __init__(
        self, what: str, field: str, stored: np.dtype[Any], image: tuple[int, int, int], *, bounded: bool = True
    ) -> None:
        self._bounded = bounded
        self._what = what
        self._field = field
        self._stored = stored
        self._image = image
        self._low: float = np.inf
        self._high: float = -np.inf
        self._bad = 0
        self._first: tuple[int, int, str] | None = None

    @property
    def fine(self) -> bool:
        """Whether all values so far are allowed."""
        return self._bad == 0 and (not self._bounded or (self._low >= 0 and self._high <= 1))

    def look(self, start: int, block: NDArray[Any]) -> None:
        """Check the rows from ``start`` on."""
        low, high = block.min(), block.max()
        # A NaN makes both NaN, and an infinity is one of the two: only then is the block searched.
        if not (np.isfinite(low) and np.isfinite(high)):
            finite = np.isfinite(block)
            self._bad += int(block.size - np.count_nonzero(finite))
            if self._first is None:
                row, column = divmod(int(np.argmin(finite)), block.shape[1])
                self._first = start + row, column, str(block[row, column])
            if not finite.any():
                return
            low, high = block.min(where=finite, initial=np.inf), block.max(where=finite, initial=-np.inf)
        self._low = min(self._low, float(low))
        self._high = max(self._high, float(high))

    def finish(self) -> None:
        """Raise DataError if any pixel was bad."""
        if self._first is not None:
            image, column, value = self._first
            _, height, width = self._image
            channel, rest = divmod(column, height * width)
            row, x = divmod(rest, width)
            number = "one value that is" if self._bad == 1 else f"{self._bad:,} values that are"
            raise DataError(
                f"{self._what}: expected finite pixels, got {number} NaN or infinite, the first ({value}) in "
                f"image {image:,}, channel {channel}, row {row}, column {x}",
                field=self._field,
            )
        if not self._bounded:
            return
        span = f"{_short(self._low)}…{_short(self._high)}"
        divide = "; divide them by 255" if self._low >= 0 and 1 < self._high <= 255 else ""
        if self._stored.kind != "f":
            raise DataError(
                f"{self._what}: expected floating-point numbers in 0…1, got whole numbers in {span} "
                f"({self._stored.name}){divide}",
                field=self._field,
            )
        if self._low < 0 or self._high > 1:
            raise DataError(f"{self._what}: expected values in 0…1, got {span}{divide}", field=self._field)


class LabelCheck:
    """Labels must be whole numbers in 0…classes−1.

    Parameters
    ----------
    what
        File and field, for the message.
    field
        The field alone.
    classes
        How many classes there are.
    """

    #: The type that the values are converted to.
    dtype: np.dtype[Any] = np.dtype(np.int64)

    def __init__(self, what: str, field: str, classes: int) -> None:
        self._what = what
        self._field = field
        self._classes = classes
        self._low: int | None = None
        self._high: int | None = None
        self._first: int | None = None

    @property
    def fine(self) -> bool:
        """Whether all values so far are allowed."""
        return self._first is None

    def look(self, start: int, block: NDArray[Any]) -> None:
        """Check the rows from ``start`` on."""
        low, high = int(block.min()), int(block.max())
        self._low = low if self._low is None else min(self._low, low)
        self._high = high if self._high is None else max(self._high, high)
        if self._first is None and (low < 0 or high >= self._classes):
            self._first = start + int(np.argmax((block < 0) | (block >= self._classes)))

    def finish(self) -> None:
        """Raise DataError if any label was outside."""
        if self._first is not None:
            span = f"{self._low}…{self._high}".replace("-", "−")
            raise DataError(
                f"{self._what}: expected labels in 0…{self._classes - 1} for {self._classes} classes, got {span}, "
                f"the first outside at image {self._first:,}",
                field=self._field,
            )


def _short(value: float) -> str:
    """Six digits, or all of them if six would hide that the value is out of range."""
    text = f"{value:.6g}"
    if text in ("0", "-0", "1", "255") and float(text) != value:
        text = repr(float(value))
    return text.replace("-", "−")
