"""Softmax and cross-entropy, numerically stable.

    p[n, k] = exp(z[n, k] − m[n]) / Σ_j exp(z[n, j] − m[n]),   m[n] = max_j z[n, j]
    l[n]    = Σ_k −t[n, k] · log p[n, k],   log p = z − m − log Σ exp(z − m)
    L       = 1/N Σ_n l[n],   dl = 1/N,   dz[n, k] = (p[n, k] − t[n, k]) · dl[n]

t is the target: 1 at the label, or with label smoothing ε: 1 − ε + ε/K at the label and ε/K elsewhere. The loss
is computed from the scores and not from p, because the log of a p that was rounded to 0 would be −∞.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axis, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp
from convviz.core.ops.cells import Cells, cells, grid
from convviz.core.readable import loss as readable_loss


def softmax(z: Array, top: Array, total: Array, p: Array) -> None:
    """p = exp(z − max) / Σ exp(z − max), row by row."""
    np.maximum.reduce(z, axis=1, out=top, keepdims=True)
    np.subtract(z, top, out=p)
    np.exp(p, out=p)
    np.add.reduce(p, axis=1, out=total, keepdims=True)
    np.divide(p, total, out=p)


@dataclass(frozen=True, slots=True)
class Softmax(Op):
    """Scores to probabilities, ``(N, K)``."""

    name = "softmax"
    title = "Scores become probabilities that sum to 1"
    formula = r"p_k = \frac{e^{z_k - m}}{\sum_j e^{z_j - m}}, \quad m = \max_j z_j"
    kernel = staticmethod(softmax)
    readable = staticmethod(readable_loss.softmax)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        if len(ins[0].shape) != 2:
            raise ShapeError(f"{layer}: expects one row of scores per image, got {ins[0].shape[1:]}", layer=layer)
        return Out(ins[0].shape, Role.PROBABILITY, (ins[0].axes[0], Axis.CLASS))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        one = (out.shape[0], 1)
        return ins[0], scratch("top", one, out.dtype), scratch("total", one, out.dtype), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid([index[0]], range(out[1])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], range(out[1]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        n, k = index
        row = values[0][n]
        terms = tuple(Term((Factor(0, (n, j), float(v)),)) for j, v in enumerate(row))
        dtype = row.dtype

        def probability(*scores: float) -> float:
            shifted = np.exp(np.asarray(scores, dtype) - dtype.type(max(scores)))
            return float(shifted[k] / np.add.reduce(shifted))

        others = " + ".join(f"e^({{{j}}} − m)" for j in range(len(terms)))
        return Equation(index, terms, Combine.APPLY, text=f"e^({{{k}}} − m) / ({others})", function=probability)


def cross_entropy(
    z: Array, labels: Array, rows: Array, shifted: Array, top: Array, smoothing: float, losses: Array
) -> None:
    """l[n] = −log p[n, label] = log Σ exp(z − m) − (z[n, label] − m)."""
    np.maximum.reduce(z, axis=1, out=top, keepdims=True)
    np.subtract(z, top, out=shifted)
    true = shifted[rows, labels]
    if smoothing:
        true = (1.0 - smoothing) * true + smoothing * shifted.mean(axis=1)
    np.exp(shifted, out=shifted)
    np.add.reduce(shifted, axis=1, out=losses)
    np.log(losses, out=losses)
    np.subtract(losses, true, out=losses)


@dataclass(frozen=True, slots=True)
class CrossEntropy(Op):
    """Surprise at the true class of every image, ``(N,)``, from scores ``(N, K)`` and labels ``(N,)``.

    ``probabilities`` names the softmax of the same scores, which the gradient uses.
    """

    probabilities: str
    smoothing: float = 0.0

    name = "cross_entropy"
    title = "How surprised the network is by the true class"
    formula = r"\ell_n = -\log p_{n,\, y_n}"
    kernel = staticmethod(cross_entropy)
    readable = staticmethod(readable_loss.cross_entropy)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_loss.smoothed_cross_entropy if self.smoothing else readable_loss.cross_entropy

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape[:1], Role.ACTIVATION, ins[0].axes[:1])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        z, labels = ins
        n = z.shape[0]
        shifted, top = scratch("shifted", z.shape, z.dtype), scratch("top", (n, 1), z.dtype)
        return z, labels, np.arange(n), shifted, top, self.smoothing, out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        inputs = (self.probabilities, step.inputs[1], d_out)
        return {0: build.gradient(SoftmaxGrad(self.smoothing), inputs, step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        (n,) = index
        return grid([n], range(ins[0][1])), grid([n])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]])

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        (n,) = index
        scores, labels = values
        label, classes, smoothing = int(labels[n]), scores.shape[1], self.smoothing
        terms = tuple(Term((Factor(0, (n, k), float(v)),)) for k, v in enumerate(scores[n]))
        sums = " + ".join(f"e^({{{k}}})" for k in range(classes))
        true = f"{{{label}}}"
        if smoothing:
            mean = " + ".join(f"{{{k}}}" for k in range(classes))
            true = f"{1.0 - smoothing:g}·{true} − {smoothing:g}·({mean})/{classes}"

        def surprise(*row: float) -> float:
            z = np.asarray([row], scores.dtype)
            made = np.empty(1, scores.dtype)
            cross_entropy(
                z, np.array([label]), np.arange(1), np.empty_like(z), np.empty_like(z[:, :1]), smoothing, made
            )
            return float(made[0])

        return Equation(index, terms, Combine.APPLY, text=f"log({sums}) − {true}", function=surprise)


def mean_loss(losses: Array, divisor: int, loss: Array) -> None:
    """L = Σ l[n] / N."""
    loss[...] = np.add.reduce(losses) / divisor


@dataclass(frozen=True, slots=True)
class MeanLoss(SumOp):
    """Mean over the minibatch. ``divisor`` is the minibatch's size; the given images may be only a part of it."""

    divisor: int

    name = "mean"
    title = "The loss: the mean surprise over the minibatch"
    formula = r"L = \frac{1}{N} \sum_n \ell_n"
    kernel = staticmethod(mean_loss)
    readable = staticmethod(readable_loss.mean_loss)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((), Role.SCALAR)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.divisor, out

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        return 1.0 / self.divisor

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        count = build.arrays[step.inputs[0]].shape[0]
        return {0: build.gradient(MeanLossGrad(count, self.divisor), (), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid(range(ins[0][0])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return np.empty((1, 0), dtype=np.intp)


def mean_loss_grad(divisor: int, d_losses: Array) -> None:
    """dl[n] = 1/N: every image counts the same."""
    d_losses.fill(1.0 / divisor)


@dataclass(frozen=True, slots=True)
class MeanLossGrad(Op):
    """Gradient of the mean; it reads nothing."""

    count: int
    divisor: int

    name = "mean_grad"
    title = "Every image counts the same in the loss"
    formula = r"d\ell_n = \frac{1}{N}"
    kernel = staticmethod(mean_loss_grad)
    readable = staticmethod(readable_loss.mean_loss_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((self.count,), Role.GRADIENT, (Axis.SAMPLE,))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return self.divisor, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return ()

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        raise ValueError("mean_grad has no inputs")

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return Equation(index, (Term((), 1.0),), scale=1.0 / self.divisor)


def softmax_grad(p: Array, labels: Array, rows: Array, smoothing: float, d_losses: Array, d_z: Array) -> None:
    """dz[n, k] = (p[n, k] − t[n, k]) · dl[n]."""
    if smoothing:
        np.subtract(p, smoothing / p.shape[1], out=d_z)
    else:
        np.copyto(d_z, p)
    d_z[rows, labels] -= 1.0 - smoothing
    np.multiply(d_z, d_losses, out=d_z)


@dataclass(frozen=True, slots=True)
class SoftmaxGrad(Op):
    """Gradient through cross-entropy and softmax: from p ``(N, K)``, labels ``(N,)`` and dl ``(N,)``."""

    smoothing: float = 0.0

    name = "softmax_grad"
    title = "The error: the predicted probability minus the true one"
    formula = r"dz_{n,k} = \left(p_{n,k} - [k = y_n]\right) \cdot d\ell_n"
    kernel = staticmethod(softmax_grad)
    readable = staticmethod(readable_loss.softmax_grad)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_loss.smoothed_softmax_grad if self.smoothing else readable_loss.softmax_grad

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1], np.arange(out.shape[0]), self.smoothing, ins[2][:, None], out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return cells(index), grid([index[0]]), grid([index[0]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index) if position == 0 else grid([index[0]], range(out[1]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        n, k = index
        p, labels, d_losses = values
        terms = (
            Term((Factor(0, index, float(p[index])),)),
            Term((Factor(1, (n,), float(labels[n])),)),
            Term((Factor(2, (n,), float(d_losses[n])),)),
        )
        smoothing, classes, kind = self.smoothing, out[1], p.dtype.type

        def error(said: float, true: float, share: float) -> float:
            value = kind(said) - kind(smoothing / classes) if smoothing else kind(said)
            if int(true) == k:
                value -= kind(1.0 - smoothing)
            return float(value * kind(share))

        target = f"[{k} = {{1}}]"
        if smoothing:
            target = f"{smoothing:g}/{classes} − {1.0 - smoothing:g}·{target}"
        return Equation(index, terms, Combine.APPLY, text=f"({{0}} − {target}) · {{2}}", function=error)
