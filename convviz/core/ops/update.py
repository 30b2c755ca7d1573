"""Steps of the update rules, cell by cell.

Every rule is a chain of these: first the optimiser's state is updated, then the weight moves. The formulas are
PyTorch's. W weight, g gradient, η learning rate, t number of the pass from 1.

    velocity          v ← μ v + g                                        momentum, Nesterov
    mean              m ← β m + (1 − β) g                                Adam
    mean of squares   s ← β s + (1 − β) g²                               Adam, RMSProp, Adadelta
    sum of squares    s ← s + g²                                         Adagrad

All may write their result over the first input.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Scratch
from convviz.core.readable import update as readable_update


@dataclass(frozen=True, slots=True)
class Update(Elementwise):
    """Base of the update steps; kernels get one array of scratch memory before the output."""

    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, *self.numbers(), scratch("part", out.shape, out.dtype), out

    def numbers(self) -> tuple[float, ...]:
        """Constants that the kernel gets between the inputs and the scratch memory."""
        return tuple(self.attributes.values())


# --- optimiser state ---------------------------------------------------------------------------------------------


def velocity(v: Array, gradient: Array, momentum: float, part: Array, new: Array) -> None:
    """v ← μ v + g."""
    np.multiply(v, momentum, out=part)
    np.add(part, gradient, out=new)


@dataclass(frozen=True, slots=True)
class Velocity(Update):
    """Inputs: velocity, gradient."""

    momentum: float

    name = "velocity"
    title = "The velocity keeps a share of itself, and the gradient is added"
    formula = r"v \leftarrow \mu \, v + g"
    kernel = staticmethod(velocity)
    readable = staticmethod(readable_update.velocity)

    def apply(self, *values: float) -> float:
        v, gradient = values
        return v * self.momentum + gradient

    def written(self) -> str:
        return f"{self.momentum:g} · {{0}} + {{1}}"


def running_mean(mean: Array, value: Array, keep: float, part: Array, new: Array) -> None:
    """m ← β m + (1 − β) g."""
    np.multiply(value, 1.0 - keep, out=part)
    np.multiply(mean, keep, out=new)
    np.add(new, part, out=new)


@dataclass(frozen=True, slots=True)
class RunningMean(Update):
    """Inputs: mean, new value; ``keep`` is β."""

    keep: float

    name = "running_mean"
    title = "The running mean of the gradient moves a little towards the new gradient"
    formula = r"m \leftarrow \beta \, m + (1 - \beta) \, g"
    kernel = staticmethod(running_mean)
    readable = staticmethod(readable_update.running_mean)

    def apply(self, *values: float) -> float:
        mean, value = values
        return mean * self.keep + value * (1.0 - self.keep)

    def written(self) -> str:
        return f"{self.keep:g} · {{0}} + {1.0 - self.keep:g} · {{1}}"


def running_square(square: Array, value: Array, keep: float, part: Array, new: Array) -> None:
    """s ← β s + (1 − β) g²."""
    np.multiply(value, value, out=part)
    np.multiply(part, 1.0 - keep, out=part)
    np.multiply(square, keep, out=new)
    np.add(new, part, out=new)


@dataclass(frozen=True, slots=True)
class RunningSquare(Update):
    """Inputs: mean of squares, new value; ``keep`` is β."""

    keep: float

    name = "running_square"
    title = "The running mean of the squares moves a little towards the new square"
    formula = r"s \leftarrow \beta \, s + (1 - \beta) \, g^2"
    kernel = staticmethod(running_square)
    readable = staticmethod(readable_update.running_square)

    def apply(self, *values: float) -> float:
        square, value = values
        return square * self.keep + value * value * (1.0 - self.keep)

    def written(self) -> str:
        return f"{self.keep:g} · {{0}} + {1.0 - self.keep:g} · {{1}}²"


def add_square(total: Array, gradient: Array, part: Array, new: Array) -> None:
    """s ← s + g²."""
    np.multiply(gradient, gradient, out=part)
    np.add(total, part, out=new)


@dataclass(frozen=True, slots=True)
class AddSquare(Update):
    """Inputs: sum of squares, gradient."""

    name = "add_square"
    title = "The sum of all squared gradients grows"
    formula = r"s \leftarrow s + g^2"
    text = "{0} + {1}²"
    kernel = staticmethod(add_square)
    readable = staticmethod(readable_update.add_square)

    def apply(self, *values: float) -> float:
        return values[0] + values[1] * values[1]


# --- which way to go ---------------------------------------------------------------------------------------------


def add_share(gradient: Array, weight: Array, share: float, part: Array, new: Array) -> None:
    """g + λ W."""
    np.multiply(weight, share, out=part)
    np.add(gradient, part, out=new)


@dataclass(frozen=True, slots=True)
class AddDecay(Update):
    """Weight decay as an L2 penalty. Inputs: gradient, weight."""

    decay: float

    name = "weight_decay"
    title = "Weight decay adds a share of the weight to its gradient"
    formula = r"g' = g + \lambda W"
    kernel = staticmethod(add_share)
    readable = staticmethod(readable_update.add_decay)

    def apply(self, *values: float) -> float:
        return values[0] + values[1] * self.decay

    def written(self) -> str:
        return f"{{0}} + {self.decay:g} · {{1}}"


@dataclass(frozen=True, slots=True)
class LookAhead(Update):
    """Nesterov's gradient. Inputs: gradient, new velocity."""

    momentum: float

    name = "look_ahead"
    title = "The gradient, and where the velocity would take the weight next"
    formula = r"g' = g + \mu \, v"
    kernel = staticmethod(add_share)
    readable = staticmethod(readable_update.look_ahead)

    def apply(self, *values: float) -> float:
        return values[0] + values[1] * self.momentum

    def written(self) -> str:
        return f"{{0}} + {self.momentum:g} · {{1}}"


def by_root(gradient: Array, square: Array, epsilon: float, part: Array, out: Array) -> None:
    """g / (√s + ε)."""
    np.sqrt(square, out=part)
    np.add(part, epsilon, out=part)
    np.divide(gradient, part, out=out)


@dataclass(frozen=True, slots=True)
class ByRoot(Update):
    """Inputs: gradient, (running) squares."""

    epsilon: float

    name = "by_root"
    title = "The gradient is divided by how large it usually is"
    formula = r"\Delta = \frac{g}{\sqrt{s} + \varepsilon}"
    kernel = staticmethod(by_root)
    readable = staticmethod(readable_update.by_root)

    def apply(self, *values: float) -> float:
        return values[0] / (math.sqrt(values[1]) + self.epsilon)

    def written(self) -> str:
        return f"{{0}} / (√{{1}} + {self.epsilon:g})"


def adadelta_move(gradient: Array, square: Array, moved: Array, epsilon: float, part: Array, move: Array) -> None:
    """g · √(u + ε) / √(s + ε)."""
    np.add(square, epsilon, out=part)
    np.sqrt(part, out=part)
    np.divide(gradient, part, out=move)
    np.add(moved, epsilon, out=part)
    np.sqrt(part, out=part)
    np.multiply(move, part, out=move)


@dataclass(frozen=True, slots=True)
class AdadeltaMove(Update):
    """Inputs: gradient, running squares of the gradients, running squares of the moves so far."""

    epsilon: float

    name = "adadelta_move"
    title = "The gradient, scaled to the size of recent moves"
    formula = r"\Delta = \frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}} \, g"
    kernel = staticmethod(adadelta_move)
    readable = staticmethod(readable_update.adadelta_move)

    def apply(self, *values: float) -> float:
        gradient, square, moved = values
        return gradient / math.sqrt(square + self.epsilon) * math.sqrt(moved + self.epsilon)

    def written(self) -> str:
        return f"√({{2}} + {self.epsilon:g}) / √({{1}} + {self.epsilon:g}) · {{0}}"


def clip(gradient: Array, norm: Array, limit: float, clipped: Array) -> None:
    """g · min(1, limit / (norm + 10⁻⁶))."""
    np.multiply(gradient, clip_factor(float(norm), limit), out=clipped)


def clip_factor(norm: float, limit: float) -> float:
    """Factor, at most 1, that shortens gradients of this norm to ``limit``."""
    return min(1.0, limit / (norm + 1e-6))


@dataclass(frozen=True, slots=True)
class Clip(Update):
    """Inputs: gradient, norm of all gradients."""

    limit: float

    name = "clip"
    title = "If all gradients together are too long, all are shortened by the same factor"
    formula = r"g' = g \cdot \min\left(1, \frac{c}{n + 10^{-6}}\right)"
    kernel = staticmethod(clip)
    readable = staticmethod(readable_update.clip)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, *self.numbers(), out

    def apply(self, *values: float) -> float:
        return values[0] * clip_factor(values[1], self.limit)

    def written(self) -> str:
        return f"{{0}} · min(1, {self.limit:g} / ({{1}} + 10⁻⁶))"


# --- the weight moves --------------------------------------------------------------------------------------------


def sgd_update(weight: Array, d_weight: Array, lr: Array, move: Array, new: Array) -> None:
    """W ← W − η · dW."""
    np.multiply(d_weight, lr, out=move)
    np.subtract(weight, move, out=new)


@dataclass(frozen=True, slots=True)
class SgdUpdate(Update):
    """Gradient descent. Inputs: weight, its gradient (or what an optimiser makes of it), learning rate."""

    name = "sgd_update"
    title = "Every weight moves a small step against its gradient"
    formula = r"W \leftarrow W - \eta \, dW"
    text = "{0} − {2} · {1}"
    kernel = staticmethod(sgd_update)
    readable = staticmethod(readable_update.sgd_update)

    def apply(self, *values: float) -> float:
        weight, gradient, lr = values
        return weight - gradient * lr


def shrink(weight: Array, lr: Array, decay: float, new: Array) -> None:
    """W ← W · (1 − η λ)."""
    np.multiply(weight, 1.0 - float(lr) * decay, out=new)


@dataclass(frozen=True, slots=True)
class Shrink(Update):
    """Weight decay that is separate from the gradient. Inputs: weight, learning rate."""

    decay: float

    name = "shrink"
    title = "Weight decay makes every weight a little smaller, whatever its gradient"
    formula = r"W \leftarrow W \, (1 - \eta \lambda)"
    kernel = staticmethod(shrink)
    readable = staticmethod(readable_update.shrink)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, *self.numbers(), out

    def apply(self, *values: float) -> float:
        return values[0] * (1.0 - values[1] * self.decay)

    def written(self) -> str:
        return f"{{0}} · (1 − {{1}} · {self.decay:g})"


def adam_update(
    weight: Array,
    mean: Array,
    square: Array,
    lr: Array,
    t: Array,
    beta1: float,
    beta2: float,
    epsilon: float,
    part: Array,
    new: Array,
) -> None:
    """W ← W − η · m̂ / (√ŝ + ε), m̂ = m / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ)."""
    passes = float(t)
    np.sqrt(square, out=part)
    np.multiply(part, 1.0 / math.sqrt(1.0 - beta2**passes), out=part)
    np.add(part, epsilon, out=part)
    np.divide(mean, part, out=part)
    np.multiply(part, float(lr) / (1.0 - beta1**passes), out=part)
    np.subtract(weight, part, out=new)


@dataclass(frozen=True, slots=True)
class AdamUpdate(Update):
    """Inputs: weight, running mean, running squares, learning rate, number of the pass."""

    beta1: float
    beta2: float
    epsilon: float

    name = "adam_update"
    title = "Every weight moves against its mean gradient, divided by how large it usually is"
    formula = (
        r"W \leftarrow W - \eta \, \frac{\hat{m}}{\sqrt{\hat{s}} + \varepsilon}, \quad "
        r"\hat{m} = \frac{m}{1 - \beta_1^t}, \quad \hat{s} = \frac{s}{1 - \beta_2^t}"
    )
    kernel = staticmethod(adam_update)
    readable = staticmethod(readable_update.adam_update)

    def apply(self, *values: float) -> float:
        weight, mean, square, lr, t = values
        root = math.sqrt(square) / math.sqrt(1.0 - self.beta2**t)
        return float(weight - lr * mean / (1.0 - self.beta1**t) / (root + self.epsilon))

    def written(self) -> str:
        b1, b2 = f"(1 − {self.beta1:g}^{{4}})", f"(1 − {self.beta2:g}^{{4}})"
        return f"{{0}} − {{3}} · ({{1}} / {b1}) / (√({{2}} / {b2}) + {self.epsilon:g})"
