"""Activations and dropout, forward and back."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from convviz.core.ops.activation import (
    LeakyRelu,
    LeakyReluGrad,
    Relu,
    ReluGrad,
    Sigmoid,
    SigmoidGrad,
    Tanh,
    TanhGrad,
)
from convviz.core.ops.dropout import Dropout, DropoutGrad
from convviz.core.ops.guided import GuidedReluGrad
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, after
from convviz.present.step.values import Values

FLAT = 0.05
"""A unit whose slope is below this is called saturated."""


def _active(values: Values, name: str) -> str:
    return f"{float((values.stored(name) > 0).mean()):.0%}"


def _relu(cell: OutputCell[Any]) -> str:
    (z,) = cell.read()
    what = f"{format_value(z)} is positive and stays" if z > 0 else f"{format_value(z)} becomes 0"
    return f"{what}. {_active(cell.values, cell.step.inputs[0])} of this layer's units are active in this pass."


def _relu_grad(cell: OutputCell[Any]) -> str:
    _, a = cell.read()
    what = (
        f"The unit was active ({format_value(a)} &gt; 0), so its gradient passes unchanged."
        if a > 0
        else "The unit was off, so a small change of z would not have changed its output: its gradient is 0."
    )
    share = _active(cell.values, cell.step.inputs[1])
    return f"{what} The mask of the forward pass lets {share} of the gradients through."


def _guided(cell: OutputCell[Any]) -> str:
    given, a = cell.read()
    if a <= 0:
        what = "The unit was off, so its gradient is 0."
    elif given > 0:
        what = f"The unit was active and its gradient {format_value(given)} is positive, so it passes unchanged."
    else:
        what = f"The unit was active, but its gradient {format_value(given)} is not positive: it is held back."
    return f"{what} That is guided backpropagation, not the derivative, which would let negative gradients pass too."


def _leaky(cell: OutputCell[LeakyRelu]) -> str:
    op = cell.op
    (z,) = cell.read()
    if z > 0:
        return f"{format_value(z)} is positive and stays. A negative number would be multiplied by {op.slope:g}."
    return f"{format_value(z)} is not positive, so it is multiplied by {op.slope:g}: {cell.made}."


def _leaky_grad(cell: OutputCell[LeakyReluGrad]) -> str:
    op = cell.op
    given, a = cell.read()
    if a > 0:
        return (
            f"The unit was active ({format_value(a)} &gt; 0), so its gradient {format_value(given)} passes unchanged."
        )
    return (
        f"The unit was not active, but the slope is {op.slope:g} there and not 0: {op.slope:g} · {after(given)} = "
        f"{cell.made} passes."
    )


def _tanh(cell: OutputCell[Any]) -> str:
    (z,) = cell.read()
    a = cell.value
    return f"tanh({format_value(z)}) = {format_value(a)}, between −1 and 1. {_steep(1 - a * a, '1 − a²')}"


def _sigmoid(cell: OutputCell[Any]) -> str:
    (z,) = cell.read()
    a = cell.value
    return (
        f"1 / (1 + e<sup>−z</sup>) for z = {format_value(z)} is {format_value(a)}. {_steep(a * (1 - a), 'a (1 − a)')}"
    )


def _steep(slope: float, written: str) -> str:
    passes = "no" if slope == 0 else "hardly any"
    what = (
        f": the unit is saturated, and {passes} gradient will pass it."
        if slope < FLAT
        else "; its gradient will be multiplied by that."
    )
    return f"The slope here is {written} = {format_value(slope)}{what}"


def _tanh_grad(cell: OutputCell[Any]) -> str:
    given, a = cell.read()
    return _passed(cell, given, 1 - a * a, f"1 − {after(a)}²")


def _sigmoid_grad(cell: OutputCell[Any]) -> str:
    given, a = cell.read()
    return _passed(cell, given, a * (1 - a), f"{format_value(a)} · (1 − {format_value(a)})")


def _passed(cell: OutputCell[Any], given: float, slope: float, written: str) -> str:
    return (
        f"The slope at this unit is {written} = {format_value(slope)}, and the gradient is multiplied by it: "
        f"{format_value(given)} · {after(slope)} = {cell.made}."
    )


class _Written(float):
    """A number that formats itself for a sentence: with ``:()`` as the operand after an operator."""

    def __format__(self, spec: str) -> str:
        return after(self) if spec == "()" else format_value(self)


def _sloped(cell: OutputCell[Sloped]) -> str:
    (z,) = cell.read()
    text, numbers = cell.op.account(z)
    known = {**numbers, "z": z, "a": cell.value}
    said = text.format(**{name: _Written(number) for name, number in known.items()})
    slope = cell.op.gradient().slope(z)
    passes = "no" if slope == 0 else "hardly any"
    flat = f": {passes} gradient will pass it." if abs(slope) < FLAT else "; its gradient will be multiplied by that."
    return f"{said} The slope here is {format_value(slope)}{flat}"


def _sloped_grad(cell: OutputCell[SlopedGrad]) -> str:
    given, z = cell.read()
    slope = cell.op.slope(z)
    return (
        f"The slope at z = {format_value(z)} is {format_value(slope)}, and the gradient is multiplied by it: "
        f"{format_value(given)} · {after(slope)} = {cell.made}."
    )


def _dropout(cell: OutputCell[Any]) -> str:
    given, factor = cell.read()
    share = float((cell.values.stored(cell.step.inputs[1]) == 0).mean())
    what = (
        f"This unit is dropped: {format_value(given)} becomes 0."
        if factor == 0
        else f"This unit is kept: {format_value(given)} · {format_value(factor)} = {cell.made}."
    )
    return f"{what} {share:.0%} of the units are dropped in this pass; the others are scaled up to make up for it."


def _dropout_grad(cell: OutputCell[Any]) -> str:
    given, factor = cell.read()
    if factor == 0:
        return (
            "The unit was dropped in the forward pass and had no part in the loss: its gradient is "
            f"{format_value(given)} · 0 = 0."
        )
    return (
        f"The unit was scaled by {format_value(factor)}, and so is its gradient: {format_value(given)} · "
        f"{format_value(factor)} = {cell.made}. It is the mask of the forward pass, not a new one."
    )


ACTIVATION: Presentations = MappingProxyType(
    {
        Relu: Presentation(side_by_side, _relu),
        ReluGrad: Presentation(side_by_side, _relu_grad),
        GuidedReluGrad: Presentation(side_by_side, _guided),
        LeakyRelu: Presentation(side_by_side, _leaky),
        LeakyReluGrad: Presentation(side_by_side, _leaky_grad),
        Sigmoid: Presentation(side_by_side, _sigmoid),
        SigmoidGrad: Presentation(side_by_side, _sigmoid_grad),
        Tanh: Presentation(side_by_side, _tanh),
        TanhGrad: Presentation(side_by_side, _tanh_grad),
        Sloped: Presentation(side_by_side, _sloped),
        SlopedGrad: Presentation(side_by_side, _sloped_grad),
        Dropout: Presentation(side_by_side, _dropout),
        DropoutGrad: Presentation(side_by_side, _dropout_grad),
    }
)
