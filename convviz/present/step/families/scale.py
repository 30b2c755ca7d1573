"""Layers that scale: PReLU, a fixed scale and shift, softmax over channels."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from convviz.core.ops.channel_softmax import ChannelSoftmax, ChannelSoftmaxGrad
from convviz.core.ops.prelu import NegativePart, PRelu, PReluGrad, Repeat, SumAll
from convviz.core.ops.rescale import Rescale, RescaleGrad
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.families.norm import wish
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, after, constant
from convviz.present.words import all_of, counted


def _prelu(cell: OutputCell[PRelu]) -> str:
    z, slope = cell.read()
    if z > 0:
        return (
            f"{format_value(z)} is positive and stays. A negative number would be multiplied by {format_value(slope)}."
        )
    return (
        f"{format_value(z)} is not positive, so it is multiplied by the slope that channel {cell.index[1]} has "
        f"learned: {format_value(slope)} · {after(z)} = {cell.made}."
    )


def _prelu_grad(cell: OutputCell[PReluGrad]) -> str:
    given, z, slope = cell.read()
    if z > 0:
        return f"z = {format_value(z)} was positive, so the gradient {format_value(given)} passes unchanged."
    return (
        f"z = {format_value(z)} was not positive: the gradient is multiplied by the slope of channel {cell.index[1]}, "
        f"{format_value(slope)} · {after(given)} = {cell.made}."
    )


def _negative_part(cell: OutputCell[NegativePart]) -> str:
    (z,) = cell.read()
    if z < 0:
        return f"{format_value(z)} was multiplied by the slope, so it counts in the slope's gradient: {cell.made}."
    return f"{format_value(z)} was not multiplied by the slope, so it has no part in the slope's gradient: 0."


def _repeat(cell: OutputCell[Repeat]) -> str:
    return f"The layer has learned one slope, {cell.made}; channel {cell.index[0]} uses it like every other."


def _sum_all(cell: OutputCell[SumAll]) -> str:
    total = cell.value
    return (
        f"The one slope served {counted(len(cell.gathered()), 'channel')}, and its gradient is the sum of "
        f"{all_of(len(cell.gathered()), 'gradient')}, {format_value(total)}.{wish(total, 'slope')}"
    )


def _rescale(cell: OutputCell[Rescale]) -> str:
    (x,) = cell.read()
    op = cell.op
    return (
        f"The number times the layer's constant, plus its other one: {constant(op.scale)} · {after(x)} + "
        f"{constant(op.shift) if op.shift >= 0 else f'({constant(op.shift)})'} = {cell.made}. Training changes neither."
    )


def _rescale_grad(cell: OutputCell[RescaleGrad]) -> str:
    (given,) = cell.read()
    return (
        f"On the way forward the number was multiplied by {constant(cell.op.scale)}, and so is its gradient: "
        f"{constant(cell.op.scale)} · {after(given)} = {cell.made}."
    )


def _softmax(cell: OutputCell[ChannelSoftmax]) -> str:
    numbers = cell.gathered()
    top = int(np.argmax(numbers))
    others = int((numbers == numbers[top]).sum()) - 1
    also = f" and of {counted(others, 'other')}" if others else ""
    rest = f"channel {top} {'the first that gets ' if others else ''}the most"
    if numbers[cell.index[1]] == numbers[top]:
        rest = "the most" if not others else f"as {'all others do' if others == len(numbers) - 1 else 'much as any'}"
    return (
        f"m is the largest number of this place, {format_value(float(numbers.max()))} of channel {top}{also}; "
        f"subtracting it keeps e<sup>z</sup> from overflowing and changes nothing else. Channel {cell.index[1]} gets "
        f"{cell.value:.1%}, {rest}. The {counted(len(numbers), 'share')} of the place sum to 1."
    )


def _softmax_grad(cell: OutputCell[ChannelSoftmaxGrad]) -> str:
    given, shares = cell.gathered(0), cell.gathered(1)
    own, share = float(given[cell.index[1]]), float(shares[cell.index[1]])
    along = float((given * shares).sum())
    return (
        f"The gradient of this share is {format_value(own)}; the mean over the place, weighted by the shares, is "
        f"{format_value(along)}. A larger z here takes from the others, so only the difference counts, "
        f"times the share: {format_value(share)} · ({format_value(own)} − {after(along)}) = {cell.made}."
    )


SCALE: Presentations = MappingProxyType(
    {
        PRelu: Presentation(side_by_side, _prelu),
        PReluGrad: Presentation(side_by_side, _prelu_grad),
        NegativePart: Presentation(side_by_side, _negative_part),
        Repeat: Presentation(side_by_side, _repeat),
        SumAll: Presentation(side_by_side, _sum_all),
        Rescale: Presentation(side_by_side, _rescale),
        RescaleGrad: Presentation(side_by_side, _rescale_grad),
        ChannelSoftmax: Presentation(side_by_side, _softmax),
        ChannelSoftmaxGrad: Presentation(side_by_side, _softmax_grad),
    }
)
