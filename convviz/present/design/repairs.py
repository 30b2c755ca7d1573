"""One-click repairs of a design that can't be trained.

Every possible repair is tried out on the design, and only those that help are offered: the layer at fault then fits,
and nothing before it gets worse.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.errors import DesignError, UnreadError
from convviz.core.layers import Conv2D, ConvTranspose2D, Crop2D, Dense, Flatten, Layer, ReflectPad2D, Slice, pair
from convviz.core.wiring import part_for, reads_of, unread
from convviz.present.design.costs import Costs, costs
from convviz.present.design.edits import (
    add_layer,
    free_name,
    is_name,
    move_layer,
    read_from,
    remove_layer,
    set_field,
)
from convviz.present.design.fields import normal
from convviz.present.design.input_repairs import inputs_repaired
from convviz.present.design.repair import Repair
from convviz.present.words import counted

__all__ = ["Repair", "repairs"]

MOST = 3
LOSS_FIELDS: dict[str, tuple[str, float | None]] = {
    "label_smoothing": ("Set label smoothing to 0", 0.0),
    "class_weights": ("Let all classes count alike", None),
    "ignored_label": ("Ignore no label", None),
}
"""Settings of the loss that may not fit: the text of the button, and a value that fits."""


def repairs(design: Design, found: Costs | None = None) -> list[Repair]:
    """Repairs that make the layer at fault fit, the smallest change first; none for a design that can be trained.

    Repairs that make all layers fit come before those after which another layer doesn't fit.


    Parameters
    ----------
    design : Design
    found : Costs, optional
        Costs of this design, if they are known already.
    """
    found = found or costs(design)
    if found.valid:
        return []
    with contextlib.suppress(DesignError):  # an invalid name stays until the user renames it
        design = design.named()
    tried = [(repair, costs(repair.design)) for repair in _candidates(design, found) if repair.design != design]
    helpful = [(repair, after) for repair, after in tried if _helps(repair, after, found, len(design.layers))]
    # Repairs that make the whole network fit come before those that only move the fault to a later layer.
    helpful.sort(key=lambda one: not one[1].valid)
    return [repair for repair, _ in helpful[:MOST]]


def _helps(repair: Repair, after: Costs, before: Costs, count: int) -> bool:
    """Whether the fault is gone, or has at least moved to a later layer; ``count`` layers were there before."""
    if after.valid or len(after.layers) > len(before.layers):
        return True
    # Once a layer is removed, the next one may not fit either, but the fault has moved on. A missing input would only
    # be inherited.
    inherited = before.error is not None and before.error.field == "input"
    return not inherited and len(repair.design.layers) - len(after.layers) < count - len(before.layers)


def _candidates(design: Design, found: Costs) -> Iterator[Repair]:
    if not design.layers:
        yield from _finished(design, (design.input.channels, design.input.height, design.input.width))
        return
    if found.error is not None and found.error.field in LOSS_FIELDS:
        field = found.error.field
        label, value = LOSS_FIELDS[field]
        yield Repair(label, set_field(design, ("training", field), value))
        return
    at = found.fault
    if at is None:
        return
    layer = design.layers[at]
    if found.error is not None and found.error.field == "name":
        name = layer.name if is_name(layer.name) else layer.stem
        fresh = free_name(design, name.rstrip("0123456789") or layer.stem)
        yield Repair(f"Rename to {fresh}", set_field(design, ("layers", at, "name"), fresh))
        return
    if isinstance(found.error, UnreadError):
        yield from _read_or_removed(design, at)
        return
    if len(found.layers) == len(design.layers):
        # Every layer fits the one before it, but the last one does not end in the scores.
        if isinstance(layer, Dense):
            yield Repair(f"Use {design.classes} units", set_field(design, ("layers", at, "units"), design.classes))
        yield from _finished(design, found.layers[-1].output)
        return
    if found.error is not None and found.error.field == "input":
        yield from inputs_repaired(design, at, found)
    else:
        came = found.shape_of(reads_of(design.layers)[at][0], design)
        if came is not None and len(came) == 1:
            yield from _for_a_row(design, at)
        elif came is not None:
            yield from _for_maps(design, at, layer, came)
    yield Repair(f"Remove {layer.name}", remove_layer(design, at))


def _read_or_removed(design: Design, at: int) -> Iterator[Repair]:
    """Repairs of layers that nothing reads."""
    layer = design.layers[at]
    for number, other in enumerate(design.layers[at + 1 :], at + 1):
        if other.takes[1] > len(other.sources) > 1:
            yield Repair(f"Join it by {other.name}", read_from(design, number, (*other.sources, layer.name)))
    below = design.layers[at + 1 : at + 2]
    if below and below[0].takes == (1, 1):
        yield Repair(f"Let {below[0].name} read it", read_from(design, at + 1, ("",)))
    gone = unread(design.layers)
    kept = replace(design, layers=part_for(design.layers, len(design.layers) - 1))
    what = layer.name if len(gone) == 1 else f"the {len(gone)} layers that nothing reads"
    yield Repair(f"Remove {what}", kept)


def _finished(design: Design, came: tuple[int, ...]) -> Iterator[Repair]:
    """End the network with one score per class."""
    dense = Dense(units=design.classes)
    if len(came) == 1:
        yield Repair(f"Add a Dense with {design.classes} units", add_layer(design, dense))
    else:
        made = add_layer(add_layer(design, Flatten), dense)
        yield Repair(f"Add a Flatten and a Dense with {design.classes} units", made)


def _for_a_row(design: Design, at: int) -> Iterator[Repair]:
    """Repairs of a layer that needs maps and gets a row of features."""
    layer = design.layers[at]
    before = [number for number in range(at) if isinstance(design.layers[number], Flatten)]
    if before and not isinstance(layer, Flatten):
        yield Repair(f"Move it before {design.layers[before[-1]].name}", move_layer(design, at, before[-1]))
        yield Repair(f"Remove {design.layers[before[-1]].name}", remove_layer(design, before[-1]))


def _for_maps(design: Design, at: int, layer: Layer, came: tuple[int, ...]) -> Iterator[Repair]:
    """Repairs of a layer that gets maps and does not fit them."""
    if isinstance(layer, Dense):
        yield Repair("Put a Flatten before it", add_layer(design, Flatten, at))
        return

    def use(label: str, **changed: Any) -> Repair:
        made = replace(layer, **{name: normal(value) for name, value in changed.items()})
        return Repair(f"Use {label}", replace(design, layers=(*design.layers[:at], made, *design.layers[at + 1 :])))

    fields: Any = layer
    channels, height, width = came
    if getattr(layer, "groups", 1) > 1:
        groups, filters = fields.groups, getattr(layer, "filters", 0)
        if filters and channels % groups == 0:
            up = -(-filters // groups) * groups
            yield use(counted(up, "filter"), filters=up)
        fitting = [n for n in range(groups, 0, -1) if channels % n == 0 and filters % n == 0]
        yield use(f"groups {fitting[0]}", groups=fitting[0])
        if isinstance(layer, Conv2D):  # its windows may not fit either
            yield use(f"groups {fitting[0]} and padding same", groups=fitting[0], padding="same")
    if isinstance(layer, Slice):
        start = layer.start if layer.start < channels else 0
        yield use(f"channels {start} to {channels - 1}", start=start, stop=channels)
    elif isinstance(layer, Crop2D):
        rows, columns = (height, layer.top, layer.bottom), (width, layer.left, layer.right)
        kept = [sides if sum(sides) < size else (0, 0) for size, *sides in (rows, columns)]
        (top, bottom), (left, right) = kept
        yield use("smaller cuts", top=top, bottom=bottom, left=left, right=right)
    elif isinstance(layer, ReflectPad2D):
        most = {"top": height, "bottom": height, "left": width, "right": width}
        sides = {name: min(getattr(layer, name), size - 1) for name, size in most.items()}
        yield use("smaller borders", **sides)
    elif isinstance(layer, ConvTranspose2D):
        if pair(layer.output_padding) != (0, 0):
            least = min(layer.window.stride) - 1
            yield use(f"output padding {least}", output_padding=min(least, *pair(layer.output_padding)))
        if pair(layer.padding) != (0, 0):
            yield use("padding 0", padding=0)
    elif hasattr(layer, "kernel"):
        window = fields.window
        kernel, dilation = window.kernel, getattr(window, "dilation", (1, 1))
        short = [max(reach - size, 0) for reach, size in zip(window.reach, (height, width), strict=True)]
        padding = fields.padding
        if any(short):
            needed = [-(-n // 2) for n in short]
            bound = [k - 1 for k in kernel]
            if not isinstance(padding, str) or padding == "valid":
                old = (0, 0) if padding == "valid" else pair(padding)
                each = [max(a, b) for a, b in zip(old, needed, strict=True)]
                # One number for both sides is easier to read and does no harm here.
                if kernel[0] == kernel[1] and height == width:
                    each = [max(each)] * 2
                if all(a <= b for a, b in zip(each, bound, strict=True)):
                    yield use(f"padding {_shown(each)}", padding=tuple(each))
            fits = [min(k, (size - 1) // d + 1) for k, size, d in zip(kernel, (height, width), dilation, strict=True)]
            usual = [min(k, 5 if k >= 5 else 3) for k in fits]
            both = min(usual)
            kernels = [(both, both)] if kernel[0] == kernel[1] else [tuple(usual)]
            for size in kernels:
                yield use(f"kernel {size[0]}×{size[1]}", kernel=size)
            if dilation != (1, 1):
                yield use("dilation 1", dilation=1)
        elif max(pair(padding) if not isinstance(padding, str) else (0,)) > 0:
            half = tuple(min(a, (k - 1) // 2) for a, k in zip(pair(padding), kernel, strict=True))
            yield use(f"padding {_shown(half)}", padding=half)
        if not any(short) and dilation != (1, 1):
            yield use("dilation 1", dilation=1)
        yield use("padding same", padding="same")


def _shown(numbers: Any) -> str:
    first, second = numbers
    return str(first) if first == second else f"{first}×{second}"
