"""Converts convolution and pooling, operators that move a window over maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from convviz.core.layers import (
    AvgPool2D,
    Conv2D,
    Crop2D,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool2D,
    Padding,
    ZeroPad2D,
)
from convviz.storage.formats.onnx.assembly import Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError

Sides = tuple[int, int, int, int]
"""Top, left, bottom and right, in ONNX's order."""
TO_ROW = frozenset({"Flatten", "Reshape", "Squeeze", "Softmax", "LogSoftmax", "Identity", "Dropout"})
"""Operators for which pooled maps may be a row of features."""


def conv(assembly: Assembly, node: Node) -> Value:
    """Conv in two dimensions."""
    weight = assembly.constant(node, 1, "its filters")
    if weight.ndim != 4:
        raise UnknownNodeError(f"it expects filters in two dimensions, got {words(weight.shape)} numbers")
    weights = {"weight": weight}
    bias = assembly.given(node, 2)
    if bias is not None:
        weights["bias"] = assembly.constant(node, 2, "its bias")
    kernel = weight.shape[2:]
    value, around = padded(assembly, node, kernel, assembly.maps(assembly.value(node)))
    layer = Conv2D(
        filters=weight.shape[0],
        kernel=single(kernel),
        stride=single(node.attribute("strides", (1, 1))),
        padding=around,
        dilation=single(node.attribute("dilations", (1, 1))),
        groups=node.attribute("group", 1),
        bias=bias is not None,
    )
    return assembly.add(node, layer, [value], weights)


def max_pool(assembly: Assembly, node: Node) -> Value:
    """MaxPool, without its second output, the indices of the maxima."""
    if len([name for name in node.outputs if name]) > 1:
        raise UnknownNodeError("no layer outputs the indices of the maxima")
    return pool(assembly, node, MaxPool2D)


def average_pool(assembly: Assembly, node: Node) -> Value:
    """AveragePool; padding may or may not be counted in the mean."""
    return pool(assembly, node, AvgPool2D)


def pool(assembly: Assembly, node: Node, kind: type[MaxPool2D] | type[AvgPool2D]) -> Value:
    """Pooling by windows, for both MaxPool and AveragePool."""
    value = assembly.maps(assembly.value(node))
    kernel = node.attribute("kernel_shape", ())
    if len(kernel) != 2:
        raise UnknownNodeError(f"it expects windows in two dimensions, got {len(kernel)}")
    holes = node.attribute("dilations", (1, 1))
    strides = node.attribute("strides", (1, 1))
    stride = None if tuple(strides) == tuple(kernel) else single(strides)
    beyond, ceil = sides(assembly, node, kernel, value), bool(node.attribute("ceil_mode", 0))
    counts = bool(node.attribute("count_include_pad", 0))
    uneven = not isinstance(beyond, str) and beyond[:2] != beyond[2:]
    sizes, cut = assembly.inner(value)[2:], (0, 0, 0, 0)
    reach = [(taps - 1) * hole + 1 for taps, hole in zip(kernel, holes, strict=True)]
    if kind is AvgPool2D and uneven and counts:
        value, beyond = padded(assembly, node, kernel, value)[0], (0, 0, 0, 0)
    elif not isinstance(beyond, str) and uneven:
        if not ceil:
            beyond, ceil = as_rounded_up(sizes, beyond, reach, strides)
        if beyond[:2] != beyond[2:] and tuple(holes) == (1, 1) and is_whole(sizes, beyond, kernel, strides):
            kernel, stride, beyond, ceil = sizes, None, (0, 0, 0, 0), False
        elif beyond[:2] != beyond[2:]:
            beyond, cut = as_even(sizes, beyond, reach, strides, ceil)
            ceil = False
    around = same_on_both_sides(beyond)
    fields: dict[str, Any] = {
        "kernel": single(kernel),
        "stride": stride,
        "padding": around,
        "ceil": ceil,
        "dilation": single(holes),
    }
    if kind is MaxPool2D:
        made = assembly.add(node, MaxPool2D(**fields), [value])
    else:
        count_padding = counts or around in (0, "valid")
        made = assembly.add(node, AvgPool2D(**fields, count_padding=count_padding), [value])
    top, bottom, left, right = cut
    edges = Crop2D(top=top, bottom=bottom, left=left, right=right)
    return assembly.add(None, edges, [made]) if any(cut) else made


def as_even(
    sizes: Sequence[int], beyond: Sides, reach: Sequence[int], strides: Sequence[int], ceil: bool
) -> tuple[Sides, Sides]:
    """Express uneven padding as even padding, which makes extra windows, and a crop that removes them afterwards.

    Returns
    -------
    tuple of int
        The padding, equal on opposite sides.
    tuple of int
        How many rows and columns to crop at the top, bottom, left and right.

    Raises
    ------
    UnknownNodeError
        The extra windows would lie outside the maps.
    """
    around, cut = [], []
    for axis, size in enumerate(sizes):
        first, last, step = beyond[axis], beyond[axis + 2], strides[axis]
        rest = size + first + last - reach[axis]
        places = (-(-rest // step) if ceil else rest // step) + 1
        if ceil and (places - 1) * step >= size + first:
            places -= 1
        more = 0  # extra windows before the first one
        while (places - 1 + more) * step + reach[axis] > size + 2 * (first + more * step):
            more += 1
        wide = first + more * step
        if wide >= reach[axis]:
            raise UnknownNodeError(f"it expects every window to overlap the maps, got padding of {words(beyond)}")
        around.append(wide)
        cut += [more, (size + 2 * wide - reach[axis]) // step + 1 - places - more]
    return (around[0], around[1], around[0], around[1]), (cut[0], cut[1], cut[2], cut[3])


def is_whole(sizes: Sequence[int], beyond: Sides, kernel: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether there is only one window, and it covers the whole maps."""
    for axis, size in enumerate(sizes):
        before, after = beyond[axis], beyond[axis + 2]
        if (size + before + after - kernel[axis]) // strides[axis] or kernel[axis] < size + before:
            return False
    return True


def as_rounded_up(
    sizes: Sequence[int], beyond: Sides, kernel: Sequence[int], strides: Sequence[int]
) -> tuple[Sides, bool]:
    """Express extra padding at the bottom and right as rounding up the number of windows, where that is the same.

    Returns
    -------
    padding : tuple of int
        Equal on opposite sides; unchanged if it can't be expressed so.
    ceil : bool
        Whether it is expressed so.
    """
    first = beyond[:2]
    for axis, size in enumerate(sizes):
        places = (size + first[axis] + beyond[axis + 2] - kernel[axis]) // strides[axis] + 1
        rest = size + 2 * first[axis] - kernel[axis]
        if places != -(-rest // strides[axis]) + 1 or (places - 1) * strides[axis] >= size + first[axis]:
            return beyond, False
    return (*first, *first), True


def global_average(assembly: Assembly, node: Node) -> Value:
    """GlobalAveragePool, or ReduceMean over rows and columns."""
    return whole_map(assembly, node, GlobalAvgPool, AvgPool2D)


def global_max(assembly: Assembly, node: Node) -> Value:
    """GlobalMaxPool, or ReduceMax over rows and columns."""
    return whole_map(assembly, node, GlobalMaxPool, MaxPool2D)


def whole_map(
    assembly: Assembly,
    node: Node,
    as_row: type[GlobalAvgPool] | type[GlobalMaxPool],
    as_maps: type[AvgPool2D] | type[MaxPool2D],
) -> Value:
    """Pooling of whole maps: to a row of features, or to maps of one cell if some node reads maps."""
    value = assembly.maps(assembly.value(node))
    _, channels, height, width = assembly.inner(value)
    if node.op.startswith("Reduce"):
        if sorted(axis % 4 for axis in assembly.known(node, 1, "axes")) != [2, 3]:
            raise UnknownNodeError("it expects rows and columns, got other axes")
        if not node.attribute("keepdims", 1):
            return assembly.add(node, as_row(), [value])
    if all(reader.op in TO_ROW for reader in assembly.readers(node.outputs[0])):
        return replace(assembly.add(node, as_row(), [value]), shape=(1, channels, 1, 1))
    return assembly.add(node, as_maps(kernel=single((height, width))), [value])


def single(sizes: Sequence[int]) -> int | tuple[int, int]:
    """Vertical and horizontal size, as one number if they are equal.

    Raises
    ------
    UnknownNodeError
        There are not two sizes.
    """
    if len(sizes) != 2:
        raise UnknownNodeError(f"it expects two dimensions, got {len(sizes)}")
    height, width = (int(one) for one in sizes)
    return height if height == width else (height, width)


def padded(assembly: Assembly, node: Node, kernel: Sequence[int], value: Value) -> tuple[Value, Padding]:
    """The maps and their padding; uneven padding becomes a layer of its own."""
    found = sides(assembly, node, kernel, value)
    if isinstance(found, str) or found[:2] == found[2:]:
        return value, same_on_both_sides(found)
    top, left, bottom, right = found
    return assembly.add(None, ZeroPad2D(top=top, bottom=bottom, left=left, right=right), [value]), 0


def same_on_both_sides(found: Sides | Literal["same", "valid"]) -> Padding:
    """Padding as a layer's field.

    Raises
    ------
    UnknownNodeError
        It differs between opposite sides.
    """
    if isinstance(found, str):
        return found
    if found[:2] != found[2:]:
        raise UnknownNodeError(f"it expects equal padding on opposite sides, got {words(found)}")
    return single(found[:2])


def sides(assembly: Assembly, node: Node, kernel: Sequence[int], value: Value) -> Sides | Literal["same", "valid"]:
    """Padding at the top, left, bottom and right, or ``same`` or ``valid``."""
    automatic = node.attribute("auto_pad", "NOTSET")
    if automatic == "SAME_UPPER":
        return "same"
    if automatic == "VALID":
        return "valid"
    if automatic == "SAME_LOWER":  # an odd total has its extra row or column at the top or left
        steps, holes = node.attribute("strides", (1, 1)), node.attribute("dilations", (1, 1))
        first, last = [], []
        for axis, size in enumerate(assembly.inner(value)[2:]):
            reach = (kernel[axis] - 1) * holes[axis] + 1
            total = max((-(-size // steps[axis]) - 1) * steps[axis] + reach - size, 0)
            last.append(total // 2)
            first.append(total - total // 2)
        return first[0], first[1], last[0], last[1]
    amounts = tuple(node.attribute("pads", (0, 0, 0, 0)))
    if len(amounts) != 4:
        raise UnknownNodeError(f"it expects padding for four sides, got {len(amounts)}")
    top, left, bottom, right = amounts
    return top, left, bottom, right
