"""Batch normalisation, forward and back."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Role
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
from convviz.core.program import Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations, of_gradients
from convviz.present.step.sentence import OutputCell, after, all_images, constant
from convviz.present.step.values import short
from convviz.present.words import all_of, counted


def _mean(cell: OutputCell[Any]) -> str:
    index = cell.index
    numbers = cell.gathered()
    sums = f"{format_value(float(numbers.sum()))} / {len(numbers):,} = {cell.made}"
    if cell.given(0).role is Role.GRADIENT:
        return (
            f"Channel {index[0]} has {counted(len(numbers), 'gradient')}{all_images(cell)}; their mean is {sums}. A "
            "gradient "
            "that is the same everywhere would only move the channel as a whole, and centring undoes every such move: "
            "this part is taken off next."
        )
    return (
        f"Channel {index[0]} has {counted(len(numbers), 'number')}{all_images(cell)}; their sum over their count is "
        "their "
        f"mean: {sums}."
    )


def _centre(cell: OutputCell[Any]) -> str:
    running = cell.values.maker(cell.step.inputs[1]) is None
    which, then = ("running mean", "") if running else ("mean", " The channel's numbers add up to 0 now.")
    return f"The {which} of channel {cell.index[1]} is taken off: {cell.less(*cell.read())}.{then}"


def _variance(cell: OutputCell[Any]) -> str:
    index = cell.index
    count, v = len(cell.gathered()), cell.value
    return (
        f"The mean of the squares of {all_of(count, 'centred number')} of channel {index[0]} is {format_value(v)}: the "
        f"channel's variance. Its root, {format_value(math.sqrt(max(v, 0.0)))}, is how far from 0 they usually are."
    )


def _normalise(cell: OutputCell[Normalise]) -> str:
    op = cell.op
    index = cell.index
    given, variance = cell.read()
    deviation = math.sqrt(variance + op.epsilon)
    root = f"√({format_value(variance)} + {constant(op.epsilon)}) = {format_value(deviation)}"
    quotient = f"{format_value(given)} / {format_value(deviation)} = {cell.made}"
    if cell.spec.role is Role.GRADIENT:
        return (
            f"The running statistics of channel {index[1]} don't depend on the image, so no gradient goes through "
            f"them. It is divided by what divided the number, {root}: {quotient}."
        )
    side = "above" if given > 0 else "below"
    running = "running " if cell.values.maker(cell.step.inputs[1]) is None else ""
    where = f": that many standard deviations {side} the {running}mean of its channel" if given else ""
    return (
        f"The {running}standard deviation of channel {index[1]} is {root}. {quotient}{where}. The "
        f"{constant(op.epsilon)} keeps a channel that is the same everywhere from a division by 0."
    )


def _scale_shift(cell: OutputCell[Any]) -> str:
    index = cell.index
    x_hat, scale, shift = cell.read()
    return (
        f"Channel {index[1]} has a scale γ = {format_value(scale)} and a shift β = {format_value(shift)}: "
        f"{format_value(scale)} · {after(x_hat)} + {after(shift)} = {cell.made}. A new layer begins "
        "with γ = 1 and β = 0, which change nothing."
    )


def _sum_channels(cell: OutputCell[Any]) -> str:
    index = cell.index
    count, total = len(cell.gathered()), cell.value
    is_bias = short(cell.step.output).startswith("d_bias")
    what, noun = (f"bias of map {index[0]}", "bias") if is_bias else (f"shift β of channel {index[0]}", "shift")
    return (
        f"The {what} was added at {counted(count, 'place')}{all_images(cell)}, so its gradient "
        "is the "
        f"sum of the gradients there, {format_value(total)}.{wish(total, noun)}"
    )


def _sum_product(cell: OutputCell[Any]) -> str:
    index = cell.index
    count, total = len(cell.gathered()), cell.value
    if _of_slope(cell.step):
        return (
            f"The slope of channel {index[0]} multiplied what was below 0 among {counted(count, 'number')}"
            f"{all_images(cell)}. That part of each, times the gradient of its product, summed, is "
            f"{format_value(total)}.{wish(total, 'slope')}"
        )
    what = "normalised number" if cell.step.inputs[1].endswith(".x_hat") else "number"
    return (
        f"The scale γ of channel {index[0]} multiplied {counted(count, what)}{all_images(cell)}. Each "
        f"of them times the gradient of its product, summed, is {format_value(total)}.{wish(total, 'scale')}"
    )


def wish(gradient: float, what: str) -> str:
    """A sentence that says which way to move a scale, shift or slope; empty if the gradient is 0 or not finite."""
    if gradient == 0 or not math.isfinite(gradient):
        return ""
    sign, way = ("positive", "smaller") if gradient > 0 else ("negative", "larger")
    return f" It is {sign}: a {way} {what} would lower the loss."


def _scale_grad(cell: OutputCell[Any]) -> str:
    index = cell.index
    d_z, scale = cell.read()
    return (
        f"On the way forward the number was multiplied by γ = {format_value(scale)} of channel {index[1]}, and so is "
        f"its gradient: {format_value(scale)} · {after(d_z)} = {cell.made}."
    )


def _mean_product(cell: OutputCell[Any]) -> str:
    index = cell.index
    count = len(cell.gathered())
    return (
        f"Every gradient of channel {index[0]} times its normalised number: the mean over {all_of(count, 'product')} "
        "is "
        f"{cell.made}. It says how much the gradient would only stretch the channel. Dividing by the "
        "standard deviation undoes every stretch, so this part is taken off next."
    )


def _normalise_grad(cell: OutputCell[NormaliseGrad]) -> str:
    op = cell.op
    index = cell.index
    d_x_hat, x_hat, variance, mean, along = cell.read()
    deviation = math.sqrt(variance + op.epsilon)
    rest = d_x_hat - mean - x_hat * along
    return (
        f"Two parts of the gradient {format_value(d_x_hat)} are taken off: {format_value(mean)}, which would only move "
        f"channel {index[1]}, and {format_value(x_hat)} · {after(along)} = {format_value(x_hat * along)}, which would "
        f"only stretch it. What is left is divided by the standard deviation √({format_value(variance)} + "
        f"{constant(op.epsilon)}) = {format_value(deviation)}: {format_value(rest)} / {format_value(deviation)} = "
        f"{cell.made}."
    )


def _running(cell: OutputCell[RunningStatistic]) -> str:
    op = cell.op
    old, new = cell.read()
    what = "variance" if _is_of_variance(cell.program, cell.step) else "mean"
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
        f"{cell.made}.{why}"
    )


def _scale_formula(_program: Program, step: Step) -> str:
    return "" if step.inputs[0].endswith(".x_hat") else r"Z[n, c] = \gamma[c] \, X[n, c] + \beta[c]"


def _scale_grad_formula(_program: Program, step: Step) -> str:
    return "" if step.output.endswith(".d_x_hat") else r"dX[n, c] = \gamma[c] \cdot dZ[n, c]"


def _sum_product_title(_program: Program, step: Step) -> str:
    if _of_slope(step):
        return "A slope's gradient: the gradient times what it multiplied, over all images and places"
    return ""


def _of_slope(step: Step) -> bool:
    return step.output.endswith(("slope", "slopes"))


def _sum_product_formula(_program: Program, step: Step) -> str:
    if step.inputs[1].endswith(".x_hat"):
        return ""
    if _of_slope(step):
        return r"ds[c] = \sum_{n, y, x} dA[n, c, y, x] \cdot B[n, c, y, x]"
    return r"d\gamma[c] = \sum_{n, y, x} dZ[n, c, y, x] \cdot X[n, c, y, x]"


def _running_formula(program: Program, step: Step) -> str:
    value = r"\frac{M}{M - 1} \, v" if _is_of_variance(program, step) else r"\mu"
    return rf"r \leftarrow (1 - \rho) \, r + \rho \, {value}"


def _is_of_variance(program: Program, step: Step) -> bool:
    """Whether a running statistic is that of the variance."""
    maker = program.producer(step.inputs[1])
    return maker is not None and isinstance(maker.op, ChannelVariance)


NORM: Presentations = MappingProxyType(
    {
        ChannelMean: Presentation(
            side_by_side,
            _mean,
            title=of_gradients("The mean gradient of every channel: the part that would only move it"),
            formula=of_gradients(r"\overline{d\hat{X}}[c] = \frac{1}{M} \sum_{n, y, x} d\hat{X}[n, c, y, x]"),
        ),
        Centre: Presentation(side_by_side, _centre),
        ChannelVariance: Presentation(side_by_side, _variance),
        Normalise: Presentation(
            side_by_side,
            _normalise,
            title=of_gradients("The gradient is divided by what divided the channel"),
            formula=of_gradients(r"dX[n, c] = \frac{d\hat{X}[n, c]}{\sqrt{v[c] + \varepsilon}}"),
        ),
        ScaleShift: Presentation(side_by_side, _scale_shift, formula=_scale_formula),
        SumChannels: Presentation(side_by_side, _sum_channels),
        SumProduct: Presentation(side_by_side, _sum_product, title=_sum_product_title, formula=_sum_product_formula),
        ScaleGrad: Presentation(side_by_side, _scale_grad, formula=_scale_grad_formula),
        MeanProduct: Presentation(side_by_side, _mean_product),
        NormaliseGrad: Presentation(side_by_side, _normalise_grad),
        RunningStatistic: Presentation(side_by_side, _running, formula=_running_formula),
    }
)
