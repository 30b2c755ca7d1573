"""Optimisers: frozen values that lower themselves to update steps.

A value that may change while training runs (the learning rate) is an input array of the steps, not a constant in them.
Formulas and defaults are PyTorch's. State, such as a velocity for every weight, is a source of the program that a step
of the update phase replaces.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from convviz.core.arrays import Role
from convviz.core.ops import update as ops
from convviz.core.ops.gradient_norm import GradientNorm, SumSquares
from convviz.core.program import Builder, Phase

LEARNING_RATE = "lr"
"""Source that holds the learning rate."""
PASS_NUMBER = "t"
"""Source that holds the number of the pass, from 1; only in programs whose optimiser needs it."""

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
    summary: ClassVar[str] = ""
    """One line for the list of optimisers."""
    decay: ClassVar[float] = 0.0
    """Weight decay if the design sets none."""
    decoupled: ClassVar[bool] = False
    """Whether weight decay shrinks the weight itself instead of adding to its gradient."""

    lr: Rate = 0.01

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        """Emit the update steps of one parameter and note them in ``build.updates``.

        Parameters
        ----------
        build : Builder
        weight, gradient : str
            Names of the parameter and of the gradient that it moves against.
        decay : float
            Weight decay for an optimiser that is ``decoupled``; 0 for the others.
        """
        raise NotImplementedError


def memory(build: Builder, weight: str, word: str, initial: float = 0.0) -> str:
    """Declare an array of optimiser state for a weight; all its cells start as ``initial``."""
    spec = build.arrays[weight]
    return build.state(f"{weight}_{word}", spec.shape, spec.axes, initial)


class SGD(Optimiser, frozen=True, kw_only=True, tag="sgd"):
    """Mini-batch gradient descent."""

    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = "Straight against the gradient"

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        build.renew(ops.SgdUpdate(), (weight, gradient, LEARNING_RATE))


class Momentum(Optimiser, frozen=True, kw_only=True, tag="momentum"):
    """Gradient descent with a velocity.

    Parameters
    ----------
    lr : float
    momentum : float
        Share μ of the velocity that is kept.
    """

    title: ClassVar[str] = "Momentum"
    summary: ClassVar[str] = "Against the gradient, with a velocity that builds up"

    momentum: Share = 0.9

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        velocity = build.renew(ops.Velocity(self.momentum), (memory(build, weight, "velocity"), gradient))
        build.renew(ops.SgdUpdate(), (weight, velocity, LEARNING_RATE))


class Nesterov(Momentum, frozen=True, kw_only=True, tag="nesterov"):
    """Momentum that looks ahead to where the velocity leads."""

    title: ClassVar[str] = "Nesterov"
    summary: ClassVar[str] = "Momentum that looks ahead to where the velocity leads"

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        velocity = build.renew(ops.Velocity(self.momentum), (memory(build, weight, "velocity"), gradient))
        ahead = build.emit(ops.LookAhead(self.momentum), (gradient, velocity), f"{weight}_ahead")
        build.renew(ops.SgdUpdate(), (weight, ahead, LEARNING_RATE))


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
    summary: ClassVar[str] = "Steps shrink where gradients have been large"

    epsilon: Epsilon = 1e-10
    initial: Annotated[float, Meta(ge=0.0, le=1e3)] = 0.0

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        squares = build.renew(ops.AddSquare(), (memory(build, weight, "squares", self.initial), gradient))
        scaled = build.emit(ops.ByRoot(self.epsilon), (gradient, squares), f"{weight}_scaled")
        build.renew(ops.SgdUpdate(), (weight, scaled, LEARNING_RATE))


class Adadelta(Optimiser, frozen=True, kw_only=True, tag="adadelta"):
    """Steps are about as large as recent steps have been.

    Parameters
    ----------
    lr : float
    rho : float
        Share of the running squares that is kept.
    epsilon : float
        Keeps the division finite and the first steps from being 0.
    """

    title: ClassVar[str] = "Adadelta"
    summary: ClassVar[str] = "Steps are about as large as recent steps have been"

    lr: Rate = 1.0
    rho: Share = 0.9
    epsilon: Epsilon = 1e-6

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        squares = build.renew(ops.RunningSquare(self.rho), (memory(build, weight, "squares"), gradient))
        moved = memory(build, weight, "moved")
        move = build.emit(ops.AdadeltaMove(self.epsilon), (gradient, squares, moved), f"{weight}_move")
        build.renew(ops.RunningSquare(self.rho), (moved, move))
        build.renew(ops.SgdUpdate(), (weight, move, LEARNING_RATE))


class RMSProp(Optimiser, frozen=True, kw_only=True, tag="rmsprop"):
    """Gradients are divided by the root of their running mean square.

    Parameters
    ----------
    lr : float
    alpha : float
        Share of the running squares that is kept.
    epsilon : float
        Keeps the division finite.
    momentum : float
        Share of the velocity that is kept; 0 means no velocity.
    """

    title: ClassVar[str] = "RMSProp"
    summary: ClassVar[str] = "Gradients are divided by how large they have been lately"

    alpha: Share = 0.99
    epsilon: Epsilon = 1e-8
    momentum: Share = 0.0

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        squares = build.renew(ops.RunningSquare(self.alpha), (memory(build, weight, "squares"), gradient))
        move = build.emit(ops.ByRoot(self.epsilon), (gradient, squares), f"{weight}_scaled")
        if self.momentum:
            move = build.renew(ops.Velocity(self.momentum), (memory(build, weight, "velocity"), move))
        build.renew(ops.SgdUpdate(), (weight, move, LEARNING_RATE))


class Adam(Optimiser, frozen=True, kw_only=True, tag="adam"):
    """Running mean of the gradient, divided by the root of the running mean of its square.

    Parameters
    ----------
    lr : float
    beta1, beta2 : float
        Shares of the running mean and of the running squares that are kept.
    epsilon : float
        Keeps the division finite.
    """

    title: ClassVar[str] = "Adam"
    summary: ClassVar[str] = "The mean gradient, divided by how large gradients have been lately"

    lr: Rate = 0.001
    beta1: Share = 0.9
    beta2: Share = 0.999
    epsilon: Epsilon = 1e-8

    def lower(self, build: Builder, weight: str, gradient: str, decay: float = 0.0) -> None:
        start = build.emit(ops.Shrink(decay), (weight, LEARNING_RATE), f"{weight}_shrunk") if decay else weight
        number = build.source(PASS_NUMBER, (), Role.SCALAR, layer="optimiser")
        build.initial[number] = 1.0
        mean = build.renew(ops.RunningMean(self.beta1), (memory(build, weight, "mean"), gradient))
        squares = build.renew(ops.RunningSquare(self.beta2), (memory(build, weight, "squares"), gradient))
        op = ops.AdamUpdate(self.beta1, self.beta2, self.epsilon)
        inputs = (start, mean, squares, LEARNING_RATE, number)
        build.updates[weight] = build.emit(op, inputs, f"{weight}_new", role=Role.WEIGHT)


class AdamW(Adam, frozen=True, kw_only=True, tag="adamw"):
    """Adam whose weight decay is not part of the gradient."""

    title: ClassVar[str] = "AdamW"
    summary: ClassVar[str] = "Adam with weight decay that shrinks the weights themselves"
    decay: ClassVar[float] = 0.01
    decoupled: ClassVar[bool] = True


AnyOptimiser = SGD | Momentum | Nesterov | Adagrad | Adadelta | RMSProp | Adam | AdamW


def lower_updates(
    build: Builder, optimiser: Optimiser, *, weight_decay: float | None = None, clip_norm: float | None = None
) -> None:
    """Append the update phase for every parameter that has a gradient.

    Parameters
    ----------
    build : Builder
    optimiser : Optimiser
    weight_decay : float, optional
        None uses the optimiser's default.
    clip_norm : float, optional
        Largest norm of all gradients together; None doesn't clip.
    """
    decay = optimiser.decay if weight_decay is None else weight_decay
    with build.at(Phase.UPDATE, "optimiser"):
        build.source(LEARNING_RATE, (), Role.SCALAR, layer="optimiser")
        gradients = clipped(build, clip_norm) if clip_norm else build.gradients
        for weight in build.parameters:
            gradient = gradients[weight]
            with build.at(layer=weight.rpartition(".")[0]):
                if decay and not optimiser.decoupled:
                    gradient = build.emit(ops.AddDecay(decay), (gradient, weight), f"{gradient}_decayed")
                optimiser.lower(build, weight, gradient, decay if optimiser.decoupled else 0.0)
        build.renew_noted()


def clipped(build: Builder, limit: float) -> dict[str, str]:
    """Emit the steps that limit the norm of all gradients together; returns parameter → clipped gradient."""
    squares = []
    for weight in build.parameters:
        gradient = build.gradients[weight]
        with build.at(layer=weight.rpartition(".")[0]):
            squares.append(build.emit(SumSquares(), (gradient,), f"{gradient}_squares"))
    norm = build.emit(GradientNorm(), squares, "optimiser.grad_norm")
    found = {}
    for weight in build.parameters:
        gradient = build.gradients[weight]
        with build.at(layer=weight.rpartition(".")[0]):
            found[weight] = build.emit(ops.Clip(limit), (gradient, norm), f"{gradient}_clipped")
    return found
