"""Which axis of an array counts channels, rows and columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.contents import RawArray
from convviz.data.importing.recipe import Finding
from convviz.data.sources import ImageSpec
from convviz.plurals import counted

__all__ = ["AxisOrder", "arrange", "arrangement_of", "channels_first", "shape_words"]

CHANNELS = (1, 3, 4, 2)
"""Numbers of channels that an image may have, the most frequent first."""
LETTERS = frozenset("CHW")


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """The order of an image's axes, and their lengths as (C, H, W)."""

    axes: str
    image: tuple[int, int, int]
    finding: Finding


def arrangement_of(what: str, array: RawArray, hint: str = "", like: ImageSpec | None = None) -> AxisOrder:
    """Find out the order of the images' axes in an array.

    Parameters
    ----------
    what : str
        File and array, for messages.
    array : RawArray
    hint : str
        Order of the axes according to the format, or empty.
    like : ImageSpec, optional
        What a network expects; decides if more than one order fits.

    Raises
    ------
    DataError
        No order fits.
    """
    lengths = array.image_axes
    squeezed = tuple(length for length in lengths if length != 1) if len(lengths) != 3 else lengths
    if len(squeezed) <= 1:
        return _flat(what, math.prod(lengths), hint, like)
    if len(squeezed) == 2:
        axes = hint if hint in ("HW", "WH") else "HW"
        height, width = squeezed if axes == "HW" else squeezed[::-1]
        turned = axes == "WH"
        words = f"{height}×{width}, " + ("stored column by column" if turned else "one channel")
        return AxisOrder(axes, (1, height, width), Finding("axes", words, changes=turned))
    if len(squeezed) == 3:
        return _three(what, squeezed, hint, like)
    raise DataError(f"{what}: expected images with 1 to 3 axes, got shape {shape_words(array.shape)}", field=array.name)


def arrange(block: NDArray[Any], axes: str, image: tuple[int, int, int]) -> NDArray[Any]:
    """Images as (n, C, H, W), a view where possible.

    Parameters
    ----------
    block : ndarray, (n, …)
        The images as they are in the file.
    axes : str
        Order of their axes: ``HWC``.
    image : tuple of int
        (C, H, W).
    """
    lengths = dict(zip("CHW", image, strict=True))
    order = axes if "C" in axes else "C" + axes
    unfolded = block.reshape(len(block), *(lengths[axis] for axis in order))
    return unfolded.transpose(0, *(1 + order.index(axis) for axis in "CHW"))


def channels_first(axes: str) -> bool:
    """Whether an image is stored plane by plane, not pixel by pixel."""
    return axes.startswith("C") or "C" not in axes


def shape_words(shape: tuple[int, ...]) -> str:
    """``(60000, 28, 28)``."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _flat(what: str, columns: int, hint: str, like: ImageSpec | None) -> AxisOrder:
    """Images that are stored as rows of numbers."""
    wide = len(hint) == 3
    if like is not None and columns == math.prod(like.shape):
        image = like.shape
    else:
        fits = [(count, math.isqrt(columns // count)) for count in CHANNELS if columns % count == 0]
        squares = [(count, side) for count, side in fits if side > 0 and count * side * side == columns]
        if not squares:
            raise DataError(
                f"{what}: expected as many numbers per image as a square has pixels, got {columns:,}; "
                "choose height and width"
            )
        count, side = squares[0]
        image = (count, side, side)
    axes = hint if hint and (wide or image[0] == 1) else ("HW" if image[0] == 1 else "CHW")
    words = (
        f"{counted(columns, 'number')} per image, "
        + (f"{image[0]} × " if image[0] > 1 else "")
        + f"{image[1]}×{image[2]}"
    )
    turned = axes.index("W") < axes.index("H")
    sure = image[0] == 1 or bool(hint)
    return AxisOrder(axes, image, Finding("axes", words + (", column by column" if turned else ""), sure, turned))


def _three(what: str, lengths: tuple[int, ...], hint: str, like: ImageSpec | None) -> AxisOrder:
    """Images with an axis for channels."""
    orders = [hint] if set(hint) == LETTERS else ["CHW", "HWC"]
    found = [(order, _sizes(order, lengths)) for order in orders]
    if hint == "" or set(hint) != LETTERS:
        found = [(order, image) for order, image in found if image[0] in CHANNELS]
        if like is not None and len(found) != 1:
            # Another number of channels is taken only if a network asks for just that.
            liked = [(order, image) for order in orders if (image := _sizes(order, lengths)) == like.shape]
            found = liked or found
    if not found:
        raise DataError(f"{what}: expected images with 1 to 4 channels, got {shape_words(lengths)} per image")
    axes, image = found[0]
    turned = axes.index("W") < axes.index("H")
    order = "channels first" if channels_first(axes) else "channels last"
    words = f"{image[0]} {'channel' if image[0] == 1 else 'channels'} of {image[1]}×{image[2]}, {order}"
    return AxisOrder(axes, image, Finding("axes", words + (", column by column" if turned else ""), len(found) == 1))


def _sizes(order: str, lengths: tuple[int, ...]) -> tuple[int, int, int]:
    return tuple(lengths[order.index(axis)] for axis in "CHW")  # type: ignore[return-value]
