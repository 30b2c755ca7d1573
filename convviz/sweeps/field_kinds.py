"""The values that a field of a design accepts, in words and as suggestions, for the dialog of a new sweep."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from msgspec import inspect as kinds

from convviz.core.design import Design
from convviz.storage.schema_errors import either, expected, kind_at, tags
from convviz.sweeps.fields import KIND, Value, field_paths, place_of, value_of
from convviz.sweeps.values import rounded, written

__all__ = ["AcceptedValues", "field_kind", "swept_paths"]

FACTORS = ("lr", "weight_decay", "clip_norm", "epsilon", "final")
"""Fields whose values are compared by factors, not by differences."""
PLUMBING = ("input", "init")
"""Fields of a layer that say what it is connected to, or hold a table."""


@dataclass(frozen=True, slots=True)
class AcceptedValues:
    """What a field takes.

    Parameters
    ----------
    words : str
        ``a whole number from 1 to 65,536``.
    now : bool, int, float, str, None or (int, int)
        Its value in the design.
    number, whole : bool
        Whether it takes numbers, so that there are ranges of them; and whole ones only.
    log : bool
        Whether a range of it is better divided into equal factors than into equal steps.
    choices : tuple of str
        The words that it takes, if it takes no others.
    low, high : float or None
        Limits of a suggested range: those of the field, or narrower ones.
    """

    words: str
    now: Value
    number: bool
    whole: bool
    log: bool
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def suggested_list(self) -> str:
        """A list to begin with, around the field's value."""
        now = self.now
        if self.choices or isinstance(now, bool) or not isinstance(now, int | float) or not self.number:
            return written(now)
        near = [round(now * factor) if self.whole else rounded(now * factor) for factor in (0.5, 1, 2)]
        inside = [one for one in near if (self.low or 0) <= one <= (self.high or one) and one]
        return ",".join(map(written, dict.fromkeys(inside or [now])))

    @property
    def suggested_range(self) -> tuple[str, str]:
        """The ends of a range to begin with."""
        now = float(self.now) if isinstance(self.now, int | float) else 0.0
        low, high = (now / 10, now * 10) if self.log else (now / 2, now * 2)
        if not now:
            low, high = (1.0, 10.0) if self.whole else (1e-4, 1e-1) if self.log else (0.0, 0.5)
        high = min(high, self.high) if self.high is not None else high
        low = max(low, self.low) if self.low is not None else low
        ends = [float(round(one)) if self.whole else rounded(one) for one in (low, high)]
        return written(ends[0]), written(ends[1])


def field_kind(design: Design, path: str) -> AcceptedValues:
    """What a field takes.

    Raises
    ------
    SweepError
        There is no such field.
    """
    given = msgspec.to_builtins(design.named())
    place = list(place_of(given, path))
    now = value_of(design, path)
    schema = kinds.type_info(Design)
    if place[-1] == KIND:
        words = tuple(tags(kind_at(schema, given, place[:-1], tagged=False)))
        return AcceptedValues(
            either([f"“{one}”" for one in words]), now, number=False, whole=False, log=False, choices=words
        )
    kind = kind_at(schema, given, place)
    members = kind.types if isinstance(kind, kinds.UnionType) else (kind,)
    numbers = [one for one in members if isinstance(one, kinds.IntType | kinds.FloatType)]
    choices: tuple[str, ...] = ()
    if isinstance(kind, kinds.LiteralType):
        choices = tuple(map(str, kind.values))
    elif any(isinstance(one, kinds.BoolType) for one in members):
        choices = ("false", "true")
    return AcceptedValues(
        expected(kind).replace(".0 ", " ").removesuffix(".0"),
        now,
        number=bool(numbers),
        whole=bool(numbers) and all(isinstance(one, kinds.IntType) for one in numbers),
        log=path.rpartition(".")[2] in FACTORS,
        choices=choices,
        low=next((float(end) for one in numbers for end in (one.ge, one.gt) if end is not None), None),
        high=next((float(end) for one in numbers for end in (one.le, below(one.lt)) if end is not None), None),
    )


def below(end: float | None) -> float | None:
    """A number below the lower end of what a field takes."""
    return None if end is None else 0.99 * end


def swept_paths(design: Design) -> tuple[str, ...]:
    """The fields that one would sweep: settings of training first, then those of the layers."""
    paths = [path for path in field_paths(design) if path != "training.seed"]
    training = [path for path in paths if path.startswith("training.")]
    layers = [path for path in paths if path.startswith("layers.") and path.rpartition(".")[2] not in PLUMBING]
    return (*training, *layers)
