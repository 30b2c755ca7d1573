"""How far each field of each layer can go before the layer no longer fits: the ranges of sliders and arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from convviz.core.arrays import MAPS, Role
from convviz.core.design import Design
from convviz.core.errors import ShapeError
from convviz.core.layers import ConvTranspose2D, GroupNorm, pair
from convviz.core.lower import IMAGES
from convviz.core.ops.window import Window
from convviz.core.program import Builder, Phase
from convviz.core.wiring import reads_of
from convviz.present.design.costs import Costs

__all__ = ["Reach", "reaches", "window_reach"]

Reach = dict[str, tuple[int, int]]


def reaches(design: Design, costs: Costs) -> list[Reach]:
    """For every layer: the lowest and highest number that fits, for each field that the shapes limit."""
    found: list[Reach] = []
    for layer, reads in zip(design.layers, reads_of(design.layers), strict=True):
        shape = costs.shape_of(reads[0], design) if reads else None
        maps = shape is not None and len(shape) == 3 and hasattr(layer, "kernel")
        if isinstance(layer, GroupNorm) and shape is not None and len(shape) == 3:
            found.append({"groups": (1, shape[0])})
            continue
        if isinstance(layer, ConvTranspose2D):
            found.append(transposed_reach(layer, shape) if shape is not None and len(shape) == 3 else {})
            continue
        found.append(window_reach(layer, shape[1], shape[2]) if shape is not None and maps else {})
    return found


def window_reach(layer: Any, height: int, width: int) -> Reach:
    """The ranges for a convolution or pooling layer on maps of that size."""
    window: Window = layer.window
    padding: Any = layer.padding
    before = (0, 0) if isinstance(padding, str) else pair(padding)
    room = (height + 2 * before[0], width + 2 * before[1])
    is_pool = not hasattr(layer, "filters")
    if padding == "same":
        # Every kernel fits then, but beyond twice the image's size it would read more padding than image.
        kernel = 2 * min(height, width) - 1 if not is_pool else min(height, width)
    else:
        kernel = min((size - 1) // d + 1 for size, d in zip(room, window.dilation, strict=True))
    short = max(reach - size for reach, size in zip(window.reach, (height, width), strict=True))
    most = min(window.kernel) - 1 if is_pool else max(min(window.reach) - 1, 0)
    found: Reach = {
        # A pooling window has to be larger than the padding it reaches into.
        "kernel": (max(before) + 1 if is_pool else 1, max(kernel, 1)),
        "stride": (1, max(1, *(size - reach + 1 for size, reach in zip(room, window.reach, strict=True)))),
        "padding": (max(-(-short // 2), 0), max(most, -(-short // 2), 0)),
    }
    if hasattr(layer, "dilation"):
        cells = max(window.kernel)
        found["dilation"] = (1, max((min(room) - 1) // (cells - 1), 1) if cells > 1 else 1)
    if is_pool and hasattr(layer, "dilation") and (padding == "same" or max(before)):
        # The cells of a dilated window may all lie in the padding, at some sizes and not at others.
        found = {name: _narrowed(layer, name, ends, (height, width)) for name, ends in found.items()}
    return found


def _narrowed(layer: Any, name: str, ends: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The lowest and highest number of a range with which a pooling layer fits; the whole range if none does."""
    numbers = range(ends[0], ends[1] + 1)
    low = next((number for number in numbers if _fits(layer, name, number, size)), None)
    high = next((number for number in reversed(numbers) if _fits(layer, name, number, size)), None)
    return ends if low is None or high is None else (low, high)


def _fits(layer: Any, name: str, number: int, size: tuple[int, int]) -> bool:
    """Whether a pooling layer can be applied to maps of a size with another number in one field."""
    build = Builder(1)
    build.source(IMAGES, (1, 1, *size), Role.INPUT, MAPS)
    try:
        with build.at(Phase.FORWARD, "pool"):
            replace(layer, **{name: number}).lower(build, IMAGES)
    except ShapeError:
        return False
    return True


def transposed_reach(layer: ConvTranspose2D, shape: Sequence[int]) -> Reach:
    """The ranges for a transposed convolution on maps of that shape."""
    window, more = layer.window, pair(layer.output_padding)
    # How many rows or columns the strides have to add, so that the padding leaves at least one; and how many strides.
    short = [
        (1 + 2 * cut - reach - extra, size - 1)
        for cut, reach, extra, size in zip(pair(layer.padding), window.reach, more, shape[1:], strict=True)
    ]
    full = [
        (size - 1) * stride + reach + extra
        for size, stride, reach, extra in zip(shape[1:], window.stride, window.reach, more, strict=True)
    ]
    return {
        "stride": (max([max(more) + 1, *(-(-least // gaps) for least, gaps in short if gaps)]), 64),
        "output_padding": (0, min(window.stride) - 1),
        "padding": (0, max((min(full) - 1) // 2, 0)),
    }
