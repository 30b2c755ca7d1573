"""Values of flags, checked where they enter."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable


def positive_float(text: str) -> float:
    """A finite number greater than 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"expected a number greater than 0, got {text}")
    return value


def learning_rate(text: str) -> float:
    """A number greater than 0 and within what designs take."""
    value = positive_float(text)
    if value > 1000:
        raise argparse.ArgumentTypeError(f"expected a number of at most 1,000, got {text}")
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """Whole numbers from ``low`` to ``high``."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected a whole number from {low:,} to {high:,}, got {text}")
        return value

    return read
