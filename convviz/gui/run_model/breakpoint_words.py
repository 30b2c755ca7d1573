"""The conditions of breakpoints as the window shows and reads them: in words, with a field for the value."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.run.breakpoints.condition import (
    AccuracyReaches,
    AtStep,
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
from convviz.run.breakpoints.grammar import ConditionError, read_condition, written


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """A kind of condition in words.

    Parameters
    ----------
    words : str
        The words before the value.
    unit : str
        The unit after the value.
    written : str
        The condition as the user would type it, with ``{}`` for the value; empty if it has no value.
    tip : str
        Text of the tooltip.
    """

    words: str
    unit: str = ""
    written: str = ""
    tip: str = ""


KINDS: dict[type, ConditionWords] = {
    NotFinite: ConditionWords("loss is NaN or ∞", tip="Always watched for: training ends there before the update."),
    LossAbove: ConditionWords("loss above", "", "loss > {}", "The loss of a minibatch is above this."),
    LossJumps: ConditionWords(
        "loss jumps by", "×", "loss jumps {}", "Above the mean of the last 50 by this many times their spread."
    ),
    GradientAbove: ConditionWords(
        "gradient norm above", "", "gradient norm > {}", "‖dW‖ of all parameters, before clipping."
    ),
    RatioAbove: ConditionWords(
        "update ratio above",
        "",
        "update ratio > {}",
        "‖ΔW‖ / ‖W‖ of any layer. Steps take about 1.13 times as long while this is on.",
    ),
    FilterDead: ConditionWords(
        "a filter is dead for",
        "steps",
        "filter dead for {}",
        "Its output is 0 for all judged images. Steps take about 1.25 times as long while this is on.",
    ),
    AccuracyReaches: ConditionWords("test accuracy from", "%", "test accuracy >= {}%", "Judged after every epoch."),
    ClassFlips: ConditionWords(
        "watched image flips", tip="The image that Watch shows is taken for another class than before."
    ),
    AtStep: ConditionWords("step", "", "step {}", "The minibatch with this number, counted from 1."),
    IsTrue: ConditionWords(
        "",
        "",
        "{}",
        "An expression over the arrays of the pass. One that asks for activations can make steps 5 times as long.",
    ),
    SignChanges: ConditionWords(
        "",
        "changes sign",
        "{} changes sign",
        "A number of the pass, such as one weight, has another sign than in the minibatch before.",
    ),
}

OFFERED = (
    LossAbove(),
    LossJumps(),
    GradientAbove(),
    RatioAbove(),
    FilterDead(),
    AccuracyReaches(),
    ClassFlips(),
    AtStep(),
)
"""The conditions offered by the menu Add."""


def words_of(condition: Condition) -> ConditionWords:
    """The words of a condition."""
    if isinstance(condition, ClassFlips) and condition.image is not None:
        return ConditionWords(f"test image {condition.image:,} flips", tip="It is taken for another class than before.")
    return KINDS[type(condition)]


def value_of(condition: Condition) -> str | None:
    """The text in a condition's field; None if it has no value."""
    match condition:
        case LossAbove(value) | GradientAbove(value) | RatioAbove(value) | LossJumps(value):
            return f"{value:g}"
        case AccuracyReaches(share):
            return f"{100 * share:g}"
        case FilterDead(value) | AtStep(value):
            return str(value)
        case IsTrue(text) | SignChanges(text):
            return text
    return None


def with_value(condition: Condition, text: str) -> Condition:
    """The same kind of condition with another value.

    Raises
    ------
    ConditionError
        The text is no valid value; the message says why in one sentence.
    """
    kind = words_of(condition)
    if isinstance(condition, IsTrue):
        return read_condition(text)
    if isinstance(condition, SignChanges):
        return read_condition(f"{text.strip()} changes sign")
    plain = text.strip().replace(",", "").removesuffix(kind.unit or "\0").strip()
    try:
        float(plain)
    except ValueError:
        raise ConditionError(f"{kind.words}: expected a number, got {text.strip()!r}") from None
    found = read_condition(kind.written.format(plain))
    if type(found) is not type(condition):  # such as for 1_000, which is a number to Python only
        raise ConditionError(f"{kind.words}: expected a number, got {text.strip()!r}")
    return found


def kinds_to_add() -> tuple[tuple[str, str], ...]:
    """The conditions that can be added: in words, and as the user would type them."""
    return tuple((whole_words(one), written(one)) for one in OFFERED)


def whole_words(condition: Condition) -> str:
    """A condition in words, with its value: ``loss above 5``."""
    kind = words_of(condition)
    return " ".join(part for part in (kind.words, value_of(condition) or "", kind.unit) if part)
