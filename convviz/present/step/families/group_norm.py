"""Normalisation within each image, group by group or place by place; a scale and a shift for every cell."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Role
from convviz.core.ops.cell_affine import CellAffine, CellScaleGrad, CellSum, CellSumProduct
from convviz.core.ops.group_norm import (
    GroupCentre,
    GroupMean,
    GroupNormalise,
    GroupNormaliseGrad,
    GroupProduct,
    GroupVariance,
    PlaceCentre,
    PlaceMean,
    PlaceNormalise,
    PlaceNormaliseGrad,
    PlaceProduct,
    PlaceVariance,
)
from convviz.plurals import capital
from convviz.present.numbers import format_value
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.families.norm import wish
from convviz.present.step.presentation import Presentation, Presentations, of_gradients
from convviz.present.step.sentence import OutputCell, after, all_images, constant
from convviz.present.step.stage import Stage
from convviz.present.words import all_of, counted


def _pooled(stage: Stage) -> Arrangement:
    """For every input the chosen map and all maps; below them the output, one number a group."""
    step = stage.step
    names = tuple(dict.fromkeys(step.inputs))
    if not stage.spec(names[0]).is_maps or stage.spec(names[0]).shape[1] == 1:
        return side_by_side(stage)
    above = tuple(pane for name in names for pane in (stage.map(name), stage.maps(name)))
    return Arrangement((above, (stage.any(step.output, wide=True),)), (1.0, 0.3))


def _group(cell: OutputCell[Any]) -> str:
    """Name a cell's group: an image, one of its places or channels, or a range of its channels."""
    given = cell.given(0).shape
    if cell.op.unit == "place":
        return f"place ({cell.index[2]}, {cell.index[3]}) of image {cell.index[0]}"
    groups = cell.op.groups
    n, g = cell.index if len(cell.shape) == 2 and cell.shape != given else cell.op.group_of(cell.shape, cell.index)
    size = given[1] // groups
    if groups == 1:
        return f"image {n}"
    if size == 1:
        return f"channel {g} of image {n}"
    return f"channels {g * size} to {(g + 1) * size - 1} of image {n}"


def _have(cell: OutputCell[Any]) -> str:
    """The group at the start of a sentence, and its verb."""
    group = _group(cell)
    return f"{capital(group)} {'have' if group.startswith('channels') else 'has'}"


def _mean(cell: OutputCell[GroupMean | PlaceMean]) -> str:
    numbers = cell.gathered()
    sums = f"{format_value(float(numbers.sum()))} / {len(numbers):,} = {cell.made}"
    if cell.given(0).role is Role.GRADIENT:
        return (
            f"{_have(cell)} {counted(len(numbers), 'gradient')}; their mean is {sums}. A gradient that is the same "
            "everywhere would only move the group as a whole, and centring undoes every such move: this part is taken "
            "off next."
        )
    return (
        f"{_have(cell)} {counted(len(numbers), 'number')}; their sum over their count is their mean: {sums}. Other "
        f"{'places and ' if cell.op.unit == 'place' else ''}images have no part in it."
    )


def _centre(cell: OutputCell[GroupCentre | PlaceCentre]) -> str:
    return (
        f"The mean of {_group(cell)} is taken off: {cell.less(*cell.read())}. The numbers of the group add up to 0 now."
    )


def _variance(cell: OutputCell[GroupVariance | PlaceVariance]) -> str:
    v = cell.value
    return (
        f"The mean of the squares of {all_of(len(cell.gathered()), 'centred number')} of {_group(cell)} is "
        f"{format_value(v)}: the variance. Its root, {format_value(math.sqrt(max(v, 0.0)))}, is how far from 0 they "
        "usually are."
    )


def _normalise(cell: OutputCell[GroupNormalise | PlaceNormalise]) -> str:
    given, variance = cell.read()
    deviation = math.sqrt(variance + cell.op.epsilon)
    root = f"√({format_value(variance)} + {constant(cell.op.epsilon)}) = {format_value(deviation)}"
    side = "above" if given > 0 else "below"
    where = f": that many standard deviations {side} the mean of its group" if given else ""
    return (
        f"The standard deviation of {_group(cell)} is {root}. {format_value(given)} / {format_value(deviation)} = "
        f"{cell.made}{where}. The {constant(cell.op.epsilon)} keeps a group that is the same everywhere from a "
        "division by 0."
    )


def _product(cell: OutputCell[GroupProduct | PlaceProduct]) -> str:
    return (
        f"Every gradient of {_group(cell)} times its normalised number: the mean over "
        f"{all_of(len(cell.gathered()), 'product')} is {cell.made}. It says how much the gradient would only stretch "
        "the group. Dividing by the standard deviation undoes every stretch, so this part is taken off next."
    )


def _normalise_grad(cell: OutputCell[GroupNormaliseGrad | PlaceNormaliseGrad]) -> str:
    d_x_hat, x_hat, variance, mean, along = cell.read()
    epsilon = cell.op.epsilon
    deviation = math.sqrt(variance + epsilon)
    rest = d_x_hat - mean - x_hat * along
    return (
        f"Two parts of the gradient {format_value(d_x_hat)} are taken off: {format_value(mean)}, which would only move "
        f"{_group(cell)}, and {format_value(x_hat)} · {after(along)} = {format_value(x_hat * along)}, which would "
        f"only stretch the group. What is left is divided by the standard deviation √({format_value(variance)} + "
        f"{constant(epsilon)}) = {format_value(deviation)}: {format_value(rest)} / {format_value(deviation)} = "
        f"{cell.made}."
    )


def _affine(cell: OutputCell[CellAffine]) -> str:
    x_hat, scale, shift = cell.read()
    return (
        f"This cell has a scale γ = {format_value(scale)} and a shift β = {format_value(shift)}, the same for "
        f"every image: {format_value(scale)} · {after(x_hat)} + {after(shift)} = {cell.made}. A new layer begins "
        "with γ = 1 and β = 0, which change nothing."
    )


def _scale_grad(cell: OutputCell[CellScaleGrad]) -> str:
    d_z, scale = cell.read()
    return (
        f"On the way forward the number was multiplied by γ = {format_value(scale)} of this cell, and so is its "
        f"gradient: {format_value(scale)} · {after(d_z)} = {cell.made}."
    )


def _sum_images(cell: OutputCell[CellSum]) -> str:
    total = cell.value
    return (
        f"The shift β of this cell was added once an image, so its gradient is the sum of {_gradients(cell)} there, "
        f"{format_value(total)}.{wish(total, 'shift')}"
    )


def _sum_images_product(cell: OutputCell[CellSumProduct]) -> str:
    count, total = len(cell.gathered()), cell.value
    if cell.step.output.endswith(("slope", "slopes")):
        return (
            f"The slope of this unit multiplied what was below 0 among {counted(count, 'number')}{all_images(cell)}. "
            f"That part of each, times the gradient of its product, summed, is {format_value(total)}."
            f"{wish(total, 'slope')}"
        )
    what = "normalised number" if cell.step.inputs[1].endswith(".x_hat") else "number"
    return (
        f"The scale γ of this cell multiplied {counted(count, what)}{all_images(cell)}. Each of them "
        f"times the gradient of its product, summed, is {format_value(total)}.{wish(total, 'scale')}"
    )


def _gradients(cell: OutputCell[Any]) -> str:
    return all_of(len(cell.gathered()), "gradient")


GROUP_NORM: Presentations = MappingProxyType(
    {
        GroupMean: Presentation(
            _pooled,
            _mean,
            title=of_gradients("The mean gradient of every group: the part that would only move it"),
            formula=of_gradients(
                r"\overline{d\hat{X}}[n, g] = \frac{1}{M} \sum_{c \in g} \sum_{y, x} d\hat{X}[n, c, y, x]"
            ),
        ),
        GroupCentre: Presentation(side_by_side, _centre),
        GroupVariance: Presentation(_pooled, _variance),
        GroupNormalise: Presentation(side_by_side, _normalise),
        GroupProduct: Presentation(_pooled, _product),
        GroupNormaliseGrad: Presentation(side_by_side, _normalise_grad),
        PlaceMean: Presentation(
            side_by_side,
            _mean,
            title=of_gradients("The mean gradient of every place: the part that would only move it"),
            formula=of_gradients(r"\overline{d\hat{X}}[n, y, x] = \frac{1}{C} \sum_{c} d\hat{X}[n, c, y, x]"),
        ),
        PlaceCentre: Presentation(side_by_side, _centre),
        PlaceVariance: Presentation(side_by_side, _variance),
        PlaceNormalise: Presentation(side_by_side, _normalise),
        PlaceProduct: Presentation(side_by_side, _product),
        PlaceNormaliseGrad: Presentation(side_by_side, _normalise_grad),
        CellAffine: Presentation(side_by_side, _affine),
        CellScaleGrad: Presentation(side_by_side, _scale_grad),
        CellSum: Presentation(side_by_side, _sum_images),
        CellSumProduct: Presentation(side_by_side, _sum_images_product),
    }
)
