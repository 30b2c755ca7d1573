"""What is to be tried for a field: a list of values, or a range.

    8,16,32                 these
    0.001..0.1:log:8        eight from 0.001 to 0.1, each the same multiple of the one before
    0..0.5:6                six at equal distances
    3..7                    every whole number from 3 to 7, for fields of whole numbers
    3,5,3x7                 a pair is written with x: height and width
    adam,momentum           kinds, as in a design's file

In a random search, a range without a number of values is drawn from continuously. Numbers of a range are rounded to
four significant digits, so that they read the same everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convviz.core.design import Design
from convviz.sweeps.errors import SweepError
from convviz.sweeps.fields import Value, check_field, is_whole, with_values

__all__ = ["MOST_VALUES", "Range", "SweptField", "axis_of", "read_axis", "written"]

MOST_VALUES = 1000
"""Most values of one field."""
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
RANGE = re.compile(rf"({NUMBER})\.\.({NUMBER})(?::(log|linear))?(?::(\d{{1,9}}))?")
PAIR = re.compile(r"(\d{1,9})[x×](\d{1,9})")
WORDS: dict[str, Value] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True, slots=True)
class Range:
    """A range to draw from.

    Parameters
    ----------
    low, high : float
    log : bool
        Whether values are drawn evenly on a logarithmic scale, instead of a linear one.
    whole : bool
    """

    low: float
    high: float
    log: bool
    whole: bool

    def at(self, share: float) -> Value:
        """The value at a share of the way from the low end, 0, to the high end, 1."""
        found: float
        if self.log:
            found = self.low * (self.high / self.low) ** share
        else:
            found = self.low + (self.high - self.low) * share
        if self.whole:
            return round(found)
        return found if found in (self.low, self.high) else rounded(found)


@dataclass(frozen=True, slots=True)
class SweptField:
    """A field, and the values that are tried for it.

    Parameters
    ----------
    path : str
    values : tuple
        Empty for a range that is only drawn from.
    span : Span, optional
        If it is a range.
    """

    path: str
    values: tuple[Value, ...]
    span: Range | None = None

    def drawn(self, rng: np.random.Generator) -> Value:
        """One value at random."""
        if self.values or self.span is None:
            return self.values[int(rng.integers(len(self.values)))]
        return self.span.at(float(rng.random()))

    @property
    def words(self) -> str:
        """As it is written: ``layers.conv1.filters=8,16,32``."""
        if self.span is None:
            return f"{self.path}={','.join(map(written, self.values))}"
        low, high = (written(round(end) if self.span.whole else end) for end in (self.span.low, self.span.high))
        log, count = ":log" if self.span.log else "", f":{len(self.values)}" if self.values else ""
        return f"{self.path}={low}..{high}{log}{count}"


def read_axis(design: Design, text: str) -> SweptField:
    """Read ``PATH=VALUES``.

    Raises
    ------
    SweepError
        It is written otherwise, there is no such field, or a value doesn't fit it.
    """
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        raise SweepError(f"expected FIELD=VALUES, such as training.optimiser.lr=0.001,0.01, got {text!r}")
    return axis_of(design, path.strip(), values.strip())


def axis_of(design: Design, path: str, given: str | Sequence[Value]) -> SweptField:
    """The axis of a field, from text as in :func:`read_axis` or from values.

    Raises
    ------
    SweepError
    """
    check_field(design, path)
    if not isinstance(given, str):
        values: list[Value] = list(given)
    elif found := RANGE.fullmatch(given):
        return _range(design, path, given, found)
    else:
        values = [read_value(one.strip(), path) for one in given.split(",")]
    return SweptField(path, _checked(design, path, values))


def read_value(text: str, path: str) -> Value:
    """One value of a list."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if pair := PAIR.fullmatch(text):
        return int(pair[1]), int(pair[2])
    if re.fullmatch(r"[-+]?\d{1,30}", text):
        return int(text)
    if re.fullmatch(NUMBER, text):
        return float(text)
    if not text or ".." in text or not re.fullmatch(r"[\w-]+", text):
        raise SweepError(
            f"{path}: expected values such as 8,16,32 or a range such as 1..9:log:8, got {text[:60] or 'nothing'!r}"
        )
    return text


def written(value: object) -> str:
    """A value as it is written in a list."""
    if isinstance(value, tuple | list):
        return "x".join(map(str, value))
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def rounded(number: float, digits: int = 4) -> float:
    """A number with four significant digits."""
    return float(f"{number:.{digits - 1}e}")


def _range(design: Design, path: str, text: str, found: re.Match[str]) -> SweptField:
    low, high, log = float(found[1]), float(found[2]), found[3] == "log"
    whole, count = is_whole(design, path), int(found[4]) if found[4] else None
    where = f"{path}={text}"
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise SweepError(f"{where}: expected a range from a smaller to a larger number")
    if log and low <= 0:
        raise SweepError(f"{where}: expected a logarithmic range above 0, got one from {found[1]}")
    if whole and not (low.is_integer() and high.is_integer()):
        raise SweepError(f"{where}: expected whole numbers, got {found[1]} and {found[2]}")
    if count is not None and not 2 <= count <= MOST_VALUES:
        raise SweepError(f"{where}: expected from 2 to {MOST_VALUES:,} values, got {count:,}")
    span = Range(low, high, log, whole)
    if count is None and whole and not log:
        count = int(high - low) + 1
        if count > MOST_VALUES:
            count = None  # too many for a grid: only to draw from
    shares = () if count is None else tuple(number / (count - 1) for number in range(count))
    values = dict.fromkeys(span.at(share) for share in shares)
    for end in (span.at(0.0), span.at(1.0)):
        with_values(design, {path: end})
    return SweptField(path, tuple(values), span)


def _checked(design: Design, path: str, values: Sequence[Value]) -> tuple[Value, ...]:
    if not values:
        raise SweepError(f"{path}: expected at least one value, got none")
    if len(values) > MOST_VALUES:
        raise SweepError(f"{path}: expected at most {MOST_VALUES:,} values, got {len(values):,}")
    seen: set[str] = set()
    for value in values:
        if written(value) in seen:
            raise SweepError(f"{path}: expected different values, got {written(value)} twice")
        seen.add(written(value))
        with_values(design, {path: value})
    return tuple(values)
