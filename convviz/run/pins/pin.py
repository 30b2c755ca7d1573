"""A pinned number, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.expressions.check import check_number
from convviz.core.expressions.error import ExpressionError
from convviz.core.expressions.parse import parse
from convviz.run.minibatch.names import Names


class PinError(ConvvizError, ValueError):
    """A number can't be pinned."""


@dataclass(frozen=True, slots=True)
class Pin:
    """An expression that gives one number.

    Parameters
    ----------
    number : int
        Which one; stays its own when others are added or removed.
    text : str
        ``norm(conv1.weight)``.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class PinsMeasured:
    """Values of pins in the pass of a minibatch, before its update.

    Parameters
    ----------
    step : int
        Number of the minibatch, from 1.
    numbers : tuple of int
        Of the pins.
    values : tuple of float
    """

    step: int
    numbers: tuple[int, ...]
    values: tuple[float, ...]


def check_pin(text: str, design: Design) -> None:
    """Refuse a text that can't be read, or asks for arrays that the design's pass doesn't have, or gives no number.

    Raises
    ------
    PinError
        One sentence.
    """
    try:
        check_number(parse(text), Names(design, design.training.batch_size).shape_of)
    except ExpressionError as error:
        raise PinError(f"{text.strip() or 'an empty text'}: {error}") from None
