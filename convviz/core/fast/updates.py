"""The update steps of one parameter as one compiled step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.fast import descent
from convviz.core.fast.fused import Fused
from convviz.core.ops import update
from convviz.core.ops.base import Op, Scratch
from convviz.core.program import Program, Step

Rule = Callable[..., None]

RULES: MappingProxyType[tuple[type[Op], ...], Rule] = MappingProxyType(
    {
        (update.SgdUpdate,): descent.sgd,
        (update.Velocity, update.SgdUpdate): descent.momentum,
        (update.Velocity, update.LookAhead, update.SgdUpdate): descent.nesterov,
        (update.AddSquare, update.ByRoot, update.SgdUpdate): descent.adagrad,
        (update.RunningSquare, update.ByRoot, update.SgdUpdate): descent.rmsprop,
        (update.RunningSquare, update.ByRoot, update.Velocity, update.SgdUpdate): descent.rmsprop_momentum,
        (update.RunningSquare, update.AdadeltaMove, update.RunningSquare, update.SgdUpdate): descent.adadelta,
        (update.RunningMean, update.RunningSquare, update.AdamUpdate): descent.adam,
        (update.Shrink, update.RunningMean, update.RunningSquare, update.AdamUpdate): descent.adamw,
    }
)
"""Steps, in the order in which an optimiser emits them, and the kernel that replaces them."""


@dataclass(frozen=True, slots=True)
class Descent(Fused):
    """A parameter's update. Inputs: all arrays that its steps read. Weight (the output) and state change in place."""

    rule: Rule
    numbers: tuple[float, ...]

    name = "descent"
    elementwise = True

    @property
    def kernel(self) -> Rule:  # type: ignore[override]
        """The compiled update rule."""
        return self.rule

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *map(np.asarray, ins), *self.numbers


def chain_to(program: Program, step: Step, keep: Collection[str]) -> Sequence[Step]:
    """The longest chain of steps that ends with this one and that a rule can replace; empty if there is none."""
    end = step.index + 1
    for length in range(min(max(map(len, RULES)), end), 0, -1):
        chain = program.steps[end - length : end]
        if kinds(chain) in RULES and stands_alone(program, chain, keep):
            return chain
    return ()


def kinds(chain: Sequence[Step]) -> tuple[type[Op], ...]:
    """The types of the steps' ops."""
    return tuple(type(step.op) for step in chain)


def as_one(chain: Sequence[Step]) -> tuple[Descent, tuple[str, ...]]:
    """The op that replaces the chain, and its inputs: the arrays that the chain reads but does not compute."""
    made = {step.output for step in chain}
    inputs = dict.fromkeys(name for step in chain for name in step.inputs if name not in made)
    constants = tuple(value for step in chain for value in step.op.attributes.values())
    return Descent(RULES[kinds(chain)], constants), tuple(inputs)


def stands_alone(program: Program, chain: Sequence[Step], keep: Collection[str]) -> bool:
    """Whether only the chain needs its intermediate arrays, and nobody needs the old weights and states afterwards."""
    here = {step.index for step in chain}
    made = {step.output for step in chain[:-1]}
    old = {name for name, new in program.updates.items() if new in made or new == chain[-1].output}
    last = chain[-1].index
    return not made & set(keep) and all(
        step.index in here or not (made & set(step.inputs) or (step.index > last and old & set(step.inputs)))
        for step in program.steps
    )
