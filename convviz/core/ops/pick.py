"""The number that a pass explains: a class's score, the difference of two, or one cell of a layer.

    s[n]     = z[n, k]            or z[n, k] − z[n, j]
    dz[n, k] = 1,  dz[n, j] = −1, and 0 elsewhere

Every image's number depends on that image alone. So the gradient of their sum has, in the rows of each image, the
gradient of that image's number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axes, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step
from convviz.core.ops.cells import Cells, cells, no_cells
from convviz.core.readable import score as readable_score

Place = tuple[int, ...]
"""A cell of one image's array: a class of its scores, or the channel, row and column of its maps."""


def at(array: Array, place: Place) -> Array:
    """A cell of every image, as a view ``(N,)``."""
    where: tuple[Any, ...] = (slice(None), *place)
    return np.asarray(array[where])


def pick(plus: Array, minus: Array | None, score: Array) -> None:
    """s[n] = z[n, k], or z[n, k] − z[n, j]."""
    if minus is None:
        np.copyto(score, plus)
    else:
        np.subtract(plus, minus, out=score)


@dataclass(frozen=True, slots=True)
class Pick(Op):
    """One cell of every image's array, ``(N,)``; with ``minus``, its difference from another cell."""

    cell: Place
    minus: Place = ()

    name = "pick"
    title = "The number to be explained"
    formula = r"s_n = z_{n, k}"
    kernel = staticmethod(pick)
    readable = staticmethod(readable_score.pick)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_score.difference if self.minus else readable_score.pick

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        shape = ins[0].shape[1:]
        for place in (self.cell, self.minus) if self.minus else (self.cell,):
            if len(place) != len(shape) or not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
                raise ShapeError(f"{layer}: expected a cell of an array of shape {shape}, got {place}", layer=layer)
        return Out(ins[0].shape[:1], Role.PREACTIVATION, ins[0].axes[:1])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (z,) = ins
        return at(z, self.cell), at(z, self.minus) if self.minus else None, out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        spec = build.arrays[step.inputs[0]]
        return {0: build.gradient(PickGrad(spec.shape, spec.axes, self.cell, self.minus), (), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        places = [(*index, *place) for place in ((self.cell, self.minus) if self.minus else (self.cell,))]
        return (np.asarray(places, dtype=np.intp),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        here = index[1:]
        return cells(index[:1]) if here == self.cell or (self.minus and here == self.minus) else no_cells(1)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        (z,) = values
        terms = []
        for place, sign in ((self.cell, 1.0), (self.minus, -1.0)) if self.minus else ((self.cell, 1.0),):
            at = (*index, *place)
            terms.append(Term((Factor(0, at, float(z[at])),), sign))
        return Equation(index, tuple(terms))


def pick_grad(plus: Array, minus: Array | None, d_z: Array) -> None:
    """dz = 1 in the cell that was picked, −1 in the one that was subtracted, 0 elsewhere."""
    d_z.fill(0)
    plus.fill(1)
    if minus is not None:
        minus.fill(-1)


@dataclass(frozen=True, slots=True)
class PickGrad(Op):
    """Gradient of what was picked; it reads nothing."""

    shape: Shape
    axes: Axes
    cell: Place
    minus: Place = ()

    name = "pick_grad"
    title = "The backward pass begins at the number to be explained"
    formula = r"dz_{n, k} = 1"
    kernel = staticmethod(pick_grad)
    readable = staticmethod(readable_score.pick_grad)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_score.difference_grad if self.minus else readable_score.pick_grad

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(self.shape, Role.GRADIENT, self.axes)

    @property
    def attributes(self) -> dict[str, Any]:
        return {"cell": self.cell, "minus": self.minus}

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return at(out, self.cell), at(out, self.minus) if self.minus else None, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return ()

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        raise ValueError("pick_grad has no inputs")

    def value(self, index: Index) -> float:
        """The gradient in a cell: 1, −1 or 0."""
        place = index[1:]
        return 1.0 if place == self.cell else -1.0 if self.minus and place == self.minus else 0.0

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return Equation(index, (Term((), self.value(index)),))
