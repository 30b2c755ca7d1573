"""Ops that join branches, other than cell-by-cell sums and products: arrays side by side, and factors for maps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axis, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp, value_at
from convviz.core.ops.cells import Cells, cells, grid, no_cells
from convviz.core.readable import shapes as readable_shapes


def joined_role(roles: Sequence[Role]) -> Role:
    """Role of cells that come from several arrays: never negative only if none of the arrays can be negative."""
    if all(role is roles[0] for role in roles):
        return roles[0]
    return Role.ACTIVATION if set(roles) <= {Role.ACTIVATION, Role.PROBABILITY} else Role.PREACTIVATION


# --- side by side ------------------------------------------------------------------------------------------------


def concat(parts: tuple[Array, ...], places: tuple[Array, ...]) -> None:
    """Each part is copied to its place in the output."""
    for part, place in zip(parts, places, strict=True):
        np.copyto(place, part)


@dataclass(frozen=True, slots=True)
class Concat(Op):
    """Maps ``(N, C₁, H, W)``, ``(N, C₂, H, W)`` … → ``(N, C₁ + C₂ + …, H, W)``; rows of features likewise."""

    name = "concat"
    title = "The maps of all branches are put one after the other"
    formula = r"Z = [A_1 \mid A_2 \mid \dots]"
    kernel = staticmethod(concat)
    readable = staticmethod(readable_shapes.concat)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        first = ins[0]
        for other in ins[1:]:
            if other.shape[:1] + other.shape[2:] != first.shape[:1] + first.shape[2:]:
                raise ShapeError(
                    f"{layer}: expects inputs that differ in their channels only, "
                    f"got {words_of(first)} and {words_of(other)}",
                    layer=layer,
                    field="input",
                )
        shape = (first.shape[0], sum(one.shape[1] for one in ins), *first.shape[2:])
        same = all(one.axes == first.axes for one in ins)
        axes = first.axes if same else (*first.axes[:-1], Axis.FEATURE)
        return Out(shape, joined_role([one.role for one in ins]), axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return tuple(ins), tuple(out[:, a:b] for a, b in parts_of(tuple(one.shape for one in ins)))

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        bounds = parts_of(tuple(build.arrays[name].shape for name in step.inputs))
        return {
            position: build.gradient(TakePart(*bounds[position]), (d_out,), step.inputs[position])
            for position in range(len(bounds))
            if wanted[position]
        }

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(
            cells((index[0], index[1] - a, *index[2:])) if a <= index[1] < b else no_cells(len(shape))
            for shape, (a, b) in zip(ins, parts_of(ins), strict=True)
        )

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells((index[0], index[1] + parts_of(ins)[position][0], *index[2:]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, self.reads(tuple(one.shape for one in values), out, index), index)


def parts_of(ins: tuple[Shape, ...]) -> list[tuple[int, int]]:
    """First channel of every part, and the one after its last."""
    return list(itertools.pairwise(itertools.accumulate((shape[1] for shape in ins), initial=0)))


def copied(values: Sequence[Array], found: tuple[Cells, ...], index: Index) -> Equation:
    """Equation of a cell that is a copy of an input cell."""
    position = next(position for position, some in enumerate(found) if len(some))
    at = tuple(int(i) for i in found[position][0])
    return Equation(index, (Term((Factor(position, at, value_at(values[position], at)),)),))


def words_of(spec: ArraySpec) -> str:
    """Shape and layer of an array, for messages: ``16×14×14 (relu1)``."""
    return f"{'×'.join(map(str, spec.shape[1:]))} ({spec.layer or spec.name})"


def take_part(part: Array, out: Array) -> None:
    """The part is copied."""
    np.copyto(out, part)


@dataclass(frozen=True, slots=True)
class TakePart(Op):
    """Channels (or features) ``start`` … ``stop - 1``; also the gradient of an input of :class:`Concat`."""

    start: int
    stop: int

    name = "take_part"
    title = "A part of the channels is taken out"
    formula = r"A = Z[:,\ \mathrm{start} : \mathrm{stop}]"
    kernel = staticmethod(take_part)
    readable = staticmethod(readable_shapes.take_part)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        spec = ins[0]
        return Out((spec.shape[0], self.stop - self.start, *spec.shape[2:]), spec.role, spec.axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0][:, self.start : self.stop], out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        channels = build.arrays[step.inputs[0]].shape[1]
        return {0: build.gradient(PlacePart(self.start, channels), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells((index[0], index[1] + self.start, *index[2:])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        if not self.start <= index[1] < self.stop:
            return no_cells(len(out))
        return cells((index[0], index[1] - self.start, *index[2:]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, self.reads(tuple(one.shape for one in values), out, index), index)


def place_part(part: Array, place: Array, out: Array) -> None:
    """The part is copied to its place, and all else is 0."""
    out.fill(0)
    np.copyto(place, part)


@dataclass(frozen=True, slots=True)
class PlacePart(Op):
    """Gradient of :class:`TakePart`: the part at its place among ``channels``, and zeros."""

    start: int
    channels: int

    name = "place_part"
    title = "The gradient of a part goes back to its place; the other channels get none from here"
    formula = r"dZ[:,\ \mathrm{start} : \mathrm{start} + C] = dA"
    kernel = staticmethod(place_part)
    readable = staticmethod(readable_shapes.place_part)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        spec = ins[0]
        return Out((spec.shape[0], self.channels, *spec.shape[2:]), Role.GRADIENT, spec.axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], out[:, self.start : self.start + ins[0].shape[1]], out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        at = index[1] - self.start
        return (cells((index[0], at, *index[2:])) if 0 <= at < ins[0][1] else no_cells(len(out)),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells((index[0], index[1] + self.start, *index[2:]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found = self.reads(tuple(one.shape for one in values), out, index)
        return copied(values, found, index) if len(found[0]) else Equation(index, (Term((), 0.0),))


# --- a factor for every map --------------------------------------------------------------------------------------


def scale_maps(maps: Array, factors: Array, out: Array) -> None:
    """Z[n, c, y, x] = X[n, c, y, x] · s[n, c]."""
    np.multiply(maps, factors, out=out)


def cells_of_map(shape: Shape, index: Index) -> Cells:
    """All cells of a map of an image, or its one factor."""
    return cells(index[:2]) if len(shape) == 2 else grid([index[0]], [index[1]], range(shape[2]), range(shape[3]))


@dataclass(frozen=True, slots=True)
class ScaleMaps(SumOp):
    """Maps ``(N, C, H, W)`` times a factor for each, ``(N, C)``: squeeze and excitation."""

    name = "scale_maps"
    title = "Every map is multiplied by its own factor"
    formula = r"Z[n, c, y, x] = X[n, c, y, x] \cdot s[n, c]"
    kernel = staticmethod(scale_maps)
    readable = staticmethod(readable_shapes.scale_maps)
    inplace = 0

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        maps, factors = ins
        if maps.shape[:2] != factors.shape:
            raise ShapeError(
                f"{layer}: expects two inputs of one shape, or maps and a factor for each of them, "
                f"got {words_of(maps)} and {words_of(factors)}",
                layer=layer,
                field="input",
            )
        return Out(maps.shape, Role.PREACTIVATION, maps.axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1][:, :, None, None], out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        maps, factors = step.inputs
        found = {}
        if wanted[0]:
            found[0] = build.gradient(ScaleMaps(), (d_out, factors), maps)
        if wanted[1]:
            found[1] = build.gradient(ScaleMapsGrad(), (d_out, maps), factors)
        return found

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return cells(index), cells(index[:2])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index) if position == 0 else cells_of_map(out, index)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        if position == 0:
            return no_cells(4), cells(index[:2])
        return cells_of_map(ins[0], index), no_cells(2)


def scale_maps_grad(d_z: Array, maps: Array, product: Array, out: Array) -> None:
    """ds[n, c] = Σ dZ[n, c, y, x] · X[n, c, y, x]."""
    np.multiply(d_z, maps, out=product)
    np.add.reduce(product, axis=(2, 3), out=out)


@dataclass(frozen=True, slots=True)
class ScaleMapsGrad(SumOp):
    """Gradient of the factors of :class:`ScaleMaps`, ``(N, C)``. Inputs: gradient, maps."""

    name = "scale_maps_grad"
    title = "A map's factor gets the sum of the gradients of its cells, each times the cell"
    formula = r"ds[n, c] = \sum_{y, x} dZ[n, c, y, x] \cdot X[n, c, y, x]"
    kernel = staticmethod(scale_maps_grad)
    readable = staticmethod(readable_shapes.scale_maps_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape[:2], Role.GRADIENT, ins[0].axes[:2])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, scratch("product", ins[0].shape, out.dtype), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(cells_of_map(shape, index) for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index[:2])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(4) if other == position else cells(index) for other in (0, 1))
