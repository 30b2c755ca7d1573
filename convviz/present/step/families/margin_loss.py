"""Hinge loss, squared error, and losses whose mean weights images by their class."""

from __future__ import annotations

from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.ops.image_weight import ImageWeight, WeightedMean, WeightedMeanGrad, WeightTotal
from convviz.core.ops.margin_loss import Hinge, HingeGrad, SquaredError, SquaredErrorGrad, targets_of
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side, stacked
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, constant, difference_of
from convviz.present.words import counted

WAYS = {-1: " A negative gradient pushes its score up.", 1: " A positive gradient pushes its score down.", 0: ""}


def _name(cell: OutputCell[Any], label: int) -> str:
    """Name of a class, as HTML."""
    return escape(cell.values.class_name(label))


def _scores(cell: OutputCell[Any]) -> tuple[np.ndarray[Any, Any], int]:
    """All scores of the cell's image, and its label."""
    n = cell.index[0]
    scores = np.asarray(cell.values.array(cell.step.inputs[0])[n], dtype=np.float64)
    return scores, int(cell.values.array(cell.step.inputs[1])[n])


def _hinge(cell: OutputCell[Hinge]) -> str:
    scores, label = _scores(cell)
    close = [k for k in range(len(scores)) if k != label and scores[k] - scores[label] + 1 > 0]
    true = f"The true class {_name(cell, label)} has the score {format_value(float(scores[label]))}."
    if not close:
        return f"{true} Every other score is at least 1 below it, so the image costs nothing: {cell.made}."
    worst = max(close, key=lambda k: float(scores[k]))
    return (
        f"{true} {counted(len(close), 'wrong class', 'wrong classes')} came within 1 of it or above it, most of all "
        f"{_name(cell, worst)} with {format_value(float(scores[worst]))}. How far each falls short of a distance of 1, "
        f"summed, is {cell.made}."
    )


def _hinge_grad(cell: OutputCell[HingeGrad]) -> str:
    scores, label = _scores(cell)
    k, value = cell.index[1], cell.value
    share = cell.values.value(cell.step.inputs[2], cell.index[:1])
    way = WAYS[int(np.sign(value))]
    if k == label:
        close = sum(1 for j in range(len(scores)) if j != label and scores[j] - scores[label] + 1 > 0)
        if not close:
            return (
                f"{_name(cell, k)} is the true class, and no wrong class came too close: its gradient is {cell.made}."
            )
        each = "the one wrong class" if close == 1 else f"each of {close:,} wrong classes"
        return (
            f"{_name(cell, k)} is the true class: it is pushed up once for {each} that came too close, and the image "
            f"counts with {format_value(share)}: {cell.made}.{way}"
        )
    lead = float(scores[k] - scores[label])
    apart = difference_of(float(scores[k]), float(scores[label]), lead)
    if lead + 1 > 0:
        return (
            f"Class {_name(cell, k)} is wrong, and its score is less than 1 below that of the true class: "
            f"{apart}. It is pushed down as much as the image counts, {cell.made}.{way}"
        )
    return (
        f"Class {_name(cell, k)} is wrong, and its score is far enough below that of the true class: "
        f"{apart}. It is left as it is."
    )


def _squared_error(cell: OutputCell[SquaredError]) -> str:
    scores, label = _scores(cell)
    target = 1 - cell.op.smoothing + cell.op.smoothing / len(scores)
    smoothed = f" Label smoothing {constant(cell.op.smoothing)} takes a part of the 1." if cell.op.smoothing else ""
    return (
        f"The true class {_name(cell, label)} has the score {format_value(float(scores[label]))} and should have "
        f"{format_value(target)}; the others should have {format_value(cell.op.smoothing / len(scores))}. The mean "
        f"square of what is missing, over {counted(len(scores), 'score')}, is {cell.made}.{smoothed}"
    )


def _squared_error_grad(cell: OutputCell[SquaredErrorGrad]) -> str:
    scores, _ = _scores(cell)
    n, k = cell.index
    arrays = [cell.values.array(name) for name in cell.step.inputs]
    target = targets_of(arrays, n, cell.op.smoothing)[k]
    share, score = cell.values.value(cell.step.inputs[2], (n,)), float(scores[k])
    return (
        f"Class {_name(cell, k)} has the score {format_value(score)} and should have {format_value(target)}. The slope "
        f"of the mean square is twice the difference over {counted(len(scores), 'score')}, and the image counts with "
        f"{format_value(share)}: 2 / {len(scores)} · ({format_value(score)} − {format_value(target)}) · "
        f"{format_value(share)} = {cell.made}.{WAYS[int(np.sign(cell.value))]}"
    )


def _image_weight(cell: OutputCell[ImageWeight]) -> str:
    (label,) = cell.read()
    name = _name(cell, int(label))
    if not cell.value:
        return f"Image {cell.index[0]} is of class {name}, which does not count: its weight is 0."
    return f"Image {cell.index[0]} is of class {name}, and counts with the weight of that class, {cell.made}."


def _weight_total(cell: OutputCell[WeightTotal]) -> str:
    numbers = cell.gathered()
    used = int(np.count_nonzero(numbers))
    rest = len(numbers) - used
    left = f" {counted(rest, 'image')} of the minibatch {'has' if rest == 1 else 'have'} no part in it." if rest else ""
    return f"The weights of {counted(used, 'image')} add up to {cell.made}.{left}"


def _weighted_mean(cell: OutputCell[WeightedMean]) -> str:
    total = cell.values.value(cell.step.inputs[2], ())
    if not total > 0:
        return "No image of this minibatch counts, so its loss is 0."
    products = float((cell.gathered(0) * cell.gathered(1)).sum())
    return (
        f"Every image's loss times its weight, summed and divided by the sum of the weights: "
        f"{format_value(products)} / {format_value(total)} = {cell.made}. That is what training makes smaller."
    )


def _weighted_mean_grad(cell: OutputCell[WeightedMeanGrad]) -> str:
    weight, total = cell.read()
    if not total > 0:
        return "The backward pass begins, but no image of this minibatch counts: 0."
    return (
        f"The backward pass begins: image {cell.index[0]} counts with its weight over the sum of all, "
        f"{format_value(weight)} / {format_value(total)} = {cell.made}."
    )


MARGIN_LOSS: Presentations = MappingProxyType(
    {
        Hinge: Presentation(stacked, _hinge),
        HingeGrad: Presentation(stacked, _hinge_grad),
        SquaredError: Presentation(stacked, _squared_error),
        SquaredErrorGrad: Presentation(stacked, _squared_error_grad),
        ImageWeight: Presentation(stacked, _image_weight),
        WeightTotal: Presentation(stacked, _weight_total),
        WeightedMean: Presentation(stacked, _weighted_mean),
        WeightedMeanGrad: Presentation(side_by_side, _weighted_mean_grad),
    }
)
