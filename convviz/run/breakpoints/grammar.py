"""How conditions are written: ``loss > 5``, ``filter dead for 200``, or any expression."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.expressions.check import check_number, check_truth
from convviz.core.expressions.error import ExpressionError
from convviz.run.breakpoints.condition import (
    AccuracyReaches,
    AtStep,
    Breakpoint,
    ClassFlips,
    Condition,
    FilterDead,
    GradientAbove,
    IsTrue,
    LossAbove,
    LossJumps,
    NotFinite,
    RatioAbove,
    SignChanges,
)
from convviz.run.minibatch.names import Names


class ConditionError(ConvvizError, ValueError):
    """A condition can't be read."""


NUMBER = r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ConditionError(f"expected a number, got {text!r}") from None
    if not math.isfinite(value):
        raise ConditionError(f"expected a number, got {text!r}")
    return value


def _whole(text: str, what: str) -> int:
    value = _number(text)
    if value != int(value) or not 1 <= value <= 10**12:
        raise ConditionError(f"{what}: expected a whole number from 1, got {text}")
    return int(value)


def _positive(text: str, what: str) -> float:
    value = _number(text)
    if value <= 0:
        raise ConditionError(f"{what}: expected a number greater than 0, got {text}")
    return value


def _share(number: str, percent: str) -> float:
    value = _number(number) / (100 if percent else 1)
    if not 0 < value <= 1:
        raise ConditionError(f"test accuracy: expected more than 0 % and at most 100 %, got {number}{percent}")
    return value


PATTERNS: tuple[tuple[str, Callable[..., Condition]], ...] = (
    (r"loss is (?:nan|inf(?:inite|inity)?|not finite)", lambda: NotFinite()),
    (rf"loss > {NUMBER}", lambda limit: LossAbove(_number(limit))),
    (rf"loss jumps(?: by)? {NUMBER}", lambda times: LossJumps(_positive(times, "loss jumps"))),
    (rf"gradient[ _]norm > {NUMBER}", lambda limit: GradientAbove(_positive(limit, "gradient norm"))),
    (rf"update ratio > {NUMBER}", lambda limit: RatioAbove(_positive(limit, "update ratio"))),
    (rf"(?:a )?filter(?: is)? dead for {NUMBER}(?: steps)?", lambda n: FilterDead(_whole(n, "filter dead for"))),
    (rf"test accuracy (?:>=|reaches) {NUMBER} ?(%?)", lambda n, percent: AccuracyReaches(_share(n, percent))),
    (r"(?:test )?image ([0-9]+) flips", lambda row: ClassFlips(int(row))),
    (r"(?:the )?watched image flips", lambda: ClassFlips()),
    (rf"step(?: ==)? {NUMBER}", lambda step: AtStep(_whole(step, "step"))),
)


def read_condition(text: str) -> Condition:
    """The condition that a text means.

    Raises
    ------
    ConditionError
        One sentence about what is wrong with it.
    """
    plain = " ".join(re.sub(r"(>=|>|==)", r" \1 ", text).split())
    for pattern, make in PATTERNS:
        found = re.fullmatch(pattern, plain, re.IGNORECASE)
        if found is not None:
            return make(*found.groups())
    condition: IsTrue | SignChanges = IsTrue(text.strip())
    signed = re.fullmatch(r"(.+?) changes sign", text.strip())
    if signed is not None:
        condition = SignChanges(signed.group(1).strip())
    try:
        _ = condition.expression
    except ExpressionError as error:
        raise ConditionError(f"{text.strip() or 'an empty text'}: {error}") from None
    return condition


def check_condition(condition: Condition, design: Design) -> None:
    """Refuse a condition that asks for arrays that a design's pass doesn't have, or that is no condition.

    Raises
    ------
    ConditionError
    """
    if not isinstance(condition, IsTrue | SignChanges):
        return
    checks = check_truth if isinstance(condition, IsTrue) else check_number
    try:
        checks(condition.expression, Names(design, design.training.batch_size).shape_of)
    except ExpressionError as error:
        raise ConditionError(f"{condition.text}: {error}") from None


def points_of(given: Sequence[str | Breakpoint], design: Design) -> tuple[Breakpoint, ...]:
    """Breakpoints for a design, numbered from 1.

    Raises
    ------
    ConditionError
    """
    named = design.named()
    points = []
    for number, one in enumerate(given, 1):
        found = Breakpoint(number, read_condition(one)) if isinstance(one, str) else replace(one, number=number)
        check_condition(found.condition, named)
        points.append(found)
    return tuple(points)


def written(condition: Condition) -> str:
    """The text that :func:`read_condition` reads back as this condition."""
    match condition:
        case NotFinite():
            return "loss is nan"
        case LossAbove():
            return f"loss > {condition.limit:g}"
        case LossJumps():
            return f"loss jumps {condition.times:g}"
        case GradientAbove():
            return f"gradient norm > {condition.limit:g}"
        case RatioAbove():
            return f"update ratio > {condition.limit:g}"
        case FilterDead():
            return f"filter dead for {condition.steps}"
        case AccuracyReaches():
            return f"test accuracy >= {100 * condition.share:g}%"
        case ClassFlips(image=None):
            return "watched image flips"
        case ClassFlips():
            return f"image {condition.image} flips"
        case AtStep():
            return f"step {condition.step}"
        case IsTrue():
            return condition.text
        case SignChanges():
            return f"{condition.text} changes sign"
