"""Programs whose last number is a score: what saliency maps, attacks and maximisation are computed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convviz.core.arrays import MAPS, Role
from convviz.core.backward import derive_backward
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import IMAGES
from convviz.core.ops.activation import ReluGrad
from convviz.core.ops.guided import GuidedReluGrad
from convviz.core.ops.pick import Pick, Place
from convviz.core.program import Builder, Phase, Program

SCORE = "score.s"
"""The array with each image's number, ``(N,)``."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is explained.

    Parameters
    ----------
    cell : tuple of int
        A class, ``(k,)``, or with ``layer`` a cell of that layer's output: channel, row, column.
    minus : tuple of int
        Another cell, whose number is subtracted; empty subtracts none.
    layer : str
        Name of a layer; empty takes the scores.
    """

    cell: Place
    minus: Place = ()
    layer: str = ""

    @classmethod
    def of_class(cls, label: int, against: int | None = None) -> Target:
        """The score of a class, or its difference from that of another."""
        return cls((int(label),), () if against is None else (int(against),))


def lower_score(
    design: Design, batch: int, target: Target, *, also: Sequence[str] = (), guided: bool = False, backward: bool = True
) -> Program:
    """Lower a design, as in evaluation, to the program that computes a score and its gradient.

    Parameters
    ----------
    design : Design
    batch : int
        Images in the pass, N.
    target : Target
    also : sequence of str
        Arrays, beside the images, whose gradients are wanted: parameters, layers' maps.
    guided : bool
        ReLUs let back only positive gradients: guided backpropagation.
    backward : bool
        Whether gradients are wanted at all.

    Returns
    -------
    Program
        Sources: ``x (N, C, H, W)`` and the parameters. ``score.s (N,)`` has the scores; ``gradients`` names the
        gradient of each image's score with respect to its pixels, as that of ``x``.

    Raises
    ------
    DesignError
        The net is impossible, or it has no such layer or cell.
    """
    design = design.named()
    image = design.input
    build = Builder(batch, train=False)
    x = build.source(IMAGES, (batch, image.channels, image.height, image.width), Role.INPUT, MAPS)
    made = lower_forward(build, design, x, upto=target.layer)
    with build.at(Phase.LOSS, "score"):
        score = build.emit(Pick(target.cell, target.minus), (made,), SCORE)
    if backward:
        derive_backward(build, score, (), (IMAGES, *also))
    program = build.build()
    if not guided:
        return program
    steps = (replace(one, op=GuidedReluGrad()) if isinstance(one.op, ReluGrad) else one for one in program.steps)
    return replace(program, steps=tuple(steps))


def lower_forward(build: Builder, design: Design, x: str, upto: str = "") -> str:
    """Emit the forward steps up to a layer; returns the name of its output.

    Raises
    ------
    DesignError
        There is no such layer.
    """
    names = [layer.name for layer in design.layers]
    if upto and upto not in names:
        raise DesignError(f"{design.name}: expected one of its layers {', '.join(names)}, got {upto}")
    for layer in design.layers:
        with build.at(Phase.FORWARD, layer.name):
            x = layer.lower(build, x)
        if layer.name == upto:
            return x
    if not upto:
        build.name_classes(x)
    return x
