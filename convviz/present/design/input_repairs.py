"""Repairs of what a layer reads: a name that isn't there, one that comes later, branches that don't fit together."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.layers import Add, Conv2D, Layer, Multiply
from convviz.core.wiring import IMAGES, reading, reads_of
from convviz.present.design.costs import Costs
from convviz.present.design.edits import free_name, move_layer, read_from
from convviz.present.design.repair import Repair

__all__ = ["inputs_repaired"]


def inputs_repaired(design: Design, at: int, found: Costs) -> Iterator[Repair]:
    """Repairs of the layer at fault, whose inputs are wrong; not all of them help."""
    layer = design.layers[at]
    reads = reads_of(design.layers)[at]
    above = [one.name for one in design.layers[:at]]
    known = [IMAGES, *above]
    later = [number for number, one in enumerate(design.layers) if one.name in reads and number > at]
    if later:
        yield Repair(f"Move it below {design.layers[later[-1]].name}", move_layer(design, at, later[-1]))
    wrong = [name for name in reads if name not in known]
    if wrong:
        for name in reversed(known):
            names = tuple(name if one == wrong[0] else one for one in reads)
            if len(set(names)) == len(names):
                yield Repair(f"Read {_called(name)} instead of {wrong[0]}", _with(design, at, reading(layer, names)))
        return
    if not layer.takes[0] <= len(reads) <= layer.takes[1]:
        yield from _other_number(design, at, reads, known)
    elif len(reads) > 1:
        yield from _fitting(design, at, layer, reads, found)


def _other_number(design: Design, at: int, reads: tuple[str, ...], known: list[str]) -> Iterator[Repair]:
    """Repairs that give the layer as many inputs as it takes."""
    layer = design.layers[at]
    if len(reads) > layer.takes[1]:
        for name in reversed(reads):
            yield Repair(f"Read {_called(name)} alone", _with(design, at, reading(layer, (name,))))
        return
    first = reads[0] if reads else known[-1]
    for name in reversed(known):
        if name != first:
            yield Repair(f"Join {_called(first)} and {_called(name)}", read_from(design, at, (first, name)))


def _fitting(design: Design, at: int, layer: Layer, reads: tuple[str, ...], found: Costs) -> Iterator[Repair]:
    """Repairs of branches whose shapes don't fit together."""
    shapes = [found.shape_of(name, design) for name in reads]
    wanted = shapes[0]
    for number, (name, shape) in enumerate(zip(reads, shapes, strict=True)):
        if shape is None or wanted is None or shape == wanted or len(shape) != 3 or len(wanted) != 3:
            continue
        down, across = (-(-shape[axis] // wanted[axis]) for axis in (1, 2))
        fits = all(-(-shape[axis] // step) == wanted[axis] for axis, step in ((1, down), (2, across)))
        if fits and isinstance(layer, Add | Multiply):
            stride = down if down == across else (down, across)
            own = free_name(design, "conv")
            shortcut = Conv2D(name=own, input=name, filters=wanted[0], kernel=1, stride=stride, bias=False)
            names = tuple(own if place == number else one for place, one in enumerate(reads))
            layers = (*design.layers[:at], shortcut, reading(layer, names), *design.layers[at + 1 :])
            yield Repair(f"Put a 1×1 Conv2D on {_called(name)}", replace(design, layers=layers))
    for other in reversed([IMAGES, *(one.name for one in design.layers[:at])]):
        if other not in reads and found.shape_of(other, design) == wanted:
            yield Repair(f"Read {_called(other)} instead", read_from(design, at, (*reads[:-1], other)))


def _with(design: Design, at: int, layer: Layer) -> Design:
    return replace(design, layers=(*design.layers[:at], layer, *design.layers[at + 1 :]))


def _called(name: str) -> str:
    return "the images" if name == IMAGES else name
