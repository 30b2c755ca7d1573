"""A mean loss in which images count differently: by the weight of their class, or not at all.

    w[n] = weight of class y[n], 0 for an ignored label          W = Σ w[n]
    L    = 1/W Σ w[n] l[n]                                        dl[n] = w[n] / W

Where no image of a minibatch counts, L and all gradients are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.arithmetic import scalar_cell
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp, value_at
from convviz.core.ops.cells import Cells, cells, grid
from convviz.core.readable import margin_loss as readable


def image_weight(labels: Array, table: Array, weights: Array) -> None:
    """w[n] = table[y[n]]."""
    np.take(table, labels, out=weights, mode="clip")


@dataclass(frozen=True, slots=True)
class ImageWeight(Op):
    """How much every image counts, ``(N,)``, from its label; ``weights`` has a number for each class."""

    weights: tuple[float, ...]

    name = "image_weight"
    title = "Every image counts as much as its class"
    formula = r"w_n = w[y_n]"
    kernel = staticmethod(image_weight)
    readable = staticmethod(readable.image_weight)

    @property
    def attributes(self) -> dict[str, Any]:
        shown = ", ".join(f"{one:g}" for one in self.weights[:12])
        return {"weights": shown + (" …" if len(self.weights) > 12 else "")}

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.ACTIVATION, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], np.asarray(self.weights, out.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells(index),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        label = value_at(values[0], index)
        found = {label: self.weights[int(label)]}
        text = f"{found[label]!r} · [{int(label)} = {{0}}]"

        def weight(given: float) -> float:
            return float(self.weights[int(given)])

        return Equation(index, (Term((Factor(0, index, label),)),), Combine.APPLY, text=text, function=weight)


def weight_total(weights: Array, total: Array) -> None:
    """W = Σ w[n]."""
    total[...] = np.add.reduce(weights)


@dataclass(frozen=True, slots=True)
class WeightTotal(SumOp):
    """How much all images of the minibatch count together."""

    name = "weight_total"
    title = "How much all images of the minibatch count together"
    formula = r"W = \sum_n w_n"
    kernel = staticmethod(weight_total)
    readable = staticmethod(readable.weight_total)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((), Role.SCALAR)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid(range(ins[0][0])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return scalar_cell()


def weighted_mean(losses: Array, weights: Array, total: Array, loss: Array) -> None:
    """L = Σ w[n] l[n] / W; 0 where W is 0."""
    loss[...] = np.dot(losses, weights) / total if total > 0 else 0


@dataclass(frozen=True, slots=True)
class WeightedMean(Op):
    """The loss. Inputs: l, w, and the W of the whole minibatch."""

    name = "weighted_mean"
    title = "The loss: the mean over the minibatch, each image weighted by how much it counts"
    formula = r"L = \frac{1}{W} \sum_n w_n \ell_n"
    kernel = staticmethod(weighted_mean)
    readable = staticmethod(readable.weighted_mean)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((), Role.SCALAR)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(WeightedMeanGrad(), step.inputs[1:], step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return grid(range(ins[0][0])), grid(range(ins[1][0])), scalar_cell()

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return scalar_cell()

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        count, total = len(values[0]), values[2]
        places = [(k, n) for k in (0, 1) for n in range(count)]
        terms = tuple(Term((Factor(k, (n,), value_at(values[k], (n,))),)) for k, n in places)
        last = Term((Factor(2, (), value_at(total, ())),))

        def mean(*numbers: float) -> float:
            whole = numbers[-1]
            made = sum(a * b for a, b in zip(numbers[:count], numbers[count:-1], strict=True))
            return made / whole if whole > 0 else 0.0

        products = " + ".join(f"{{{count + n}}} · {{{n}}}" for n in range(count))
        text = f"({products}) / {{{2 * count}}}" if float(total) > 0 else f"0 · ({products})"
        return Equation(index, (*terms, last), Combine.APPLY, text=text, function=mean)


def weighted_mean_grad(weights: Array, total: Array, d_losses: Array) -> None:
    """dl[n] = w[n] / W; 0 where W is 0."""
    np.multiply(weights, 1 / total if total > 0 else 0, out=d_losses)


@dataclass(frozen=True, slots=True)
class WeightedMeanGrad(Op):
    """Gradient of the images' losses. Inputs: w, W."""

    name = "weighted_mean_grad"
    title = "Every image's loss counts as much as the image"
    formula = r"d\ell_n = \frac{w_n}{W}"
    kernel = staticmethod(weighted_mean_grad)
    readable = staticmethod(readable.weighted_mean_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return cells(index), scalar_cell()

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index) if position == 0 else grid(range(out[0]))

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        if position == 0:
            return cells(ndim=1), scalar_cell()
        return grid(range(out[0])), np.empty((0, 0), np.intp)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        weight, total = value_at(values[0], index), value_at(values[1], ())
        terms = Term((Factor(0, index, weight),)), Term((Factor(1, (), total),))

        def share(own: float, whole: float) -> float:
            return own / whole if whole > 0 else 0.0

        text = "{0} / {1}" if total > 0 else "0 · {0}"
        return Equation(index, terms, Combine.APPLY, text=text, function=share)
