"""Programs that end in a score instead of a loss; saliency maps, attacks and maximisation are computed with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_fields

from convviz.core.backward import derive_backward
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.ops.activation import ReluGrad
from convviz.core.ops.guided import GuidedReluGrad
from convviz.core.ops.margin_loss import ImageLoss
from convviz.core.ops.pick import Pick, Place
from convviz.core.program import Builder, Phase, Program
from convviz.core.wiring import IMAGES, image_source, lower_layers, part_for

SCORE = "score.s"
"""Name of the array with each image's score, ``(N,)``."""


@dataclass(frozen=True, slots=True)
class Target:
    """The number that is explained: a score, or a cell of a layer's output.

    Parameters
    ----------
    cell : tuple of int
        A class, ``(k,)``, or with ``layer`` a cell of that layer's output: channel, row, column.
    minus : tuple of int
        Another cell, whose value is subtracted; empty subtracts nothing.
    layer : str
        Name of the layer that has the cells; empty for the scores.
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
        Guided backpropagation: ReLUs pass only positive gradients back.
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
        The network is impossible, or it has no such layer or cell.
    """
    design = design.named()
    build = Builder(batch, train=False)
    x = image_source(build, design)
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


def explained_class(program: Program) -> int | None:
    """The class whose score a program computes; None if it ends in a loss, or in a cell of a layer's maps."""
    pick = next((step.op for step in program.steps if isinstance(step.op, Pick)), None)
    return pick.cell[0] if pick is not None and len(pick.cell) == 1 else None


def is_of_scores(program: Program) -> bool:
    """Whether the loss is computed from the scores directly, so that their softmax is only shown."""
    return any(isinstance(step.op, ImageLoss) for step in program.steps)


def lower_forward(build: Builder, design: Design, x: str, upto: str = "") -> str:
    """Emit the forward steps of layer ``upto`` (the last one if empty) and all it reads; returns its output's name.

    Raises
    ------
    DesignError
        There is no such layer.
    """
    names = [layer.name for layer in design.layers]
    if upto and upto not in names:
        raise DesignError(f"{design.name}: expected one of its layers {', '.join(names)}, got {upto}")
    if upto:
        design = replace_fields(design, layers=part_for(design.layers, names.index(upto)))
    for wired in lower_layers(build, design, x):
        x = wired.output
    if not upto:
        build.name_classes(x)
    return x
