"""What the steps of a dense layer, and steps that only read numbers in another shape, do with one cell."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.arithmetic import Add
from convviz.core.ops.dense import (
    AddUnitBias,
    DenseInputGradient,
    DenseProduct,
    DenseWeightGradient,
    SumImages,
)
from convviz.core.ops.reshape import Flatten, Reshape
from convviz.core.program import Step
from convviz.present.step.listing import label
from convviz.present.step.sentences.numbers import Texts, after, apart, gathered, plural, read
from convviz.present.step.values import Values


def _flatten(values: Values, step: Step, index: Index) -> str:
    _, c, h, w = values.program.arrays[step.inputs[0]].shape
    channel, rest = divmod(index[1], h * w)
    y, x = divmod(rest, w)
    return (
        f"Feature {index[1]:,} is cell ({y}, {x}) of map {channel}: {channel}·{h * w} + {y}·{w} + {x}. {c} "
        f"map{plural(c)} of {h}×{w} make{'s' if c == 1 else ''} {step.shape[1]:,} features. Nothing is computed."
    )


def _reshape(values: Values, step: Step, index: Index) -> str:
    shape = values.program.arrays[step.inputs[0]].shape
    given, now = ("×".join(f"{n:,}" for n in one) for one in (shape, step.shape))
    cells = step.op.reads((shape,), step.shape, index)[0]
    source = label(step.inputs[0], tuple(int(i) for i in cells[0]))
    return f"The same numbers, {given} read as {now}: {source} is {label(step.output, index)} now. Nothing is computed."


def _product(values: Values, step: Step, index: Index) -> str:
    x = gathered(values, step, index)
    zeros = int((x == 0).sum())
    silent = f" {zeros:,} of the features are zero here and add nothing." if zeros else ""
    return (
        f"Unit {index[1]} has one weight for each of the {len(x):,} features. The sum of all {len(x):,} products is "
        f"its score.{silent}"
    )


def _bias(values: Values, step: Step, index: Index) -> str:
    product, bias = read(values, step, index)
    before, end = apart(values, step, index, product)
    return f"Unit {index[1]} adds its bias, whatever the image: {before} + {after(bias)} = {end}."


def _sum_images(values: Values, step: Step, index: Index) -> str:
    n = values.program.arrays[step.inputs[0]].shape[0]
    images = "the one image" if n == 1 else f"all {n} images"
    return f"The bias of unit {index[0]} was added for every image, so its gradient is the sum over {images}."


def _weight_gradient(values: Values, step: Step, index: Index) -> str:
    i, o = index
    x = gathered(values, step, index)
    sums = "" if len(x) == 1 else f", summed over {len(x)} images"
    zero = ""
    if not np.any(x):
        everywhere = "The feature is 0" if len(x) == 1 else "The feature is 0 in every image"
        zero = f" {everywhere}, so this weight had no part in the result and gets no gradient."
    return f"The gradient of weight ({i:,}, {o}): its feature {i:,} times the error of its unit {o}{sums}.{zero}"


def _input_gradient(values: Values, step: Step, index: Index) -> str:
    units = values.program.arrays[step.inputs[0]].shape[1]
    return (
        f"Feature {index[1]:,} reached all {units} units, each through its own weight. Going back, each unit's error "
        "comes along the same weight, and they add up."
    )


def _add(values: Values, step: Step, index: Index) -> str:
    a, b = read(values, step, index)
    first, end = apart(values, step, index, a)
    return f"The number reached the loss on two ways, and each brought back a gradient: {first} + {after(b)} = {end}."


DENSE: Texts = (
    (Flatten, _flatten),
    (Reshape, _reshape),
    (DenseProduct, _product),
    (AddUnitBias, _bias),
    (SumImages, _sum_images),
    (DenseWeightGradient, _weight_gradient),
    (DenseInputGradient, _input_gradient),
    (Add, _add),
)
