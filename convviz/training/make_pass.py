"""Makes a pass from a design, its weights and some images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.dropout import masks_for
from convviz.core.errors import ConvvizError, DesignError
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network, lowered
from convviz.core.optim import LEARNING_RATE, PASS_NUMBER
from convviz.core.program import Program
from convviz.core.score import Target, lower_score
from convviz.core.sharded import ShardedSteps
from convviz.training.room import check_room_to_step
from convviz.training.stepping import Pass


def make_pass(
    design: Design,
    parameters: Mapping[str, Array],
    images: Array,
    labels: Array,
    *,
    step: int = 0,
    precision: npt.DTypeLike = np.float32,
    class_names: Sequence[str] = (),
    train: bool = True,
) -> Pass:
    """A pass over ``images``, ready to be stepped.

    Parameters
    ----------
    design : Design
    parameters : mapping of str to ndarray
        Weights, and further known arrays of the network (optimiser state, running statistics, learning rate); missing
        ones have their initial values.
    images : ndarray, ``(N, C, H, W)``
    labels : ndarray, ``(N,)``
        Classes.
    step : int
        Number of the pass in the run, from 0: decides the dropout masks.
    precision : dtype
    class_names : sequence of str
        Names of the classes; their numbers unless given.
    train : bool
        True: behave as in training, and update the weights. False: behave as in testing (no dropout, running statistics
        in batch normalisation), with a backward phase only for the gradient of the images.

    Raises
    ------
    DesignError
        The images do not fit the design, or a label is not one of its classes.
    """
    design = design.named()
    images = np.asarray(images)
    wanted = (design.input.channels, design.input.height, design.input.width)
    if images.ndim != 4 or images.shape[1:] != wanted or not len(images):
        raise DesignError(f"{design.name}: expected images of {wanted}, got an array of shape {images.shape}")
    labels = np.asarray(labels).reshape(-1).astype(np.int64)
    if len(labels) != len(images) or labels.min() < 0 or labels.max() >= design.classes:
        raise DesignError(f"{design.name}: expected one class of 0 to {design.classes - 1} for each image")
    count = len(images)
    program = lowered(design, count, train=train, image_gradient=True)
    check_room_to_step(design, program, np.dtype(precision).itemsize)
    sources: dict[str, Array] = {IMAGES: images, LABELS: labels}
    sources |= masks_for(program, design.training.seed, step, precision=precision)
    started: Network | None = None
    for name in program.sources:
        if name in sources:
            continue
        if name == PASS_NUMBER:
            known = float(np.asarray(parameters.get(name, 0.0)))
            sources[name] = np.asarray(known if known >= 1.0 else step + 1.0)
        elif name in parameters:
            sources[name] = np.asarray(parameters[name])
        elif name == LEARNING_RATE:
            sources[name] = np.asarray(design.training.optimiser.lr)
        else:
            started = started or Network(design, precision=precision)
            sources[name] = started.arrays[name]
    steps = steps_of(design, count, precision, train=train)
    return Pass(program, sources, precision, class_names, parts=steps.parts)


def make_score_pass(
    design: Design,
    parameters: Mapping[str, Array],
    images: Array,
    target: Target,
    *,
    guided: bool = False,
    precision: npt.DTypeLike = np.float32,
    class_names: Sequence[str] = (),
) -> Pass:
    """A pass whose last number is a score, and whose backward phase is its gradient: what saliency maps are made of.

    Parameters
    ----------
    design : Design
    parameters : mapping of str to ndarray
        Weights and running statistics.
    images : ndarray, ``(N, C, H, W)``
    target : Target
        The score.
    guided : bool
        Whether ReLUs let back only positive gradients.
    precision : dtype
    class_names : sequence of str

    Raises
    ------
    DesignError
        The design has no such class or layer.
    """
    design = design.named()
    program = lower_score(design, len(images), target, guided=guided)
    check_room_to_step(design, program, np.dtype(precision).itemsize)
    sources = {name: np.asarray(images if name == IMAGES else parameters[name]) for name in program.sources}
    return Pass(program, sources, precision, class_names)


def step_like(program: Program, step: int, other: Program) -> int:
    """The step of another program of the same design with the same output as a given step, or the nearest one.

    A pass as in testing has no update, and no step for what only training does.
    """
    names = {one.output: one.index for one in other.steps}
    return next((names[one.output] for one in reversed(program.steps[: step + 1]) if one.output in names), 0)


def steps_of(design: Design, count: int, precision: npt.DTypeLike, *, train: bool = True) -> ShardedSteps:
    """Runs the steps of a pass over ``count`` images, with the images' gradient, in training's order of summation."""
    return ShardedSteps(
        lowered(design, count, train=train, image_gradient=True),
        lowered(design, count, train=train),
        lambda part: lowered(design, part, divisor=count, train=train, image_gradient=True),
        precision,
    )


def lower_ahead(design: Design, counts: Sequence[int]) -> None:
    """Lower the programs of passes over ``counts`` images ahead of time; they are cached.

    A network that is too large to be stepped is left alone: making the pass reports that.
    """
    for count in counts:
        try:
            steps_of(design.named(), count, np.float32)
        except ConvvizError:
            return
