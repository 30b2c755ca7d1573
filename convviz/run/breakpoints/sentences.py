"""The sentences that say why a breakpoint was hit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.parse import COMPARISONS
from convviz.core.expressions.syntax import Binary, Expression
from convviz.present.numbers import format_value

if TYPE_CHECKING:
    from convviz.run.minibatch.facts import Facts

MOST = 0.85
"""Share of the loss that "most of it" means."""


REACHED = "Test accuracy {} has reached {}"
"""What is said of a hit after an epoch: the only one that holds no minibatch."""


def is_after_epoch(sentence: str) -> bool:
    """Whether a sentence, which a recording may have kept, is of a hit after an epoch."""
    return sentence.startswith(REACHED.partition("{")[0])


def of_loss(facts: Facts, class_names: tuple[str, ...]) -> str:
    """``5.5 times the mean of the last 50 (0.4635): one image, a 5 taken for a 6, gives 38 % of it, …``."""
    parts = []
    if len(facts.recent):
        mean = float(facts.recent.mean())
        if mean > 0:
            times, before = format_value(facts.done.loss / mean, 2), len(facts.recent)
            whose = f"the mean of the last {before}" if before > 1 else "the one before"
            parts.append(f"{times} times {whose} ({format_value(mean)})")
    parts += shares(facts, class_names)
    return ": ".join(parts) + "." if parts else ""


def about_loss(facts: Facts, class_names: tuple[str, ...]) -> str:
    """The same where nothing else says what the loss is: ``Its loss of 2.542 is 5.5 times the mean …``."""
    said, loss = of_loss(facts, class_names), format_value(facts.done.loss)
    return f"Its loss of {loss} is {said}" if said[:1].isdigit() else f"Its loss is {loss}."


def and_images(facts: Facts, class_names: tuple[str, ...]) -> str:
    """``; one image, a 5 taken for a 6, gives 38 % of it``; empty where nothing can be said."""
    return "".join(f"; {said}" for said in shares(facts, class_names))


def shares(facts: Facts, class_names: tuple[str, ...]) -> list[str]:
    """What images give of the loss; none where that is not finite, or there is one image only."""
    losses = np.asarray(facts.losses, np.float64)
    if len(losses) > 1 and np.isfinite(losses).all() and losses.sum() > 0:
        return [of_images(facts, losses, class_names)]
    return []


def both_sides(expression: Expression, facts: Facts) -> str:
    """``3.02 > 3.``: the two numbers that a condition compares; empty where it is no such comparison."""
    match expression:
        case Binary(sign, left, right) if sign in COMPARISONS:
            values = [evaluate(side, facts.find) for side in (left, right)]
            if all(value.ndim == 0 for value in values):
                return f"{format_value(float(values[0]), 6)} {sign} {format_value(float(values[1]), 6)}."
    return ""


def of_images(facts: Facts, losses: npt.NDArray[np.float64], class_names: tuple[str, ...]) -> str:
    """``one image, a 5 taken for a 6, gives 38 % of it, and 6 of 64 give 86 %``."""
    order = np.argsort(-losses, kind="stable")
    shares = losses[order] / losses.sum()
    worst = int(order[0])
    label, taken = (int(array[worst]) for array in (facts.labels, facts.predicted))
    is_named = max(label, taken) < len(class_names)
    names = [class_names[one] if is_named else str(one) for one in (label, taken)]
    as_what = f"a {names[0]} taken for a {names[1]}" if label != taken else f"a {names[0]}"
    most = int(np.searchsorted(np.cumsum(shares), MOST)) + 1
    said = f"one image, {as_what}, gives {percent(float(shares[0]))} of it"
    if 1 < most < len(losses):
        said += f", and {most} of {len(losses)} give {percent(float(shares[:most].sum()))}"
    return said


def percent(share: float) -> str:
    """``38 %``, ``0.4 %``, ``97.25 %``."""
    if not math.isfinite(share):
        return format_value(share)
    text = f"{100 * share:.3g}" if share < 0.9 else f"{100 * share:.4g}"
    return f"{text} %"
