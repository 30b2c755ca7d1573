"""The steps of a dense layer."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.ops.dense import (
    AddUnitBias,
    DenseInputGradient,
    DenseProduct,
    DenseWeightGradient,
    SumImages,
)
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.arrangements import stacked
from convviz.present.step.families.products import bias_formula, product_formula
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import Stage
from convviz.present.words import all_of


def _product(cell: OutputCell[Any]) -> str:
    index = cell.index
    x = cell.gathered()
    zeros = int((x == 0).sum())
    adds = "is 0 here and adds" if zeros == 1 else "are 0 here and add"
    silent = f" Of the features, {zeros:,} {adds} nothing." if zeros else ""
    return (
        f"Unit {index[1]} has a weight for every feature. Its number is the sum of {all_of(len(x), 'product')} of a "
        f"feature and its weight.{silent}"
    )


def _bias(cell: OutputCell[Any]) -> str:
    return f"Unit {cell.index[1]} adds its bias, whatever the image: {cell.added(*cell.read())}."


def _sum_images(cell: OutputCell[Any]) -> str:
    images = all_of(cell.given(0).shape[0], "image")
    return f"The bias of unit {cell.index[0]} was added for every image, so its gradient is the sum over {images}."


def _weight_gradient(cell: OutputCell[Any]) -> str:
    i, o = cell.index
    x = cell.gathered()
    sums = "" if len(x) == 1 else f", summed over {len(x)} images"
    zero = ""
    if not np.any(x):
        everywhere = "The feature is 0" if len(x) == 1 else "The feature is 0 in every image"
        zero = f" {everywhere}, so this weight had no part in the result and gets no gradient."
    return f"The gradient of weight ({i:,}, {o}): its feature {i:,} times the error of its unit {o}{sums}.{zero}"


def _input_gradient(cell: OutputCell[Any]) -> str:
    index = cell.index
    units = cell.given(0).shape[1]
    return (
        f"Feature {index[1]:,} reached {all_of(units, 'unit')}, each through its own weight. Going back, each unit's "
        f"error comes along the same weight{', and they add up' if units > 1 else ''}."
    )


def _arrange_product(stage: Stage) -> Arrangement:
    """Features, the weights that multiply them, and the scores."""
    x, weight = stage.step.inputs
    return Arrangement(
        ((stage.row(x), stage.unit_weights(weight)), (stage.row(stage.step.output, wide=True),)),
        (1.0, 0.3),
    )


def _arrange_weight_gradient(stage: Stage) -> Arrangement:
    """A feature times an error, for every image."""
    x, d_z = stage.step.inputs
    many = stage.spec(d_z).shape[0] > 1
    first = (
        stage.row(x),
        stage.unit_weights(stage.step.output, caption=f"gradient of the weights of unit {stage.focus[1]}"),
    )
    return Arrangement(
        (first, (stage.table(d_z, free=True) if many else stage.row(d_z, wide=True),)), (1.0, 0.6 if many else 0.3)
    )


def _arrange_input_gradient(stage: Stage) -> Arrangement:
    """Errors, the weights that they come back through, and the resulting gradients."""
    d_z, weight = stage.step.inputs
    return Arrangement(
        (
            (stage.row(d_z, wide=True),),
            (stage.feature_weights(weight, stage.focus[1]),),
            (stage.row(stage.step.output), stage.unit_weights(weight)),
        ),
        (0.3, 0.3, 1.0),
    )


def _arrange_sum_images(stage: Stage) -> Arrangement:
    """Errors of all images, and their sum."""
    d_z = stage.step.inputs[0]
    many = stage.spec(d_z).shape[0] > 1
    rows = ((stage.table(d_z, free=True) if many else stage.row(d_z),), (stage.row(stage.step.output),))
    return Arrangement(rows, (1.0, 0.4) if many else (1.0, 1.0))


DENSE: Presentations = MappingProxyType(
    {
        DenseProduct: Presentation(_arrange_product, _product, formula=product_formula(r"X \cdot W")),
        AddUnitBias: Presentation(stacked, _bias, formula=bias_formula("n, o", "o")),
        SumImages: Presentation(_arrange_sum_images, _sum_images),
        DenseWeightGradient: Presentation(_arrange_weight_gradient, _weight_gradient),
        DenseInputGradient: Presentation(_arrange_input_gradient, _input_gradient),
    }
)
