"""What the steps of the loss do with one cell, with and without label smoothing."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.loss import CrossEntropy, MeanLoss, MeanLossGrad, Softmax, SoftmaxGrad
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.sentences.numbers import Texts, gathered, made
from convviz.present.step.values import Values


def _softmax(values: Values, step: Step, index: Index) -> str:
    row = values.array(step.inputs[0])[index[0]]
    best = int(np.argmax(row))
    most, here = values.value(step.output, (index[0], best)), values.value(step.output, index)
    rest = "the most" if index[1] == best else f"class {best} the most, {most:.1%}"
    return (
        f"m is the largest score, {format_value(float(row.max()))} of class {best}; taking it away keeps e<sup>z</sup> "
        f"from overflowing and changes nothing else. Class {index[1]} gets {here:.1%}, {rest}. The "
        f"{len(row)} probabilities sum to 1."
    )


def _cross_entropy(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, CrossEntropy)
    true, smoothing = int(values.array(step.inputs[1])[index[0]]), op.smoothing
    scores = np.asarray(values.array(step.inputs[0])[index[0]], dtype=np.float64)
    p = values.value(op.probabilities, (index[0], true))
    classes = len(scores)
    said = f"The true class is {true}; the network gave it {p:.1%}."
    blind = f"Guessing blindly would cost {format_value(float(np.log(classes)))}."
    if not smoothing:
        return (
            f"{said} −log({format_value(p)}) = {made(values, step, index)}. {blind} It is computed from the scores, "
            "since log of a p rounded to 0 would be −∞."
        )
    surprises = scores.max() + np.log(np.exp(scores - scores.max()).sum()) - scores
    return (
        f"{said} Label smoothing mixes two surprises: {1 - smoothing:g} of that at the true class, "
        f"{format_value(float(surprises[true]))}, and {smoothing:g} of the mean over all {classes} classes, "
        f"{format_value(float(surprises.mean()))}: together {made(values, step, index)}. So being ever surer stops "
        f"paying. {blind}"
    )


def _mean(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, MeanLoss)
    numbers = gathered(values, step, index)
    what = (
        f"{format_value(float(numbers.sum()))} / {op.divisor} = {made(values, step, index)}, the mean over "
        f"{op.divisor} images"
        if op.divisor > 1
        else "the mean over one image"
    )
    return f"The loss of the pass: {what}. This is the number that training makes smaller."


def _mean_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, MeanLossGrad)
    if op.divisor == 1:
        return "The backward pass begins: with one image its loss is the loss of the pass, so it counts with 1."
    return (
        f"The backward pass begins: the loss is 1/{op.divisor} of the sum of all images' losses, so image {index[0]} "
        f"counts with 1/{op.divisor} = {made(values, step, index)}."
    )


def _softmax_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, SoftmaxGrad)
    n, k = index
    true = int(values.array(step.inputs[1])[n])
    p, share = values.value(step.inputs[0], (n, k)), values.value(step.inputs[2], (n,))
    spread = op.smoothing / step.shape[1]
    wanted = 1.0 - op.smoothing + spread if k == true else spread
    who = f"{k} is the true class" if k == true else f"Class {k} is wrong here"
    smoothed = (
        f" With label smoothing {op.smoothing:g} the true class is wanted at "
        f"{format_value(1.0 - op.smoothing + spread)} and each other one at {format_value(spread)}."
        if op.smoothing
        else ""
    )
    target = format_value(wanted) if op.smoothing else f"{wanted:g}"
    counted = f", which counts with {format_value(share)} as one of {values.program.batch} images" if share != 1 else ""
    error = values.value(step.output, index)
    way = (
        " A negative gradient pushes its score up."
        if error < 0
        else " A positive gradient pushes its score down."
        if error > 0
        else ""
    )
    return (
        f"{who}: said {format_value(p)}, wanted {target}, so the error is {format_value(p)} − {target} = "
        f"{format_value(p - wanted)}{counted}.{way}{smoothed}"
    )


LOSS: Texts = (
    (Softmax, _softmax),
    (CrossEntropy, _cross_entropy),
    (MeanLoss, _mean),
    (MeanLossGrad, _mean_grad),
    (SoftmaxGrad, _softmax_grad),
)
