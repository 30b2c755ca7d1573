"""Softmax over the channels of every place, or over a row of features, as a layer of the network.

    p_c = exp(z_c − m) / Σ_k exp(z_k − m),  m = max_k z_k            dz_c = p_c (dp_c − Σ_k dp_k p_k)

The softmax of the loss is another op: :mod:`convviz.core.ops.loss`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, value_at
from convviz.core.ops.cells import Cells, grid, no_cells
from convviz.core.readable import activation as readable


def channel_softmax(z: Array, top: Array, total: Array, p: Array) -> None:
    """p = exp(z − max) / Σ exp(z − max) over the channels."""
    np.maximum.reduce(z, axis=1, out=top, keepdims=True)
    np.subtract(z, top, out=p)
    np.exp(p, out=p)
    np.add.reduce(p, axis=1, out=total, keepdims=True)
    np.divide(p, total, out=p)


def column(shape: Shape, index: Index) -> Cells:
    """All channels of a cell's place."""
    return grid([index[0]], range(shape[1]), *([i] for i in index[2:]))


@dataclass(frozen=True, slots=True)
class OverChannels(Op):
    """Base: a cell depends on all channels of its place, in every input."""

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(column(out, index) for _ in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return column(out, index)


def terms_of(values: Sequence[Array], out: Shape, index: Index) -> tuple[Term, ...]:
    """One term for every channel at the cell's place, input after input."""
    places = [tuple(int(i) for i in row) for row in column(out, index)]
    return tuple(Term((Factor(k, at, value_at(array, at)),)) for k, array in enumerate(values) for at in places)


@dataclass(frozen=True, slots=True)
class ChannelSoftmax(OverChannels):
    """Numbers become shares that sum to 1 over the channels."""

    name = "channel_softmax"
    title = "At every place the channels become shares that sum to 1"
    formula = r"P[n, c] = \frac{e^{Z[n, c] - m}}{\sum_k e^{Z[n, k] - m}}, \quad m = \max_k Z[n, k]"
    kernel = staticmethod(channel_softmax)
    readable = staticmethod(readable.channel_softmax)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.PROBABILITY, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        one = (out.shape[0], 1, *out.shape[2:])
        return ins[0], scratch("top", one, out.dtype), scratch("total", one, out.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(ChannelSoftmaxGrad(), (d_out, step.output), step.inputs[0])}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        channels, c, kind = out[1], index[1], values[0].dtype

        def share(*numbers: float) -> float:
            shifted = np.exp(np.asarray(numbers, kind) - kind.type(max(numbers)))
            return float(shifted[c] / np.add.reduce(shifted))

        others = " + ".join(f"e^({{{k}}} − m)" for k in range(channels))
        text = f"e^({{{c}}} − m) / ({others})"
        return Equation(index, terms_of(values, out, index), Combine.APPLY, text=text, function=share)


def channel_softmax_grad(d_p: Array, p: Array, along: Array, part: Array, d_z: Array) -> None:
    """dz = p (dp − Σ dp · p)."""
    np.multiply(d_p, p, out=part)
    np.add.reduce(part, axis=1, out=along, keepdims=True)
    np.subtract(d_p, along, out=part)
    np.multiply(part, p, out=d_z)


@dataclass(frozen=True, slots=True)
class ChannelSoftmaxGrad(OverChannels):
    """Gradient of the numbers. Inputs: dp, p."""

    name = "channel_softmax_grad"
    title = "A share grows at the others' cost: the mean gradient, weighted by shares, is subtracted"
    formula = r"dZ[n, c] = P[n, c] \, (dP[n, c] - \sum_k dP[n, k] \, P[n, k])"
    kernel = staticmethod(channel_softmax_grad)
    readable = staticmethod(readable.channel_softmax_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(len(out)) if other == position else column(out, index) for other in range(2))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        along = scratch("along", (out.shape[0], 1, *out.shape[2:]), out.dtype)
        return *ins, along, scratch("part", out.shape, out.dtype), out

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        channels, c = out[1], index[1]

        def slope(*numbers: float) -> float:
            given, shares = numbers[:channels], numbers[channels:]
            along = sum(d * p for d, p in zip(given, shares, strict=True))
            return shares[c] * (given[c] - along)

        products = " + ".join(f"{{{k}}} · {{{channels + k}}}" for k in range(channels))
        text = f"{{{channels + c}}} · ({{{c}}} − ({products}))"
        return Equation(index, terms_of(values, out, index), Combine.APPLY, text=text, function=slope)
