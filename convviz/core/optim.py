"""Optimisers: frozen values that lower themselves to update steps.

What may change while training runs (the learning rate) is an input array of the steps, not a constant in them.
Formulas and defaults are PyTorch's. What an optimiser remembers of the gradients is a source array of its own for
every weight, which a step of the update phase renews.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from convviz.core.arrays import Role
from convviz.core.ops import update as ops
from convviz.core.program import Builder, Phase

LEARNING_RATE = "lr"
"""Source that holds the learning rate."""
PASS_NUMBER = "t"
"""Source that holds the number of the pass, from 1; programs of optimisers that need it have it."""

Rate = Annotated[float, Meta(gt=0.0, le=1e3)]
Share = Annotated[float, Meta(ge=0.0, lt=1.0)]
Epsilon = Annotated[float, Meta(gt=0.0, le=1.0)]


class Optimiser(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all optimisers.

    Parameters
    ----------
    lr : float
        Learning rate, greater than 0.
    """

    title: ClassVar[str] = ""

    lr: Rate = 0.01

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        """Emit the update steps of one parameter and note them in ``build.updates``."""
        raise NotImplementedError


def state(build: Builder, weight: str, word: str, initial: float = 0.0) -> str:
    """Declare what is remembered for a weight; all its cells start as ``initial``."""
    name = f"{weight}_{word}"
    build.initial[name] = initial
    return build.source(name, build.arrays[weight].shape, Role.STATE)


def renew(build: Builder, op: ops.Update, old: str, *others: str) -> str:
    """Emit the step whose output takes the place of ``old`` after the pass."""
    role = build.arrays[old].role
    build.updates[old] = build.emit(op, (old, *others), f"{old}_new", role=role)
    return build.updates[old]


class SGD(Optimiser, frozen=True, kw_only=True, tag="sgd"):
    """Mini-batch gradient descent."""

    title: ClassVar[str] = "SGD"

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        renew(build, ops.SgdUpdate(), weight, gradient, LEARNING_RATE)


class Momentum(Optimiser, frozen=True, kw_only=True, tag="momentum"):
    """Gradient descent with a velocity.

    Parameters
    ----------
    lr : float
    momentum : float
        Share μ of the velocity that is kept.
    """

    title: ClassVar[str] = "Momentum"

    momentum: Share = 0.9

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        velocity = renew(build, ops.Velocity(self.momentum), state(build, weight, "velocity"), gradient)
        renew(build, ops.SgdUpdate(), weight, velocity, LEARNING_RATE)


class Nesterov(Momentum, frozen=True, kw_only=True, tag="nesterov"):
    """Momentum that looks ahead to where the velocity leads."""

    title: ClassVar[str] = "Nesterov"

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        velocity = renew(build, ops.Velocity(self.momentum), state(build, weight, "velocity"), gradient)
        ahead = build.emit(ops.LookAhead(self.momentum), (gradient, velocity), f"{weight}_ahead")
        renew(build, ops.SgdUpdate(), weight, ahead, LEARNING_RATE)


class Adagrad(Optimiser, frozen=True, kw_only=True, tag="adagrad"):
    """Steps shrink with the sum of all squared gradients so far.

    Parameters
    ----------
    lr : float
    epsilon : float
        Keeps the division finite.
    initial : float
        Sum of squares at the start.
    """

    title: ClassVar[str] = "Adagrad"

    epsilon: Epsilon = 1e-10
    initial: Annotated[float, Meta(ge=0.0, le=1e3)] = 0.0

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        squares = renew(build, ops.AddSquare(), state(build, weight, "squares", self.initial), gradient)
        scaled = build.emit(ops.ByRoot(self.epsilon), (gradient, squares), f"{weight}_scaled")
        renew(build, ops.SgdUpdate(), weight, scaled, LEARNING_RATE)


class Adadelta(Optimiser, frozen=True, kw_only=True, tag="adadelta"):
    """Steps have the size of the steps so far.

    Parameters
    ----------
    lr : float
    rho : float
        Share of the running squares that is kept.
    epsilon : float
        Keeps the division finite and the first steps from being 0.
    """

    title: ClassVar[str] = "Adadelta"

    lr: Rate = 1.0
    rho: Share = 0.9
    epsilon: Epsilon = 1e-6

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        squares = renew(build, ops.RunningSquare(self.rho), state(build, weight, "squares"), gradient)
        moved = state(build, weight, "moved")
        move = build.emit(ops.AdadeltaMove(self.epsilon), (gradient, squares, moved), f"{weight}_move")
        renew(build, ops.RunningSquare(self.rho), moved, move)
        renew(build, ops.SgdUpdate(), weight, move, LEARNING_RATE)


class RMSProp(Optimiser, frozen=True, kw_only=True, tag="rmsprop"):
    """Gradients are measured by the root of their running mean square.

    Parameters
    ----------
    lr : float
    alpha : float
        Share of the running squares that is kept.
    epsilon : float
        Keeps the division finite.
    momentum : float
        Share of the velocity that is kept; 0 goes without one.
    """

    title: ClassVar[str] = "RMSProp"

    alpha: Share = 0.99
    epsilon: Epsilon = 1e-8
    momentum: Share = 0.0

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        squares = renew(build, ops.RunningSquare(self.alpha), state(build, weight, "squares"), gradient)
        move = build.emit(ops.ByRoot(self.epsilon), (gradient, squares), f"{weight}_scaled")
        if self.momentum:
            move = renew(build, ops.Velocity(self.momentum), state(build, weight, "velocity"), move)
        renew(build, ops.SgdUpdate(), weight, move, LEARNING_RATE)


class Adam(Optimiser, frozen=True, kw_only=True, tag="adam"):
    """Running mean of the gradient, measured by the root of the running mean of its square.

    Parameters
    ----------
    lr : float
    beta1, beta2 : float
        Shares of the running mean and of the running squares that are kept.
    epsilon : float
        Keeps the division finite.
    """

    title: ClassVar[str] = "Adam"

    lr: Rate = 0.001
    beta1: Share = 0.9
    beta2: Share = 0.999
    epsilon: Epsilon = 1e-8

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        self.move(build, weight, weight, gradient)

    def move(self, build: Builder, weight: str, start: str, gradient: str) -> None:
        """Emit Adam's steps, which take the weight from the array ``start`` to its new value."""
        number = build.source(PASS_NUMBER, (), Role.SCALAR, layer="optimiser")
        mean = renew(build, ops.RunningMean(self.beta1), state(build, weight, "mean"), gradient)
        squares = renew(build, ops.RunningSquare(self.beta2), state(build, weight, "squares"), gradient)
        op = ops.AdamUpdate(self.beta1, self.beta2, self.epsilon)
        inputs = (start, mean, squares, LEARNING_RATE, number)
        build.updates[weight] = build.emit(op, inputs, f"{weight}_new", role=Role.WEIGHT)


AnyOptimiser = SGD | Momentum | Nesterov | Adagrad | Adadelta | RMSProp | Adam


def lower_updates(build: Builder, optimiser: Optimiser) -> None:
    """Append the update phase for every parameter that has a gradient."""
    with build.at(Phase.UPDATE, "optimiser"):
        build.source(LEARNING_RATE, (), Role.SCALAR, layer="optimiser")
        for weight in build.parameters:
            with build.at(layer=weight.rpartition(".")[0]):
                optimiser.lower(build, weight, build.gradients[weight])
