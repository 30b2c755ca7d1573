"""Sentences about one weight in the steps of the optimisers."""

from __future__ import annotations

import math
from typing import Any

from convviz.core.ops.update import (
    AdadeltaMove,
    AdamUpdate,
    AddDecay,
    AddSquare,
    ByRoot,
    Clip,
    LookAhead,
    RunningMean,
    RunningSquare,
    Shrink,
    Velocity,
    clip_factor,
)
from convviz.present.numbers import format_value
from convviz.present.step.families.update.direction import going_by
from convviz.present.step.sentence import OutputCell, after, constant, in_brackets
from convviz.present.step.values import short
from convviz.present.words import all_of


def velocity(cell: OutputCell[Velocity]) -> str:
    """The velocity of a weight."""
    op = cell.op
    v, gradient = cell.read()
    what = going_by(cell.program, cell.step.inputs[1])
    start = f" It was 0 so far, so it is the {what} alone." if v == 0 else ""
    most = 1 / (1 - op.momentum) if op.momentum < 1 else math.inf
    taken, end = cell.apart(gradient)
    return (
        f"The velocity keeps {op.momentum:g} of itself and takes on the {what}: {op.momentum:g} · {after(v)} + "
        f"{in_brackets(taken)} = {end}.{start} Gradients of the same sign build up, to {most:g} times "
        "the largest of them at most; those of changing signs cancel."
    )


def look_ahead(cell: OutputCell[LookAhead]) -> str:
    """Nesterov's gradient of a weight."""
    op = cell.op
    gradient, v = cell.read()
    taken, end = cell.apart(gradient)
    what = going_by(cell.program, cell.step.inputs[0])
    return (
        f"Nesterov looks ahead: to the {what} comes {op.momentum:g} of the new velocity, which is where the weight "
        f"would go next anyway. {taken} + {op.momentum:g} · {after(v)} = {end}."
    )


def running_mean(cell: OutputCell[RunningMean]) -> str:
    """The running mean of a gradient."""
    op = cell.op
    mean, gradient = cell.read()
    before, end = cell.apart(mean)
    return (
        f"Of the mean so far, {op.keep:g} is kept, and {1 - op.keep:.6g} of the "
        f"{going_by(cell.program, cell.step.inputs[1])} comes in: {op.keep:g} · {in_brackets(before)} + "
        f"{1 - op.keep:.6g} · {after(gradient)} = {end}. It began at 0 and is too small at first; adam_update makes "
        "up for that."
    )


def running_square(cell: OutputCell[RunningSquare]) -> str:
    """The running mean of squares."""
    op = cell.op
    square, value = cell.read()
    before, end = cell.apart(square)
    what = going_by(cell.program, cell.step.inputs[1])
    root = math.sqrt(max(cell.value, 0.0))
    usual = "how far this weight usually moves" if what == "move" else "how large this weight's gradient usually is"
    return (
        f"Of the mean square so far, {op.keep:g} is kept, and {1 - op.keep:.6g} of the new {what}'s square comes in: "
        f"{op.keep:g} · {before} + {1 - op.keep:.6g} · {after(value)}² = {end}. Its root, "
        f"{format_value(root)}, is {usual}."
    )


def add_square(cell: OutputCell[Any]) -> str:
    """The sum of squared gradients."""
    total, gradient = cell.read()
    sum_so_far, end = cell.apart(total)
    return (
        f"The square of the {going_by(cell.program, cell.step.inputs[1])} is added to all squares before: "
        f"{sum_so_far} + {after(gradient)}² = {end}. The sum only grows, so equal "
        "gradients move it less and less."
    )


def decay(cell: OutputCell[AddDecay]) -> str:
    """A gradient with weight decay."""
    op = cell.op
    gradient, weight = cell.read()
    taken, end = cell.apart(gradient)
    return (
        f"Weight decay adds {op.decay:g} of the weight to its {going_by(cell.program, cell.step.inputs[0])}: "
        f"{taken} + {op.decay:g} · {after(weight)} = {end}. A weight that the "
        "loss does not need goes to 0 that way."
    )


def by_root(cell: OutputCell[ByRoot]) -> str:
    """A gradient divided by its usual size."""
    op = cell.op
    gradient, square = cell.read()
    root = math.sqrt(square) + op.epsilon
    maker = cell.values.maker(cell.step.inputs[1])
    of = "the sum of its squares" if maker is not None and type(maker.op) is AddSquare else "its mean square"
    return (
        f"The {going_by(cell.program, cell.step.inputs[0])} is divided by the root of {of}, √{format_value(square)} + "
        f"{constant(op.epsilon)} = {format_value(root)}: {format_value(gradient)} / {format_value(root)} = "
        f"{cell.made}. So weights with small and with large gradients move about equally far."
    )


def adadelta(cell: OutputCell[AdadeltaMove]) -> str:
    """Adadelta's move of a weight."""
    op = cell.op
    gradient, square, moved = cell.read()
    usual, size = math.sqrt(moved + op.epsilon), math.sqrt(square + op.epsilon)
    return (
        f"The {going_by(cell.program, cell.step.inputs[0])} over its usual size, √({format_value(square)} + "
        f"{constant(op.epsilon)}) = {format_value(size)}, times how far the weight usually moves, "
        f"√({format_value(moved)} + {constant(op.epsilon)}) = {format_value(usual)}: {format_value(gradient)} / "
        f"{format_value(size)} · {format_value(usual)} = {cell.made}. A move is measured by the moves "
        "before it."
    )


def sum_squares(cell: OutputCell[Any]) -> str:
    """The sum of squares of a gradient."""
    count = len(cell.gathered())
    return (
        f"The sum of the squares of {all_of(count, 'number')} of {short(cell.step.inputs[0])} is {cell.made}: its "
        "part of the length of all gradients together."
    )


def norm(cell: OutputCell[Any]) -> str:
    """The length of all gradients."""
    numbers = cell.read()
    return (
        f"The sums of squares of {all_of(len(numbers), 'gradient')} add up to {format_value(math.fsum(numbers))}; the "
        "root "
        f"of that, {cell.made}, is the length of all gradients as one long vector."
    )


def clip(cell: OutputCell[Clip]) -> str:
    """A gradient, which is scaled down if all gradients together are too long."""
    op = cell.op
    gradient, norm = cell.read()
    factor = clip_factor(norm, op.limit)
    if factor == 1.0:
        return (
            f"All gradients together have the length {format_value(norm)}, which is not more than {op.limit:g}: this "
            f"one stays {format_value(gradient)}."
        )
    return (
        f"All gradients together have the length {format_value(norm)}, more than {op.limit:g}, so each is multiplied "
        f"by {op.limit:g} / {format_value(norm)} = {format_value(factor)}: {format_value(gradient)} · "
        f"{format_value(factor)} = {cell.made}. The direction of the step stays the same."
    )


def sgd(cell: OutputCell[Any]) -> str:
    """A weight after its move."""
    weight, gradient, rate = cell.read()
    what = going_by(cell.program, cell.step.inputs[1])
    if gradient == 0:
        return f"The {what} of this weight is 0: it stays as it is."
    start, _ = cell.apart(weight)
    sign, way = ("negative", "up") if gradient < 0 else ("positive", "down")
    goes = "would go" if weight == cell.value else "goes"
    return (
        f"The {what} is {sign}, so the weight {goes} {way}: {start} − {format_value(rate)} · {after(gradient)} = "
        f"{cell.moved(weight, rate * gradient)}."
    )


def shrink(cell: OutputCell[Shrink]) -> str:
    """A weight after weight decay."""
    op = cell.op
    weight, rate = cell.read()
    start, _ = cell.apart(weight)
    return (
        f"Weight decay makes the weight smaller by {format_value(rate)} · {op.decay:g} = "
        f"{format_value(rate * op.decay)} of itself: {start} · (1 − {format_value(rate * op.decay)}) = "
        f"{cell.moved(weight, weight * rate * op.decay)}. It is no part of the gradient, so what Adam "
        "divides by does not touch it."
    )


def adam(cell: OutputCell[AdamUpdate]) -> str:
    """A weight after Adam's move."""
    op = cell.op
    weight, mean, square, rate, t = cell.read()
    one, two = 1 - op.beta1**t, 1 - op.beta2**t
    m, root = mean / one, math.sqrt(square / two)
    move = rate * m / (root + op.epsilon)
    start, _ = cell.apart(weight)
    goes = "would go" if weight == cell.value else "goes"
    way = "stays" if move == 0 else f"{goes} down" if move > 0 else f"{goes} up"
    return (
        f"Both means began at 0; at pass {t:g} they are divided by 1 − {op.beta1:g}<sup>{t:g}</sup> = "
        f"{format_value(one)} and 1 − {op.beta2:g}<sup>{t:g}</sup> = {format_value(two)}. That makes the mean gradient "
        f"{format_value(m)} and its usual size {format_value(root)}. The weight {way}: {start} − "
        f"{format_value(rate)} · {after(m)} / ({format_value(root)} + {constant(op.epsilon)}) = "
        f"{cell.moved(weight, move)}."
    )
