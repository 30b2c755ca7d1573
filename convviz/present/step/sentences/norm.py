"""What the steps of batch normalisation do with one cell."""

from __future__ import annotations

import math

from convviz.core.arrays import Index, Role
from convviz.core.ops.norm import (
    Centre,
    ChannelMean,
    ChannelVariance,
    MeanProduct,
    Normalise,
    NormaliseGrad,
    RunningStatistic,
    ScaleGrad,
    ScaleShift,
    SumChannels,
    SumProduct,
)
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.sentences.numbers import Texts, after, constant, gathered, made, of_images, read
from convviz.present.step.values import Values


def _mean(values: Values, step: Step, index: Index) -> str:
    numbers = gathered(values, step, index)
    sums = f"{format_value(float(numbers.sum()))} / {len(numbers):,} = {made(values, step, index)}"
    if values.program.arrays[step.inputs[0]].role is Role.GRADIENT:
        return (
            f"Channel {index[0]} has {len(numbers):,} gradients{of_images(values)}; their mean is {sums}. A gradient "
            "that is the same everywhere would only move the channel as a whole, and centring undoes every such move: "
            "this part is taken off next."
        )
    alone = (
        " The pass has one image, so the mean is its own; with a minibatch it runs over all of its images, as in "
        "training."
        if values.program.batch == 1
        else ""
    )
    return (
        f"Channel {index[0]} has {len(numbers):,} numbers{of_images(values)}; their sum over their count is their "
        f"mean: {sums}.{alone}"
    )


def _centre(values: Values, step: Step, index: Index) -> str:
    x, mean = read(values, step, index)
    return (
        f"The mean of channel {index[1]} is taken off: {format_value(x)} − {after(mean)} = "
        f"{made(values, step, index)}. The channel's numbers add up to 0 now."
    )


def _variance(values: Values, step: Step, index: Index) -> str:
    count, v = len(gathered(values, step, index)), values.value(step.output, index)
    return (
        f"The {count:,} centred numbers of channel {index[0]}, each squared, have the mean {format_value(v)}: the "
        f"channel's variance. Its root, {format_value(math.sqrt(max(v, 0.0)))}, is how far from 0 they usually are."
    )


def _normalise(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Normalise)
    given, variance = read(values, step, index)
    deviation = math.sqrt(variance + op.epsilon)
    root = f"√({format_value(variance)} + {constant(op.epsilon)}) = {format_value(deviation)}"
    quotient = f"{format_value(given)} / {format_value(deviation)} = {made(values, step, index)}"
    if values.program.arrays[step.output].role is Role.GRADIENT:
        return (
            f"The running statistics of channel {index[1]} don't depend on the image, so no gradient goes through "
            f"them. It is divided by what divided the number, {root}: {quotient}."
        )
    side = "above" if given > 0 else "below"
    where = f": so many deviations {side} the mean of its channel" if given else ""
    return (
        f"The deviation of channel {index[1]} is {root}. {quotient}{where}. The {constant(op.epsilon)} keeps a channel "
        "that is the same everywhere from a division by 0."
    )


def _scale_shift(values: Values, step: Step, index: Index) -> str:
    x_hat, scale, shift = read(values, step, index)
    return (
        f"Channel {index[1]} has learned a scale γ = {format_value(scale)} and a shift β = {format_value(shift)}: "
        f"{format_value(scale)} · {after(x_hat)} + {after(shift)} = {made(values, step, index)}. Training begins with "
        "γ = 1 and β = 0, which change nothing."
    )


def _sum_channels(values: Values, step: Step, index: Index) -> str:
    count, total = len(gathered(values, step, index)), values.value(step.output, index)
    return (
        f"The shift β of channel {index[0]} was added at {count:,} places{of_images(values)}, so its gradient is the "
        f"sum of the gradients there, {format_value(total)}.{_wish(total, 'shift')}"
    )


def _sum_product(values: Values, step: Step, index: Index) -> str:
    count, total = len(gathered(values, step, index)), values.value(step.output, index)
    return (
        f"The scale γ of channel {index[0]} multiplied {count:,} normalised numbers{of_images(values)}. Each of them "
        f"times the gradient of what came of it, all added up, is {format_value(total)}.{_wish(total, 'scale')}"
    )


def _wish(gradient: float, what: str) -> str:
    if gradient == 0 or not math.isfinite(gradient):
        return ""
    sign, way = ("positive", "smaller") if gradient > 0 else ("negative", "larger")
    return f" It is {sign}: a {way} {what} would lower the loss."


def _scale_grad(values: Values, step: Step, index: Index) -> str:
    d_z, scale = read(values, step, index)
    return (
        f"On the way forward the number was multiplied with γ = {format_value(scale)} of channel {index[1]}, and so is "
        f"its gradient: {format_value(scale)} · {after(d_z)} = {made(values, step, index)}."
    )


def _mean_product(values: Values, step: Step, index: Index) -> str:
    count = len(gathered(values, step, index))
    return (
        f"Every gradient of channel {index[0]} times its normalised number: the mean of these {count:,} products is "
        f"{made(values, step, index)}. It says how much the gradient would only stretch the channel. Dividing by the "
        "deviation undoes every stretch, so this part is taken off next."
    )


def _normalise_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, NormaliseGrad)
    d_x_hat, x_hat, variance, mean, along = read(values, step, index)
    deviation = math.sqrt(variance + op.epsilon)
    rest = d_x_hat - mean - x_hat * along
    return (
        f"Two parts of the gradient {format_value(d_x_hat)} are taken off: {format_value(mean)}, which would only move "
        f"channel {index[1]}, and {format_value(x_hat)} · {after(along)} = {format_value(x_hat * along)}, which would "
        f"only stretch it. What is left is divided by the deviation √({format_value(variance)} + "
        f"{constant(op.epsilon)}) = {format_value(deviation)}: {format_value(rest)} / {format_value(deviation)} = "
        f"{made(values, step, index)}."
    )


def _running(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, RunningStatistic)
    old, new = read(values, step, index)
    what = "variance" if "variance" in step.output.rpartition(".")[2] else "mean"
    corrected = op.correction != 1.0
    factor = f" · {op.correction:.5g}" if corrected else ""
    why = (
        f" The factor {op.correction:.5g} is M / (M − 1): the variance was taken about the minibatch's own mean, which "
        "makes it a little too small."
        if corrected
        else ""
    )
    return (
        f"Where the network is used and not trained, it normalises with a running {what}, not with that of the images "
        f"at hand. {1 - op.momentum:g} of the old one and {op.momentum:g} of this pass's make the new one: "
        f"{1 - op.momentum:g} · {after(old)} + {op.momentum:g}{factor} · {after(new)} = "
        f"{made(values, step, index)}.{why}"
    )


NORM: Texts = (
    (ChannelMean, _mean),
    (Centre, _centre),
    (ChannelVariance, _variance),
    (Normalise, _normalise),
    (ScaleShift, _scale_shift),
    (SumChannels, _sum_channels),
    (SumProduct, _sum_product),
    (ScaleGrad, _scale_grad),
    (MeanProduct, _mean_product),
    (NormaliseGrad, _normalise_grad),
    (RunningStatistic, _running),
)
