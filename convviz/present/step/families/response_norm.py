"""Local response normalisation, forward and back."""

from __future__ import annotations

from types import MappingProxyType

from convviz.core.ops.response_norm import ResponseDivide, ResponseDivideGrad, ResponseScale, ResponseScaleGrad
from convviz.core.program import Phase
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, constant
from convviz.present.words import counted


def _scale(cell: OutputCell[ResponseScale]) -> str:
    op, numbers = cell.op, cell.gathered()
    return (
        f"The squares of {counted(len(numbers), 'channel')} at this place add up to "
        f"{format_value(float((numbers**2).sum()))}; {constant(op.alpha)} / {op.size} of it, and {constant(op.k)} that "
        f"keeps the divisor away from 0, make {cell.made}."
    )


def _scale_grad(cell: OutputCell[ResponseScaleGrad]) -> str:
    numbers = cell.gathered()
    return (
        f"The number was squared in {counted(len(numbers), 'window')}, whose gradients add up to "
        f"{format_value(float(numbers.sum()))}. Times twice the number and {constant(cell.op.alpha)} / {cell.op.size} "
        f"that is {cell.made}."
    )


def _divide(cell: OutputCell[ResponseDivide]) -> str:
    x, s = cell.read()
    what = "The gradient" if cell.step.phase is Phase.BACKWARD else "The number"
    return (
        f"{what} {format_value(x)}, divided by {format_value(s)} to the power {constant(cell.op.beta)}, is {cell.made}."
    )


def _divide_grad(cell: OutputCell[ResponseDivideGrad]) -> str:
    given, x, s = cell.read()
    beta = cell.op.beta
    return (
        f"The slope of s<sup>−{constant(beta)}</sup> at s = {format_value(s)}, times the number {format_value(x)} "
        f"and the gradient {format_value(given)}, is {cell.made}: a larger divisor makes a smaller number."
    )


RESPONSE_NORM: Presentations = MappingProxyType(
    {
        ResponseScale: Presentation(side_by_side, _scale),
        ResponseScaleGrad: Presentation(side_by_side, _scale_grad),
        ResponseDivide: Presentation(side_by_side, _divide),
        ResponseDivideGrad: Presentation(side_by_side, _divide_grad),
    }
)
