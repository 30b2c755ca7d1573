"""Optimisers: frozen values that lower themselves to update steps.

What may change while training runs (the learning rate) is an input array of the steps, not a constant in them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from convviz.core.arrays import Role
from convviz.core.ops.update import SgdUpdate
from convviz.core.program import Builder, Phase

LEARNING_RATE = "lr"
Rate = Annotated[float, Meta(gt=0.0, le=1e3)]


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


class SGD(Optimiser, frozen=True, kw_only=True, tag="sgd"):
    """Mini-batch gradient descent."""

    title: ClassVar[str] = "SGD"

    def lower(self, build: Builder, weight: str, gradient: str) -> None:
        build.updates[weight] = build.emit(SgdUpdate(), (weight, gradient, LEARNING_RATE), f"{weight}_new")


AnyOptimiser = SGD


def lower_updates(build: Builder, optimiser: Optimiser) -> None:
    """Append the update phase for every parameter that has a gradient."""
    with build.at(Phase.UPDATE, "optimiser"):
        build.source(LEARNING_RATE, (), Role.SCALAR, layer="optimiser")
        for weight in build.parameters:
            with build.at(layer=weight.rpartition(".")[0]):
                optimiser.lower(build, weight, build.gradients[weight])
