"""What the steps of the optimisers do with one weight."""

from __future__ import annotations

import math

from convviz.core.arrays import Index
from convviz.core.ops.gradient_norm import GradientNorm, SumSquares
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
    SgdUpdate,
    Shrink,
    Velocity,
    clip_factor,
)
from convviz.core.program import Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.sentences.numbers import (
    Texts,
    after,
    apart,
    constant,
    gathered,
    in_brackets,
    made,
    moved,
    read,
)
from convviz.present.step.values import Values, short


def going_by(program: Program, name: str) -> str:
    """What a step of an update goes by, in words: ``gradient``, ``velocity``, ``clipped gradient`` …"""
    maker = next((step for step in program.steps if step.output == name), None)
    kinds: tuple[tuple[type, str], ...] = (
        (Velocity, "velocity"),
        (LookAhead, "look-ahead gradient"),
        (ByRoot, "scaled gradient"),
        (AdadeltaMove, "move"),
        (AddDecay, "gradient with weight decay"),
        (Clip, "clipped gradient"),
    )
    return next((words for kind, words in kinds if maker is not None and isinstance(maker.op, kind)), "gradient")


def _velocity(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Velocity)
    v, gradient = read(values, step, index)
    what = going_by(values.program, step.inputs[1])
    start = f" It was 0 so far, so it is the {what} alone." if v == 0 else ""
    most = 1 / (1 - op.momentum)
    taken, end = apart(values, step, index, gradient)
    return (
        f"The velocity keeps {op.momentum:g} of itself and takes on the {what}: {op.momentum:g} · {after(v)} + "
        f"{in_brackets(taken)} = {end}.{start} Gradients of one sign build up, to {most:.3g} times "
        "one of them at most; those of changing signs cancel."
    )


def _look_ahead(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, LookAhead)
    gradient, v = read(values, step, index)
    taken, end = apart(values, step, index, gradient)
    what = going_by(values.program, step.inputs[0])
    return (
        f"Nesterov looks ahead: to the {what} comes {op.momentum:g} of the new velocity, which is where the weight "
        f"would go next anyway. {taken} + {op.momentum:g} · {after(v)} = {end}."
    )


def _running_mean(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, RunningMean)
    mean, gradient = read(values, step, index)
    return (
        f"Of the mean so far {op.keep:g} is kept, and {1 - op.keep:.6g} of the "
        f"{going_by(values.program, step.inputs[1])} comes in: {op.keep:g} · {after(mean)} + {1 - op.keep:.6g} · "
        f"{after(gradient)} = {made(values, step, index)}. It began at 0 and is too small at first; adam_update makes "
        "up for that."
    )


def _running_square(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, RunningSquare)
    square, value = read(values, step, index)
    what = going_by(values.program, step.inputs[1])
    root = math.sqrt(max(values.value(step.output, index), 0.0))
    usual = "how far this weight usually moves" if what == "move" else "how large this weight's gradient usually is"
    return (
        f"Of the mean square so far {op.keep:g} is kept, and {1 - op.keep:.6g} of the new {what}'s square comes in: "
        f"{op.keep:g} · {after(square)} + {1 - op.keep:.6g} · {after(value)}² = {made(values, step, index)}. Its root, "
        f"{format_value(root)}, is {usual}."
    )


def _add_square(values: Values, step: Step, index: Index) -> str:
    total, gradient = read(values, step, index)
    sum_so_far, end = apart(values, step, index, total)
    return (
        f"The square of the {going_by(values.program, step.inputs[1])} is added to all squares before: "
        f"{sum_so_far} + {after(gradient)}² = {end}. The sum only grows, so the steps "
        "of this weight only get smaller."
    )


def _decay(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, AddDecay)
    gradient, weight = read(values, step, index)
    taken, end = apart(values, step, index, gradient)
    return (
        f"Weight decay adds {op.decay:g} of the weight to its {going_by(values.program, step.inputs[0])}: "
        f"{taken} + {op.decay:g} · {after(weight)} = {end}. A weight that the "
        "loss does not need goes to 0 that way."
    )


def _by_root(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, ByRoot)
    gradient, square = read(values, step, index)
    root = math.sqrt(square) + op.epsilon
    maker = values.maker(step.inputs[1])
    of = "the sum of its squares" if maker is not None and isinstance(maker.op, AddSquare) else "its mean square"
    return (
        f"The {going_by(values.program, step.inputs[0])} is divided by the root of {of}, √{format_value(square)} + "
        f"{constant(op.epsilon)} = {format_value(root)}: {format_value(gradient)} / {format_value(root)} = "
        f"{made(values, step, index)}. So weights with small and with large gradients move about equally far."
    )


def _adadelta(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, AdadeltaMove)
    gradient, square, moved = read(values, step, index)
    usual, size = math.sqrt(moved + op.epsilon), math.sqrt(square + op.epsilon)
    return (
        f"The {going_by(values.program, step.inputs[0])} over its usual size, √({format_value(square)} + "
        f"{constant(op.epsilon)}) = {format_value(size)}, times how far the weight usually moves, "
        f"√({format_value(moved)} + {constant(op.epsilon)}) = {format_value(usual)}: {format_value(gradient)} / "
        f"{format_value(size)} · {format_value(usual)} = {made(values, step, index)}. A move is measured by the moves "
        "before it."
    )


def _sum_squares(values: Values, step: Step, index: Index) -> str:
    count = len(gathered(values, step, index))
    return (
        f"All {count:,} numbers of {short(step.inputs[0])}, each squared, add up to {made(values, step, index)}: its "
        "part of the length of all gradients together."
    )


def _norm(values: Values, step: Step, index: Index) -> str:
    numbers = read(values, step, index)
    return (
        f"The sums of squares of all {len(numbers)} parameters add up to {format_value(math.fsum(numbers))}; the root "
        f"of that, {made(values, step, index)}, is the length of all gradients as one long vector."
    )


def _clip(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Clip)
    gradient, norm = read(values, step, index)
    factor = clip_factor(norm, op.limit)
    if factor == 1.0:
        return (
            f"All gradients together have the length {format_value(norm)}, which is not more than {op.limit:g}: this "
            f"one stays {format_value(gradient)}."
        )
    return (
        f"All gradients together have the length {format_value(norm)}, more than {op.limit:g}, so each is multiplied "
        f"with {op.limit:g} / {format_value(norm)} = {format_value(factor)}: {format_value(gradient)} · "
        f"{format_value(factor)} = {made(values, step, index)}. The direction of the step stays the same."
    )


def _sgd(values: Values, step: Step, index: Index) -> str:
    weight, gradient, rate = read(values, step, index)
    what = going_by(values.program, step.inputs[1])
    if gradient == 0:
        return f"The {what} of this weight is 0: it stays as it is."
    start, _ = apart(values, step, index, weight)
    sign, way = ("negative", "up") if gradient < 0 else ("positive", "down")
    goes = "would go" if weight == values.value(step.output, index) else "goes"
    return (
        f"The {what} is {sign}, so the weight {goes} {way}: {start} − {format_value(rate)} · {after(gradient)} = "
        f"{moved(values, step, index, weight, rate * gradient)}."
    )


def _shrink(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Shrink)
    weight, rate = read(values, step, index)
    start, _ = apart(values, step, index, weight)
    return (
        f"Weight decay makes the weight smaller by {format_value(rate)} · {op.decay:g} = "
        f"{format_value(rate * op.decay)} of itself: {start} · (1 − {format_value(rate * op.decay)}) = "
        f"{moved(values, step, index, weight, weight * rate * op.decay)}. It is no part of the gradient, so what Adam "
        "divides by does not touch it."
    )


def _adam(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, AdamUpdate)
    weight, mean, square, rate, t = read(values, step, index)
    one, two = 1 - op.beta1**t, 1 - op.beta2**t
    m, root = mean / one, math.sqrt(square / two)
    move = rate * m / (root + op.epsilon)
    start, _ = apart(values, step, index, weight)
    goes = "would go" if weight == values.value(step.output, index) else "goes"
    way = "stays" if move == 0 else f"{goes} down" if move > 0 else f"{goes} up"
    return (
        f"Both means began at 0; at pass {t:g} they are divided by 1 − {op.beta1:g}<sup>{t:g}</sup> = "
        f"{format_value(one)} and 1 − {op.beta2:g}<sup>{t:g}</sup> = {format_value(two)}. That makes the mean gradient "
        f"{format_value(m)} and its usual size {format_value(root)}. The weight {way}: {start} − "
        f"{format_value(rate)} · {after(m)} / ({format_value(root)} + {constant(op.epsilon)}) = "
        f"{moved(values, step, index, weight, move)}."
    )


UPDATE: Texts = (
    (Velocity, _velocity),
    (LookAhead, _look_ahead),
    (RunningMean, _running_mean),
    (RunningSquare, _running_square),
    (AddSquare, _add_square),
    (AddDecay, _decay),
    (ByRoot, _by_root),
    (AdadeltaMove, _adadelta),
    (SumSquares, _sum_squares),
    (GradientNorm, _norm),
    (Clip, _clip),
    (SgdUpdate, _sgd),
    (Shrink, _shrink),
    (AdamUpdate, _adam),
)
