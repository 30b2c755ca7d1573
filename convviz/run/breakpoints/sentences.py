"""The sentences that say why a breakpoint was hit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from convviz.present.numbers import format_value

if TYPE_CHECKING:
    from convviz.run.breakpoints.facts import Facts

MOST = 0.85
"""Share of the loss that "most of it" means."""


def of_loss(facts: Facts, class_names: tuple[str, ...]) -> str:
    """``5.5 times the mean of the last 50 (0.4635): one image, a 5 taken for a 6, gives 38 % of it, …``."""
    parts = []
    if len(facts.recent):
        mean = float(facts.recent.mean())
        if mean > 0:
            times, before = format_value(facts.done.loss / mean, 2), len(facts.recent)
            whose = f"the mean of the last {before}" if before > 1 else "the one before"
            parts.append(f"{times} times {whose} ({format_value(mean)})")
    losses = np.asarray(facts.losses, np.float64)
    if len(losses) > 1 and np.isfinite(losses).all() and losses.sum() > 0:
        parts.append(of_images(facts, losses, class_names))
    return ": ".join(parts) + "." if parts else ""


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


def capital(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]
