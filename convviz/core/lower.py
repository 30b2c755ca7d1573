"""Turns a design into the program of one pass."""

from __future__ import annotations

from convviz.core.arrays import Axis, Kind, Role, Shape
from convviz.core.backward import derive_backward
from convviz.core.design import Design
from convviz.core.errors import DesignError, ShapeError, UnfinishedError
from convviz.core.layers.dense import Dense
from convviz.core.ops.base import Op
from convviz.core.ops.image_weight import ImageWeight, WeightedMean, WeightTotal
from convviz.core.ops.loss import CrossEntropy, MeanLoss, Softmax
from convviz.core.ops.margin_loss import Hinge, SquaredError
from convviz.core.optim import lower_updates
from convviz.core.program import Builder, Phase, Program
from convviz.core.wiring import IMAGES, check_all_read, image_source, lower_layers

__all__ = ["IMAGES", "LABELS", "LOSS", "LOSSES", "PROBABILITIES", "lower"]

LABELS = "labels"
PROBABILITIES = "softmax.p"
LOSSES = "softmax.losses"
LOSS = "softmax.loss"


def lower(
    design: Design,
    batch: int,
    *,
    divisor: int | None = None,
    train: bool = True,
    image_gradient: bool = False,
) -> Program:
    """Lower a design for one batch size.

    Parameters
    ----------
    design : Design
    batch : int
        Images in the pass, N.
    divisor : int, optional
        Images in the whole minibatch, if this pass is only a part of it; N unless given.
    train : bool
        True: all phases, and layers behave as in training. False: only forward and loss, and layers behave as in
        evaluation (no dropout, running statistics in batch normalisation).
    image_gradient : bool
        Also derive the gradient of the images, which training does not need but stepping and saliency show. In
        evaluation, the backward phase contains nothing else.

    Returns
    -------
    Program
        Sources: ``x (N, C, H, W)``, ``labels (N,)``, the parameters, the optimiser's state and scalars; dropout masks.

    Raises
    ------
    DesignError
        The network is impossible; the message names the layer, what was expected and what was given.
    """
    design = design.named()
    check_layers(design)
    build = Builder(batch, divisor=divisor, train=train)
    x = image_source(build, design)
    labels = build.source(LABELS, (batch,), Role.LABEL, (Axis.SAMPLE,), kind=Kind.INT)
    for wired in lower_layers(build, design, x):
        x = wired.output
    check_ending(design, build.arrays[x].shape[1:])
    build.name_classes(x)
    with build.at(Phase.LOSS, "softmax"):
        p = build.emit(Softmax(), (x,), PROBABILITIES)
        losses = build.emit(image_loss(design, p), (x, labels), LOSSES)
        weights = design.training.image_weights(design.classes)
        if weights is None:
            loss = build.emit(MeanLoss(build.divisor), (losses,), LOSS)
        else:
            own = build.emit(ImageWeight(weights), (labels,), "weights")
            total = build.emit(WeightTotal(), (own,), "total")
            loss = build.emit(WeightedMean(), (losses, own, total), LOSS)
    if train or image_gradient:
        derive_backward(build, loss, tuple(build.parameters) if train else (), (IMAGES,) if image_gradient else ())
    if train:
        training = design.training
        lower_updates(build, training.optimiser, weight_decay=training.weight_decay, clip_norm=training.clip_norm)
    return build.build()


def check_ending(design: Design, scores: Shape) -> None:
    """Refuse a named design whose layers fit together, but which can't be trained.

    Parameters
    ----------
    design : Design
    scores : tuple of int
        Shape of the last layer's output, per image.

    Raises
    ------
    DesignError
        The last layer does not give one score per class, no layer reads one of the others, or the loss does not fit.
    """
    last = design.layers[-1].name
    if scores != (design.classes,):
        given = "×".join(str(n) for n in scores)
        # A last dense layer with the wrong number of units is a mistake; a missing one means that the network isn't
        # finished.
        kind = ShapeError if isinstance(design.layers[-1], Dense) else UnfinishedError
        raise kind(f"{last}: expected {design.classes} scores, one per class, got {given}", layer=last)
    check_all_read(design)
    check_loss(design)


def check_layers(design: Design) -> None:
    """Refuse a design without layers."""
    if not design.layers:
        raise DesignError(f"{design.name}: expected at least one layer, got none")


def image_loss(design: Design, probabilities: str) -> Op:
    """The op that computes the loss of every image."""
    training = design.training
    match training.loss:
        case "hinge":
            return Hinge()
        case "mse":
            return SquaredError(training.label_smoothing)
    return CrossEntropy(probabilities, training.label_smoothing)


def check_loss(design: Design) -> None:
    """Refuse settings of the loss that don't fit each other or the classes.

    Raises
    ------
    DesignError
    """
    training = design.training
    if training.loss == "hinge" and training.label_smoothing:
        raise DesignError(
            "label_smoothing: expected 0 with the hinge loss, which knows right and wrong only, got "
            f"{training.label_smoothing:g}",
            field="label_smoothing",
        )
    weights, ignored = training.class_weights, training.ignored_label
    if weights is not None and len(weights) != design.classes:
        raise DesignError(
            f"class_weights: expected a number for each of the {design.classes} classes, got {len(weights)}",
            field="class_weights",
        )
    if weights is not None and not any(weights):
        raise DesignError("class_weights: expected a number above 0, got zeros only", field="class_weights")
    if ignored is not None and ignored >= design.classes:
        raise DesignError(
            f"ignored_label: expected a class from 0 to {design.classes - 1}, got {ignored}",
            field="ignored_label",
        )
