"""The loss and its gradient, with and without label smoothing."""

from __future__ import annotations

from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.ops.loss import CrossEntropy, MeanLoss, MeanLossGrad, Softmax, SoftmaxGrad
from convviz.core.ops.pick import Pick, PickGrad
from convviz.core.program import Program, Step
from convviz.core.score import is_of_scores
from convviz.present.adding_up import adding_up
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side, stacked
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.step.values import Values
from convviz.present.words import counted


def _name(cell: OutputCell[Any], label: int) -> str:
    """Name of a class, as HTML."""
    return escape(cell.values.class_name(label))


def _what(program: Program) -> str:
    """How the sentence about softmax ends."""
    if is_of_scores(program):
        return (
            "shares sum to 1. They only show which class is ahead: the loss is of the scores, no gradient passes here."
        )
    return "probabilities sum to 1."


def _softmax_title(program: Program, _step: Step) -> str:
    if not is_of_scores(program):
        return ""
    return "Scores as shares that sum to 1, only to be shown: this loss is of the scores"


def _softmax(cell: OutputCell[Any]) -> str:
    index = cell.index
    row = cell.values.array(cell.step.inputs[0])[index[0]]
    best = int(np.argmax(row))
    most, here = cell.values.value(cell.step.output, (index[0], best)), cell.value
    others = int((row == row[best]).sum()) - 1
    also = f" and of {counted(others, 'other')}" if others else ""
    rest = f"class {_name(cell, best)}{' the first that gets' if others else ''} the most, {most:.1%}"
    if row[index[1]] == row[best]:
        rest = "the most" if not others else f"as {'all others do' if others == len(row) - 1 else 'much as any'}"
    largest = f"m is the largest score, {format_value(float(row.max()))} of class {_name(cell, best)}{also}"
    return (
        f"{largest}; subtracting it keeps e<sup>z</sup> "
        f"from overflowing and changes nothing else. Class {_name(cell, index[1])} gets {here:.1%}, {rest}. The "
        f"{len(row)} {_what(cell.program)}"
    )


def _cross_entropy(cell: OutputCell[CrossEntropy]) -> str:
    op = cell.op
    index = cell.index
    true, smoothing = int(cell.values.array(cell.step.inputs[1])[index[0]]), op.smoothing
    scores = np.asarray(cell.values.array(cell.step.inputs[0])[index[0]], dtype=np.float64)
    p = cell.values.value(op.probabilities, (index[0], true))
    classes = len(scores)
    said = f"The true class is {_name(cell, true)}; the network gave it {p:.1%}."
    blind = f"Guessing blindly would cost {format_value(float(np.log(classes)))}."
    if not smoothing:
        return (
            f"{said} −log({format_value(p)}) = {cell.made}. {blind} It is computed from the scores, "
            "since log of a p rounded to 0 would be −∞."
        )
    surprises = scores.max() + np.log(np.exp(scores - scores.max()).sum()) - scores
    return (
        f"{said} Label smoothing mixes two surprises: {1 - smoothing:g} of that at the true class, "
        f"{format_value(float(surprises[true]))}, and {smoothing:g} of the mean over all {classes} classes, "
        f"{format_value(float(surprises.mean()))}: together {cell.made}. So ever greater certainty stops "
        f"paying. {blind}"
    )


def _mean(cell: OutputCell[MeanLoss]) -> str:
    op = cell.op
    numbers = cell.gathered()
    what = (
        f"{format_value(float(numbers.sum()))} / {op.divisor} = {cell.made}, the mean over {op.divisor} images"
        if op.divisor > 1
        else "the mean over one image"
    )
    return f"The loss of the pass: {what}. This is the number that training makes smaller."


def _mean_grad(cell: OutputCell[MeanLossGrad]) -> str:
    op = cell.op
    index = cell.index
    if op.divisor == 1:
        return "The backward pass begins: with one image its loss is the loss of the pass, so it counts with 1."
    return (
        f"The backward pass begins: the loss is 1/{op.divisor} of the sum of all images' losses, so image {index[0]} "
        f"counts with 1/{op.divisor} = {cell.made}."
    )


def _softmax_grad(cell: OutputCell[SoftmaxGrad]) -> str:
    op = cell.op
    n, k = cell.index
    true = int(cell.values.array(cell.step.inputs[1])[n])
    p, share = cell.values.value(cell.step.inputs[0], (n, k)), cell.values.value(cell.step.inputs[2], (n,))
    spread = op.smoothing / cell.shape[1]
    wanted = 1.0 - op.smoothing + spread if k == true else spread
    name = _name(cell, k)
    who = f"{name} is the true class" if k == true else f"Class {name} is wrong here"
    smoothed = (
        f" With label smoothing {op.smoothing:g} the true class is wanted at "
        f"{format_value(1.0 - op.smoothing + spread)} and each other one at {format_value(spread)}."
        if op.smoothing
        else ""
    )
    written = adding_up((p, -wanted), p - wanted)
    target = format_value(wanted, written.digits) if op.smoothing else f"{wanted:g}"
    weighed = f", which counts with {format_value(share)} as one of {cell.program.batch} images" if share != 1 else ""
    error = cell.value
    way = (
        " A negative gradient pushes its score up."
        if error < 0
        else " A positive gradient pushes its score down."
        if error > 0
        else ""
    )
    return (
        f"{who}: said {written.terms[0]}, wanted {target}, so the error is {written.terms[0]} − {target} "
        f"{written.sign} {written.total}{weighed}.{way}{smoothed}"
    )


def _place(values: Values, cell: tuple[int, ...]) -> str:
    """What is picked: a class's score, or a cell of maps."""
    if len(cell) == 1:
        return f"the score of class {escape(values.class_name(cell[0]))}"
    return f"the cell [{', '.join(map(str, cell))}]"


def _pick(cell: OutputCell[Pick]) -> str:
    op, values = cell.op, cell.values
    if not op.minus:
        return f"The number to be explained is {_place(values, op.cell)}, {cell.made}."
    plus, minus = (float(one) for one in cell.gathered())
    return (
        f"The number to be explained is {_place(values, op.cell)} minus {_place(values, op.minus)}: "
        f"{cell.less(plus, minus)}."
    )


def _pick_grad(cell: OutputCell[PickGrad]) -> str:
    what = cell.op.value(cell.index)
    if what > 0:
        return "The backward pass begins here: this is the number to be explained, and its own gradient is 1."
    if what < 0:
        return "This number was subtracted, so its gradient is −1."
    return "This number has no part in the one to be explained, so its gradient is 0."


def _pick_formula(_program: Program, step: Step) -> str:
    return r"s_n = z_{n, k} - z_{n, j}" if step.op.attributes["minus"] else ""


def _pick_grad_formula(_program: Program, step: Step) -> str:
    return r"dz_{n, k} = 1, \; dz_{n, j} = -1" if step.op.attributes["minus"] else ""


def _cross_entropy_formula(_program: Program, step: Step) -> str:
    if not step.op.attributes["smoothing"]:
        return ""
    return r"\ell_n = -(1 - \varepsilon) \log p_{n,\, y_n} - \frac{\varepsilon}{K} \sum_k \log p_{n, k}"


def _softmax_grad_formula(_program: Program, step: Step) -> str:
    if not step.op.attributes["smoothing"]:
        return ""
    return r"dz_{n,k} = \left(p_{n,k} - (1 - \varepsilon) \, [k = y_n] - \frac{\varepsilon}{K}\right) \cdot d\ell_n"


LOSS: Presentations = MappingProxyType(
    {
        Softmax: Presentation(stacked, _softmax, title=_softmax_title),
        CrossEntropy: Presentation(stacked, _cross_entropy, formula=_cross_entropy_formula),
        Pick: Presentation(stacked, _pick, formula=_pick_formula),
        PickGrad: Presentation(side_by_side, _pick_grad, formula=_pick_grad_formula),
        MeanLoss: Presentation(stacked, _mean),
        MeanLossGrad: Presentation(side_by_side, _mean_grad),
        SoftmaxGrad: Presentation(stacked, _softmax_grad, formula=_softmax_grad_formula),
    }
)
