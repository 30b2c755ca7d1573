"""Update rules of the optimisers, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Scratch


def sgd_update(weight: Array, d_weight: Array, lr: Array, move: Array, new: Array) -> None:
    """W ← W − η · dW."""
    np.multiply(d_weight, lr, out=move)
    np.subtract(weight, move, out=new)


@dataclass(frozen=True, slots=True)
class SgdUpdate(Elementwise):
    """Gradient descent: inputs weight, its gradient, learning rate."""

    name = "sgd_update"
    title = "Every weight goes a small step against its gradient"
    formula = r"W \leftarrow W - \eta \, dW"
    text = "{0} − {2} · {1}"
    kernel = staticmethod(sgd_update)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return (*ins, scratch("move", out.shape, out.dtype), out)

    def apply(self, *values: float) -> float:
        weight, gradient, lr = values
        return weight - gradient * lr
