"""Finds out which values of a file mean 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.data.errors import DataError
from convviz.data.importing.contents import RawArray
from convviz.data.importing.recipe import Finding
from convviz.files.cancel import Cancelled, blocks

__all__ = ["BLOCK_VALUES", "SAMPLE", "ValueRange", "scale_of", "span_of"]

SAMPLE = 2000
"""Number of images to examine where not all need be."""
BLOCK_VALUES = 2**20
"""Values that are read at a time."""


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Smallest and largest value of an array, and whether all are whole numbers."""

    low: float
    high: float
    whole: bool


def span_of(what: str, array: RawArray, *, images: int | None = None, cancelled: Cancelled | None = None) -> ValueRange:
    """Smallest and largest value of the first images, or of all.

    Raises
    ------
    DataError
        There are NaN or infinite values, or no numbers.
    """
    if array.dtype.kind not in "biuf":
        raise DataError(f"{what}: expected pixels as numbers, got {array.dtype.name}", field=array.name)
    if array.span is not None:
        return ValueRange(*array.span, array.dtype.kind in "biu")
    low, high = np.inf, -np.inf
    size = max(1, int(np.prod(array.image_axes, dtype=np.int64)))
    count = array.count if images is None else min(images, array.count)
    for block in blocks(count, cancelled, max(1, BLOCK_VALUES // size)):
        rows = array.rows(block.start, block.stop)
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
        if not (np.isfinite(low) and np.isfinite(high)):
            flat = rows.reshape(len(rows), -1)
            at = int(np.argmax(~np.isfinite(flat).all(axis=1)))
            raise DataError(
                f"{what}: expected finite pixels, got NaN or infinite ones in image {block.start + at:,}",
                field=array.name,
            )
    return ValueRange(low, high, array.dtype.kind in "biu")


def scale_of(array: RawArray, span: ValueRange) -> tuple[float, float, Finding]:
    """The values that become 0 and 1.

    Parameters
    ----------
    array : RawArray
    span : ValueRange
        Range of its values, or of a sample of them.

    Returns
    -------
    low, high : float
    finding : Finding
    """
    seen = f"smallest {span.low:.4g}, largest {span.high:.4g}".replace("-", "−")
    if span.low >= 0 and span.high <= 1 and array.dtype.kind != "u":
        return 0.0, 1.0, Finding("values", seen)
    if array.dtype.kind in "iub":
        if span.low >= 0 and span.high <= 1:
            return 0.0, 1.0, Finding("values", seen, sure=False)
        if span.low >= 0 and span.high <= 255:
            return 0.0, 255.0, Finding("values", seen, changes=True)
        if span.low >= 0 and span.high <= 65535:
            return 0.0, 65535.0, Finding("values", seen, array.dtype == np.uint16, changes=True)
    elif span.low >= 0 and 1 < span.high <= 255 and span.high > 2:
        return 0.0, 255.0, Finding("values", seen, changes=True)
    elif -1 <= span.low < 0 and span.high <= 1:
        return -1.0, 1.0, Finding("values", seen, sure=False, changes=True)
    high = span.high if span.high > span.low else span.low + 1
    return span.low, high, Finding("values", f"{seen}: probably standardised", sure=False, changes=True)
