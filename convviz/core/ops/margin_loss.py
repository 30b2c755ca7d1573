"""Losses computed from the scores, without softmax: a support vector machine's multi-class hinge, and squared error.

    hinge      l[n] = Σ_{k ≠ y} max(0, z[n, k] − z[n, y] + 1)     dz[n, k] = [z[n, k] − z[n, y] + 1 > 0] · dl[n]
                                                                 dz[n, y] = −(how many of them are > 0) · dl[n]
    squared    l[n] = 1/K Σ_k (z[n, k] − t[n, k])²               dz[n, k] = 2/K (z[n, k] − t[n, k]) · dl[n]

t is the target: 1 at the label and 0 elsewhere, or with label smoothing ε: 1 − ε + ε/K and ε/K. The hinge is that of
Weston and Watkins 1999: every class that comes within 1 of the true one costs something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step
from convviz.core.ops.cells import Cells, cells, grid
from convviz.core.readable import margin_loss as readable


@dataclass(frozen=True, slots=True)
class ImageLoss(Op):
    """Base of losses without softmax: a number for each image ``(N,)``, from scores ``(N, K)`` and labels ``(N,)``."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape[:1], Role.ACTIVATION, ins[0].axes[:1])

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return grid([index[0]], range(ins[0][1])), grid([index[0]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]])


@dataclass(frozen=True, slots=True)
class ScoreGrad(Op):
    """Base: the gradient of the scores, from the scores, the labels and the gradient of the losses."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return cells(index), grid([index[0]]), grid([index[0]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index) if position == 0 else grid([index[0]], range(out[1]))


def score_terms(values: Sequence[Array], n: int) -> tuple[Term, ...]:
    """One term for every score of an image."""
    return tuple(Term((Factor(0, (n, k), float(v)),)) for k, v in enumerate(values[0][n]))


# --- hinge -------------------------------------------------------------------------------------------------------


def margins(z: Array, labels: Array, rows: Array, over: Array) -> None:
    """max(0, z[n, k] − z[n, y] + 1), and 0 at the label."""
    np.subtract(z, z[rows, labels][:, None], out=over)
    np.add(over, 1, out=over)
    np.maximum(over, 0, out=over)
    over[rows, labels] = 0


def hinge(z: Array, labels: Array, rows: Array, over: Array, losses: Array) -> None:
    """l[n] = Σ max(0, z[n, k] − z[n, y] + 1) over the wrong classes."""
    margins(z, labels, rows, over)
    np.add.reduce(over, axis=1, out=losses)


@dataclass(frozen=True, slots=True)
class Hinge(ImageLoss):
    """How far the wrong classes are from being 1 below the true one, added up."""

    name = "hinge"
    title = "Every wrong class that comes within 1 of the true one costs something"
    formula = r"\ell_n = \sum_{k \neq y_n} \max(0, z_{n,k} - z_{n,y_n} + 1)"
    kernel = staticmethod(hinge)
    readable = staticmethod(readable.hinge)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        z, labels = ins
        return z, labels, np.arange(len(z)), scratch("over", z.shape, z.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(HingeGrad(), (*step.inputs, d_out), step.inputs[0])}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        (n,) = index
        label = int(values[1][n])

        def cost(*row: float) -> float:
            return sum(max(0.0, score - row[label] + 1.0) for k, score in enumerate(row) if k != label)

        others = [k for k in range(values[0].shape[1]) if k != label]
        text = " + ".join(f"max(0, {{{k}}} − {{{label}}} + 1)" for k in others)
        return Equation(index, score_terms(values, n), Combine.APPLY, text=text, function=cost)


def hinge_grad(z: Array, labels: Array, rows: Array, d_losses: Array, d_z: Array) -> None:
    """dz[n, k] = [z[n, k] − z[n, y] + 1 > 0] · dl[n]; at the label minus their number, times dl[n]."""
    margins(z, labels, rows, d_z)
    np.sign(d_z, out=d_z)
    d_z[rows, labels] = -np.add.reduce(d_z, axis=1)
    np.multiply(d_z, d_losses, out=d_z)


@dataclass(frozen=True, slots=True)
class HingeGrad(ScoreGrad):
    """Gradient through the hinge."""

    name = "hinge_grad"
    title = "Wrong classes that come too close are pushed down, the true one up for each of them"
    formula = r"dz_{n,k} = [z_{n,k} - z_{n,y_n} + 1 > 0] \cdot d\ell_n, \quad dz_{n,y_n} = -\sum_{k \neq y_n} dz_{n,k}"
    kernel = staticmethod(hinge_grad)
    readable = staticmethod(readable.hinge_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1], np.arange(len(out)), ins[2][:, None], out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return grid([index[0]], range(out[1])), grid([index[0]]), grid([index[0]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], range(out[1]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        n, k = index
        classes, label = out[1], int(values[1][n])
        share = Term((Factor(2, (n,), float(values[2][n])),))

        def push(*numbers: float) -> float:
            row, d_loss = numbers[:-1], numbers[-1]
            close = [row[j] - row[label] + 1.0 > 0 for j in range(classes) if j != label]
            own = row[k] - row[label] + 1.0 > 0
            return (-sum(close) if k == label else float(own)) * d_loss

        near = [f"[{{{j}}} − {{{label}}} + 1 > 0]" for j in range(classes) if j != label]
        what = f"(0 − {' − '.join(near)})" if k == label else f"[{{{k}}} − {{{label}}} + 1 > 0]"
        terms = (*score_terms(values, n), share)
        return Equation(index, terms, Combine.APPLY, text=f"{what} · {{{classes}}}", function=push)


# --- squared error -----------------------------------------------------------------------------------------------


def error(z: Array, labels: Array, rows: Array, smoothing: float, out: Array) -> None:
    """z − t."""
    if smoothing:
        np.subtract(z, smoothing / z.shape[1], out=out)
    else:
        np.copyto(out, z)
    out[rows, labels] -= 1.0 - smoothing


def squared_error(z: Array, labels: Array, rows: Array, smoothing: float, off: Array, losses: Array) -> None:
    """l[n] = 1/K Σ (z − t)²."""
    error(z, labels, rows, smoothing, off)
    np.multiply(off, off, out=off)
    np.add.reduce(off, axis=1, out=losses)
    np.multiply(losses, 1.0 / z.shape[1], out=losses)


@dataclass(frozen=True, slots=True)
class SquaredError(ImageLoss):
    """How far the scores are from 1 for the true class and 0 for the others."""

    smoothing: float = 0.0

    name = "squared_error"
    title = "How far the scores are from 1 for the true class and 0 for the others"
    formula = r"\ell_n = \frac{1}{K} \sum_k (z_{n,k} - t_{n,k})^2"
    kernel = staticmethod(squared_error)
    readable = staticmethod(readable.squared_error)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        z, labels = ins
        return z, labels, np.arange(len(z)), self.smoothing, scratch("off", z.shape, z.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(SquaredErrorGrad(self.smoothing), (*step.inputs, d_out), step.inputs[0])}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        (n,) = index
        classes, targets = values[0].shape[1], targets_of(values, n, self.smoothing)

        def cost(*row: float) -> float:
            return float(sum((score - target) ** 2 for score, target in zip(row, targets, strict=True)) / classes)

        text = " + ".join(f"({{{k}}} − {targets[k]:.10g})²" for k in range(classes))
        return Equation(index, score_terms(values, n), Combine.APPLY, text=f"({text}) / {classes}", function=cost)


def targets_of(values: Sequence[Array], n: int, smoothing: float) -> list[float]:
    """What every score of an image should be."""
    classes, label = values[0].shape[1], int(values[1][n])
    return [(1.0 - smoothing if k == label else 0.0) + smoothing / classes for k in range(classes)]


def squared_error_grad(z: Array, labels: Array, rows: Array, smoothing: float, d_losses: Array, d_z: Array) -> None:
    """dz = 2/K (z − t) · dl."""
    error(z, labels, rows, smoothing, d_z)
    np.multiply(d_z, 2.0 / z.shape[1], out=d_z)
    np.multiply(d_z, d_losses, out=d_z)


@dataclass(frozen=True, slots=True)
class SquaredErrorGrad(ScoreGrad):
    """Gradient through the squared error."""

    smoothing: float = 0.0

    name = "squared_error_grad"
    title = "The error: each score minus what it should be, times 2/K"
    formula = r"dz_{n,k} = \frac{2}{K} \, (z_{n,k} - t_{n,k}) \cdot d\ell_n"
    kernel = staticmethod(squared_error_grad)
    readable = staticmethod(readable.squared_error_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1], np.arange(len(out)), self.smoothing, ins[2][:, None], out

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        n, k = index
        classes, smoothing = out[1], self.smoothing
        terms = (
            Term((Factor(0, index, float(values[0][index])),)),
            Term((Factor(1, (n,), float(values[1][n])),)),
            Term((Factor(2, (n,), float(values[2][n])),)),
        )

        def slope(score: float, true: float, d_loss: float) -> float:
            target = (1.0 - smoothing if int(true) == k else 0.0) + smoothing / classes
            return 2.0 / classes * (score - target) * d_loss

        target = f"[{k} = {{1}}]"
        if smoothing:
            target = f"{smoothing:g}/{classes} − {1.0 - smoothing:g}·{target}"
        return Equation(index, terms, Combine.APPLY, text=f"2/{classes} · ({{0}} − {target}) · {{2}}", function=slope)
