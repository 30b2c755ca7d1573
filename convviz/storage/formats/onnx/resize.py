"""Converts operators that resize maps or take parts of them: Resize, ConvTranspose, Pad, Slice, Split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convviz.core.layers import ConvTranspose2D, Crop2D, ReflectPad2D, Slice, Upsample, ZeroPad2D
from convviz.plurals import counted
from convviz.storage.formats.onnx.assembly import Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError
from convviz.storage.formats.onnx.windows import single

FIRST_WITH_SIZES = 11
"""First opset in which Resize has sizes as an alternative to scales, and a rule for transforming coordinates."""


def resize(assembly: Assembly, node: Node) -> Value:
    """Resize or Upsample by whole factors."""
    value = assembly.maps(assembly.value(node))
    scale = whole_scale(assembly, node, value)
    if scale == (1, 1):
        return value
    mode = node.attribute("mode", "nearest")
    newer = node.op == "Resize" and assembly.graph.opset >= FIRST_WITH_SIZES
    coordinates = node.attribute("coordinate_transformation_mode", "half_pixel") if newer else "asymmetric"
    if mode == "nearest":
        rounding = node.attribute("nearest_mode", "round_prefer_floor") if newer else "floor"
        for axis, times in enumerate(scale):
            if not repeats(assembly.inner(value)[2 + axis], times, coordinates, rounding):
                raise UnknownNodeError(
                    f"it expects every cell to be repeated equally often, got {coordinates} and {rounding}"
                )
        return assembly.add(node, Upsample(scale=single(scale)), [value])
    if mode != "linear" or coordinates not in ("half_pixel", "pytorch_half_pixel", "align_corners"):
        raise UnknownNodeError(
            f"it expects nearest, or linear with half_pixel or align_corners, got {mode} with {coordinates}"
        )
    corners = coordinates == "align_corners"
    return assembly.add(node, Upsample(scale=single(scale), mode="bilinear", align_corners=corners), [value])


def whole_scale(assembly: Assembly, node: Node, value: Value) -> tuple[int, int]:
    """The factors by which the height and the width of the maps grow.

    Raises
    ------
    UnknownNodeError
        A factor is not a whole number, or other axes than rows and columns are resized.
    """
    newer = node.op == "Resize" and assembly.graph.opset >= FIRST_WITH_SIZES
    scales = assembly.known(node, 2 if newer else 1, "scales")
    sizes = assembly.known(node, 3, "sizes") if newer else ()
    axes = node.attribute("axes")
    if axes is not None and [axis % 4 for axis in axes] == [2, 3]:
        scales, sizes = ((1.0, 1.0, *scales) if scales else ()), ((*value.shape[:2], *sizes) if sizes else ())
    elif axes is not None:
        raise UnknownNodeError("it expects rows and columns to be resized, got other axes")
    if sizes:
        scales = tuple(after / before for after, before in zip(sizes, value.shape, strict=True))
    if len(scales) != 4 or tuple(scales[:2]) != (1, 1) or any(one < 1 or one % 1 for one in scales):
        got = words(f"{one:g}" for one in scales)
        raise UnknownNodeError(f"it expects whole factors for height and width, got {got}")
    return int(scales[2]), int(scales[3])


def repeats(size: int, times: int, coordinates: str, rounding: str) -> bool:
    """Whether nearest-neighbour resizing by this rule repeats each of ``size`` cells ``times`` times."""
    places = np.arange(size * times)
    match coordinates:
        case "asymmetric":
            at = places / times
        case "half_pixel" | "pytorch_half_pixel" | "half_pixel_symmetric":
            at = (places + 0.5) / times - 0.5
        case "align_corners":
            at = places * (size - 1) / max(len(places) - 1, 1)
        case _:
            return False
    rounded = {
        "floor": np.floor(at),
        "ceil": np.ceil(at),
        "round_prefer_floor": np.ceil(at - 0.5),
        "round_prefer_ceil": np.floor(at + 0.5),
    }.get(rounding)
    return rounded is not None and bool((np.clip(rounded, 0, size - 1) == places // times).all())


def conv_transpose(assembly: Assembly, node: Node) -> Value:
    """ConvTranspose in two dimensions; if one side is cropped more than the other, a cropping layer follows."""
    weight = assembly.constant(node, 1, "its filters")
    if weight.ndim != 4:
        raise UnknownNodeError(f"it expects filters in two dimensions, got {words(weight.shape)} numbers")
    value = assembly.maps(assembly.value(node))
    groups, strides = node.attribute("group", 1), node.attribute("strides", (1, 1))
    holes, more = node.attribute("dilations", (1, 1)), tuple(node.attribute("output_padding", (0, 0)))
    kernel = weight.shape[2:]
    full = [
        (size - 1) * step + (taps - 1) * hole + 1 + extra
        for size, step, taps, hole, extra in zip(assembly.inner(value)[2:], strides, kernel, holes, more, strict=True)
    ]
    first, last = cut_off(assembly, node, value, full, strides)
    both = [min(pair) for pair in zip(first, last, strict=True)]
    if min(both) < 0:
        raise UnknownNodeError(f"its output is larger than its filters reach: {words(full)}")
    weights = {"weight": weight}
    if assembly.given(node, 2) is not None:
        weights["bias"] = assembly.constant(node, 2, "its bias")
    layer = ConvTranspose2D(
        filters=weight.shape[1] * groups,
        kernel=single(kernel),
        stride=single(strides),
        padding=single(both),
        output_padding=single(more),
        dilation=single(holes),
        groups=groups,
        bias="bias" in weights,
    )
    made = assembly.add(node, layer, [value], weights)
    (top, left), (bottom, right) = ([a - b for a, b in zip(side, both, strict=True)] for side in (first, last))
    return cropped(assembly, None, made, (top, bottom, left, right))


def cut_off(
    assembly: Assembly, node: Node, value: Value, full: Sequence[int], strides: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Numbers of rows and columns that a ConvTranspose crops at the top and left, and at the bottom and right."""
    automatic, wanted = node.attribute("auto_pad", "NOTSET"), node.attribute("output_shape")
    if wanted is None and automatic in ("SAME_UPPER", "SAME_LOWER"):
        wanted = [size * step for size, step in zip(assembly.inner(value)[2:], strides, strict=True)]
    if wanted is None:
        pads = node.attribute("pads", (0, 0, 0, 0)) if automatic == "NOTSET" else (0, 0, 0, 0)
        if len(pads) != 4:
            raise UnknownNodeError(f"it expects padding for four sides, got {len(pads)}")
        return list(pads[:2]), list(pads[2:])
    totals = [size - after for size, after in zip(full, list(wanted)[-2:], strict=True)]
    less = [total // 2 for total in totals]
    rest = [total - half for total, half in zip(totals, less, strict=True)]
    return (less, rest) if automatic == "SAME_UPPER" else (rest, less)


def pad(assembly: Assembly, node: Node) -> Value:
    """Pad with zeros or by reflection; negative amounts crop."""
    value = assembly.maps(assembly.value(node))
    mode = node.attribute("mode", "constant")
    if mode not in ("constant", "reflect"):
        raise UnknownNodeError(f"it expects padding by zeros or by reflection, got {mode}")
    filling = assembly.known(node, 2, "value")
    if (any(filling) and mode == "constant") or (len(node.inputs) > 3 and node.inputs[3]):
        raise UnknownNodeError("it expects padding by zeros without a list of axes, got another")
    amounts = assembly.known(node, 1, "pads")
    if len(amounts) != 8 or any(amounts[axis] for axis in (0, 1, 4, 5)):
        raise UnknownNodeError("it expects rows and columns to be padded, got other axes")
    top, left, bottom, right = (int(amounts[axis]) for axis in (2, 3, 6, 7))
    if min(top, left, bottom, right) < 0:
        if max(top, left, bottom, right) > 0:
            raise UnknownNodeError(f"it expects maps to be padded or cropped, got both: {words(amounts)}")
        return cropped(assembly, node, value, (-top, -bottom, -left, -right))
    kind = ReflectPad2D if mode == "reflect" else ZeroPad2D
    return assembly.add(node, kind(top=top, bottom=bottom, left=left, right=right), [value])


def cropped(assembly: Assembly, node: Node | None, value: Value, sides: tuple[int, int, int, int]) -> Value:
    """Maps cropped by a number of rows and columns at the top, bottom, left and right."""
    top, bottom, left, right = sides
    return assembly.add(node, Crop2D(top=top, bottom=bottom, left=left, right=right), [value]) if any(sides) else value


def slices(assembly: Assembly, node: Node) -> Value:
    """Slice: a range of channels or features, or maps cropped at their edges."""
    value = in_our_order(assembly, node)
    starts, ends = assembly.known(node, 1, "starts"), assembly.known(node, 2, "ends")
    axes = assembly.known(node, 3, "axes") or tuple(range(len(starts)))
    steps = assembly.known(node, 4, "steps")
    if any(step != 1 for step in steps):
        raise UnknownNodeError(f"it expects steps of 1, got steps of {words(steps)}")
    cut = {}
    for axis, start, end in zip(axes, starts, ends, strict=True):
        length = value.shape[int(axis) % len(value.shape)]
        first, stop, _ = slice(int(start), int(end)).indices(length)
        if (first, stop) != (0, length):
            cut[int(axis) % len(value.shape)] = first, stop, length - stop
    if 0 in cut:
        raise UnknownNodeError("it expects all images, got a part of them")
    if 1 in cut:
        value = assembly.add(node, Slice(start=cut[1][0], stop=cut[1][1]), [value])
    (top, _, bottom), (left, _, right) = (cut.get(axis, (0, 0, 0)) for axis in (2, 3))
    return cropped(assembly, None if 1 in cut else node, value, (top, bottom, left, right))


def split(assembly: Assembly, node: Node) -> Value:
    """Split along the channels: one layer for each part."""
    value = in_our_order(assembly, node)
    if node.attribute("axis", 0) % len(value.shape) != 1:
        raise UnknownNodeError("it expects channels to be split, got another axis")
    channels, count = value.shape[1], len(node.outputs)
    sizes = tuple(int(size) for size in assembly.known(node, 1, "split"))
    if not sizes:
        each = -(-channels // count)
        sizes = (*(each,) * (count - 1), channels - each * (count - 1))
    if len(sizes) != count or sum(sizes) != channels or min(sizes) < 1:
        raise UnknownNodeError(f"{counted(channels, 'channel')} can't become parts of {words(sizes)}")
    start = 0
    for name, size in zip(node.outputs, sizes, strict=True):
        if name and (assembly.readers(name) or name == assembly.graph.output):
            assembly.values[name] = assembly.add(node, Slice(start=start, stop=start + size), [value])
        start += size
    found = assembly.values.get(node.outputs[0], value)
    return found if isinstance(found, Value) else value


def in_our_order(assembly: Assembly, node: Node) -> Value:
    """The input of a Slice or Split, which must have its channels (or features) in a design's order.

    Raises
    ------
    UnknownNodeError
    """
    value = assembly.value(node)
    if len(value.shape) == 2 and value.features is None and len(assembly.inner(value)) == 2:
        return value
    return assembly.maps(value)
