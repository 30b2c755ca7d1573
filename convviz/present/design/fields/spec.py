"""One field of a layer, an optimiser, the training … as its editor sees it: range, words, reading and writing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from convviz.plurals import capital
from convviz.present.design.fields.text import nice_step, normal, read_float, read_int, write_number
from convviz.present.design.fields.words import Words

__all__ = ["FieldKind", "FieldSpec", "FieldValueError"]


class FieldValueError(ValueError):
    """A text is not a value of the field; the message says what was expected and what the text was."""


class FieldKind(StrEnum):
    """The kind of editor that a field needs."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TEXT = "text"
    CHOICE = "choice"
    PAIR = "pair"
    SOURCES = "sources"
    NUMBERS = "numbers"
    INIT = "init"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field.

    Parameters
    ----------
    name : str
        Name in the schema.
    kind : FieldKind
    words : Words
        Label, tooltip, unit; when a change takes effect.
    default
    low, high : float or None
        The range; None is open.
    low_open, high_open : bool
        Whether the end itself is excluded.
    choices : tuple of str
        Words that are values: ``same`` and ``valid`` beside numbers, or all values of the field.
    optional : bool
        Whether None is a value; ``none_word`` is its name.
    structs : tuple of type
        What a STRUCT field may hold.
    """

    name: str
    kind: FieldKind
    words: Words
    default: Any = None
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False
    none_word: str = ""
    structs: tuple[type, ...] = ()

    @property
    def label(self) -> str:
        """The field's label."""
        return self.words.label

    @property
    def wanted(self) -> str:
        """The expected values in words, with the range."""
        match self.kind:
            case FieldKind.BOOL:
                return "yes or no"
            case FieldKind.TEXT:
                return "text"
            case FieldKind.SOURCES:
                return "names of earlier layers with commas between them, or nothing for the layer before"
            case FieldKind.NUMBERS:
                return f"numbers with commas between them, or {self.none_word}"
            case FieldKind.CHOICE:
                return " or ".join(self.choices)
        whole = "a number" if self.kind is FieldKind.FLOAT else "a whole number"
        text = whole + self._range()
        if self.kind is FieldKind.PAIR:
            text += " or two (7×5)"
        more = [*self.choices, *([self.none_word] if self.optional and self.none_word else [])]
        return " or ".join([text, *more])

    def _range(self) -> str:
        low = None if self.low is None else write_number(self.low)
        # A bound that is only the limit of the number type would not help anybody.
        high = None if self.high is None or self.high >= 2**62 else write_number(self.high)
        if low is not None and high is not None:
            start = f" above {low} and up to" if self.low_open else f" from {low} to"
            return f"{start} just below {high}" if self.high_open else f"{start} {high}"
        if low is not None:
            return f" above {low}" if self.low_open else f" of {low} or more"
        return f" of {high} or less" if high is not None else ""

    @property
    def tip(self) -> str:
        """Tooltip: what the field does, its range, and when a change takes effect."""
        parts = [self.words.tip]
        if self.kind in (FieldKind.INT, FieldKind.FLOAT, FieldKind.PAIR):
            unit = f" ({self.words.unit})" if self.words.unit else ""
            parts.append(f"{capital(self.wanted)}{unit}.")
        if self.words.when:
            parts.append(self.words.when)
        return "\n".join(parts)

    def write(self, value: Any) -> str:
        """Write a value as text; :meth:`read` reads it back."""
        if value is None:
            return self.none_word
        if self.kind is FieldKind.SOURCES:
            names = (value,) if isinstance(value, str) else value
            return ", ".join(name or "the layer before" for name in names)
        if self.kind is FieldKind.NUMBERS:
            return ", ".join(write_number(one, group=False) for one in value)
        if isinstance(value, tuple):
            return "×".join(str(one) for one in value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.kind is FieldKind.PAIR and isinstance(value, int) and self.words.square:
            return f"{value}×{value}"
        if isinstance(value, int | float):
            return write_number(value, group=self.kind is FieldKind.INT and value >= 1_000)
        return str(value)

    def read(self, text: str) -> Any:
        """Read a value from text.

        Raises
        ------
        FieldValueError
            ``kernel: expected a whole number from 1 to 1,024 or two (7×5), got “x”``
        """
        shown = text.strip()
        low = shown.lower()
        try:
            if self.optional and low in ("", self.none_word.lower(), "none"):
                return None
            if low in self.choices:
                return low
            return self._checked(self._parsed(shown, low))
        except (ValueError, OverflowError):
            got = f"“{shown[:40]}”" if shown else "nothing"
            raise FieldValueError(f"{self.label}: expected {self.wanted}, got {got}") from None

    def _parsed(self, text: str, low: str) -> Any:
        match self.kind:
            case FieldKind.TEXT:
                return text
            case FieldKind.SOURCES:
                names = tuple(part.strip().replace("the layer before", "") for part in text.split(","))
                return names[0] if len(names) == 1 else names
            case FieldKind.NUMBERS:
                return tuple(read_float(part) for part in re.split(r"[;,\s]+", low.strip("[]() ")) if part)
            case FieldKind.BOOL if low in ("yes", "no", "true", "false", "1", "0"):
                return low in ("yes", "true", "1")
            case FieldKind.INT:
                return read_int(text)
            case FieldKind.FLOAT:
                return read_float(text)
            case FieldKind.PAIR:
                return normal(
                    tuple(read_int(part) for part in re.split(r"\s*[×x*]\s*|\s*,\s*|\s+", low.strip("[]() ")))
                )
        raise ValueError(text)

    def _checked(self, value: Any) -> Any:
        numbers = value if isinstance(value, tuple) else (value,)
        several = self.kind in (FieldKind.SOURCES, FieldKind.NUMBERS)
        if isinstance(value, tuple) and len(value) != 2 and not several:
            raise ValueError("a pair has two")
        if self.kind in (FieldKind.INT, FieldKind.FLOAT, FieldKind.PAIR, FieldKind.NUMBERS):
            for one in numbers:
                if not self.holds(one):
                    raise ValueError("out of range")
        return value

    def holds(self, number: float) -> bool:
        """Whether a number is in the range."""
        if not math.isfinite(number):
            return False
        if self.low is not None and (number < self.low or (self.low_open and number == self.low)):
            return False
        return self.high is None or number < self.high or (number == self.high and not self.high_open)

    def stepped(self, value: Any, way: int, low: float | None = None, high: float | None = None) -> Any:
        """The next value up (way 1) or down (-1), inside the range and inside ``low … high`` if these are given.

        Whole numbers change by the field's step, both numbers of a pair together. Other numbers move along 1, 2, 5,
        10 …
        """
        if self.kind is FieldKind.BOOL:
            return way > 0
        if self.kind is FieldKind.CHOICE:
            at = self.choices.index(value) if value in self.choices else 0
            return self.choices[min(max(at + way, 0), len(self.choices) - 1)]
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, tuple):
            moved = tuple(self.stepped(one, way, low, high) for one in value)
            return normal(moved) if all(a != b for a, b in zip(moved, value, strict=True)) else value
        new = value + way * self.words.step if isinstance(value, int) else nice_step(value, way, self.words.least)
        bottom = max(n for n in (self.low, low, -math.inf) if n is not None)
        top = min(n for n in (self.high, high, math.inf) if n is not None)
        if isinstance(value, int):
            new = int(min(max(new, bottom), top)) if bottom <= top else value
            # A value outside the narrower range (typed, or from a file) may move back, but not further away.
            return new if (new - value) * way >= 0 or not bottom <= value <= top else value
        return new if self.holds(new) and bottom <= new <= top else value
