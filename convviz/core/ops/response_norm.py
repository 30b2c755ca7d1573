"""Local response normalisation: numbers become smaller where neighbouring channels have large ones at the same place.

    s[c] = k + α/n · Σ x[c']²,  n channels c' around c         z = x · s^−β

    dx = dz · s^−β + 2α/n · x · Σ ds,       ds = −β · dz · x · s^(−β − 1)

Source: Krizhevsky, Sutskever and Hinton 2012 (AlexNet).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, value_at
from convviz.core.ops.cells import Cells, cells, grid, no_cells
from convviz.core.readable import response_norm as readable


def around(channels: int, c: int, size: int) -> range:
    """The channels of the window around channel ``c``; fewer at the ends."""
    return range(max(c - size // 2, 0), min(c + size // 2 + 1, channels))


def column(index: Index, channels: range) -> Cells:
    """The cells of one place in several channels."""
    return grid([index[0]], channels, [index[2]], [index[3]])


def add_window(x: Array, size: int, total: Array) -> None:
    """total[n, c] = Σ x[n, c'] over the channels around c."""
    half, channels = size // 2, x.shape[1]
    np.copyto(total, x)
    for shift in range(1, min(half, channels - 1) + 1):
        total[:, shift:] += x[:, :-shift]
        total[:, :-shift] += x[:, shift:]


def response_scale(x: Array, size: int, share: float, k: float, squares: Array, s: Array) -> None:
    """s = k + share · Σ x² over the channels around each."""
    np.multiply(x, x, out=squares)
    add_window(squares, size, s)
    np.multiply(s, share, out=s)
    np.add(s, k, out=s)


@dataclass(frozen=True, slots=True)
class ResponseScale(Op):
    """What every cell is divided by, before the power."""

    size: int
    alpha: float
    k: float

    name = "response_scale"
    title = "The squares of a place in neighbouring channels are added"
    formula = r"S[c] = k + \frac{\alpha}{n} \sum_{c' \approx c} X[c']^2"
    kernel = staticmethod(response_scale)
    readable = staticmethod(readable.response_scale)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.ACTIVATION, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.size, self.alpha / self.size, self.k, scratch("squares", out.shape, out.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(ResponseScaleGrad(self.size, self.alpha), (d_out, *step.inputs), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (column(index, around(out[1], index[1], self.size)),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return column(index, around(out[1], index[1], self.size))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found = [tuple(int(i) for i in row) for row in self.reads((out,), out, index)[0]]
        terms = tuple(Term((Factor(0, at, value_at(values[0], at)),)) for at in found)
        squares = " + ".join(f"{{{number}}} · {{{number}}}" for number in range(len(terms)))
        text = f"{self.k:g} + {self.alpha:g} / {self.size} · ({squares})"
        share = self.alpha / self.size
        return Equation(
            index, terms, Combine.APPLY, text=text, function=lambda *x: self.k + share * sum(one * one for one in x)
        )


def response_scale_grad(d_s: Array, x: Array, size: int, share: float, d_x: Array) -> None:
    """dX = 2 · share · x · Σ ds over the channels around each."""
    add_window(d_s, size, d_x)
    np.multiply(d_x, x, out=d_x)
    np.multiply(d_x, 2 * share, out=d_x)


@dataclass(frozen=True, slots=True)
class ResponseScaleGrad(Op):
    """Gradient of :class:`ResponseScale`. Inputs: gradient, maps."""

    size: int
    alpha: float

    name = "response_scale_grad"
    title = "A number was squared in every window around it, and gets a gradient from each"
    formula = r"dX[c] = \frac{2 \alpha}{n} \, X[c] \sum_{c' \approx c} dS[c']"
    kernel = staticmethod(response_scale_grad)
    readable = staticmethod(readable.response_scale_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, self.size, self.alpha / self.size, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return column(index, around(out[1], index[1], self.size)), cells(index)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return column(index, around(out[1], index[1], self.size)) if position == 0 else cells(index)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        found = column(index, around(out[1], index[1], self.size))
        return (no_cells(4), found) if position == 0 else (found, no_cells(4))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        own = Factor(1, index, value_at(values[1], index))
        found = [tuple(int(i) for i in row) for row in self.reads((out, out), out, index)[0]]
        terms = tuple(Term((Factor(0, at, value_at(values[0], at)), own)) for at in found)
        return Equation(index, terms, scale=2 * self.alpha / self.size)


# --- division ----------------------------------------------------------------------------------------------------


def response_divide(x: Array, s: Array, beta: float, power: Array, z: Array) -> None:
    """z = x · s^−β."""
    np.power(s, -beta, out=power)
    np.multiply(x, power, out=z)


@dataclass(frozen=True, slots=True)
class ResponseDivide(Elementwise):
    """Maps divided by a power of the scale. Inputs: maps, scale."""

    beta: float

    name = "response_divide"
    title = "Every number is divided by a power of what its neighbours have"
    formula = r"Z = X \cdot S^{-\beta}"
    kernel = staticmethod(response_divide)
    readable = staticmethod(readable.response_divide)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, self.beta, scratch("power", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return float(values[0] * np.float64(values[1]) ** -self.beta)

    def written(self) -> str:
        return f"{{0}} · {{1}}^({-self.beta:g})"

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        x, s = step.inputs
        return {
            0: build.gradient(ResponseDivide(self.beta), (d_out, s), x),
            1: build.gradient(ResponseDivideGrad(self.beta), (d_out, x, s), s),
        }


def response_divide_grad(d_z: Array, x: Array, s: Array, beta: float, power: Array, d_s: Array) -> None:
    """dS = −β · dz · x · s^(−β − 1)."""
    np.power(s, -beta - 1, out=power)
    np.multiply(power, x, out=power)
    np.multiply(power, -beta, out=power)
    np.multiply(d_z, power, out=d_s)


@dataclass(frozen=True, slots=True)
class ResponseDivideGrad(Elementwise):
    """Gradient of the scale. Inputs: gradient, maps, scale."""

    beta: float

    name = "response_divide_grad"
    title = "The slope of a power: the gradient of what was divided by"
    formula = r"dS = -\beta \, dZ \cdot X \cdot S^{-\beta - 1}"
    kernel = staticmethod(response_divide_grad)
    readable = staticmethod(readable.response_divide_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, self.beta, scratch("power", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return float(-self.beta * values[0] * values[1] * np.float64(values[2]) ** (-self.beta - 1.0))

    def written(self) -> str:
        return f"{-self.beta:g} · {{0}} · {{1}} · {{2}}^({-self.beta - 1:g})"
