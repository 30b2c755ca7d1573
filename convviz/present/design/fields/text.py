"""Numbers as text: read as people type them, written as short as possible, and stepped along round numbers."""

from __future__ import annotations

import math
import re
from typing import Any

from convviz.present.numbers import format_full

__all__ = ["nice_step", "normal", "read_float", "read_int", "write_number"]


def normal(value: Any) -> Any:
    """Replace a pair of equal numbers, such as (7, 7), by the one number; other values stay."""
    if isinstance(value, tuple | list) and all(isinstance(one, int) for one in value):
        if len(value) == 1 or (len(value) == 2 and value[0] == value[1]):
            return value[0]
        return tuple(value)
    return value


def read_int(text: str) -> int:
    """Read a whole number; ``60,000`` and ``60 000`` are accepted, ``1,5`` is not.

    Raises
    ------
    ValueError
        The text is no whole number of at most 19 digits.
    """
    cleaned = re.sub(r"(?<=\d)[, _](?=\d{3}\b)", "", text.strip().replace("−", "-"))
    if not re.fullmatch(r"[+-]?\d{1,19}", cleaned):
        raise ValueError(text)
    return int(cleaned)


def read_float(text: str) -> float:
    """Read a number: ``0.01``, ``0,01``, ``1e-3``, ``1 %`` …

    Raises
    ------
    ValueError
        The text is no finite number, or is ambiguous, as ``1,000`` is.
    """
    cleaned = text.strip().replace("−", "-")
    if re.search(r"[1-9]\d{0,2},\d{3}$", cleaned):
        raise ValueError(text)
    if cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    percent = cleaned.endswith("%")
    number = float(cleaned.rstrip("% ")) if len(cleaned) < 40 else math.nan
    if "_" in cleaned or not math.isfinite(number):
        raise ValueError(text)
    return number / 100 if percent else number


def write_number(number: float, *, group: bool = True) -> str:
    """The shortest text that reads back as the same number; whole floats without ``.0``."""
    if isinstance(number, int) or (number == int(number) and abs(number) < 1e15):
        return f"{int(number):,}" if group else str(int(number))
    text = format_full(number)
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{'-' if found[1] == '-' else ''}{found[2]}", text)


def nice_step(value: float, way: int, least: float = 1e-4) -> float:
    """The next of 1, 2, 5, 10 … (times any power of ten) above or below; from 0 to ``least``, and back."""
    if value == 0:
        return least if way > 0 else 0.0
    if value < 0:
        return -nice_step(-value, -way, least)
    if way < 0 and value <= least * 1.0001:
        return 0.0 if value > least / 1000 else value
    exponent = math.floor(math.log10(value) + 1e-9)
    ladder = [float(f"{step}e{power}") for power in (exponent - 1, exponent, exponent + 1) for step in (1, 2, 5)]
    if way > 0:
        return min(one for one in ladder if one > value * (1 + 1e-9))
    return max(one for one in ladder if one < value * (1 - 1e-9))
