"""The settings of a Keras layer. They come from a file, so each is checked when it is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from convviz.storage.formats.making import UnknownNodeError
from convviz.storage.formats.said import printable


class Settings:
    """The settings of one layer.

    Parameters
    ----------
    values : mapping of str to object
        The JSON object.

    Raises
    ------
    UnknownNodeError
        Raised by each method: the setting is missing, or of another kind.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        """A setting, unchecked; None if the file has none."""
        return self._values.get(name)

    def flag(self, name: str, default: bool) -> bool:
        """A truth value."""
        found = self._given(name, default)
        if not isinstance(found, bool):
            raise self._refused(name, "true or false", found)
        return found

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        found = self._given(name, default)
        if isinstance(found, bool) or not isinstance(found, int):
            raise self._refused(name, "a whole number", found)
        return found

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        found = self._given(name, default)
        # Some versions write numbers as {"class_name": "__numpy__", "config": {"value": …}}.
        if isinstance(found, Mapping):
            found = _inside(found).get("value")
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            raise self._refused(name, "a number", found)
        return float(found)

    def numbers(self, name: str, default: float | None = None) -> tuple[float, ...]:
        """One finite number, or several."""
        found = self._given(name, default)
        while isinstance(found, Sequence) and not isinstance(found, str) and len(found) == 1:
            found = found[0]
        if isinstance(found, Sequence) and not isinstance(found, str):
            return tuple(Settings({name: one}).number(name) for one in found)
        return (self.number(name, default),) if not isinstance(found, int | float) else (float(found),)

    def pair(self, name: str, default: int | None = None) -> tuple[int, int]:
        """A vertical and a horizontal size; a single number means both."""
        found = self._given(name, default)
        if isinstance(found, int) and not isinstance(found, bool):
            return found, found
        if (
            not isinstance(found, Sequence)
            or len(found) != 2
            or not all(isinstance(one, int) and not isinstance(one, bool) for one in found)
        ):
            raise self._refused(name, "two whole numbers", found)
        return found[0], found[1]

    def sides(self, name: str) -> tuple[int, int, int, int]:
        """Sizes at the top, bottom, left and right."""
        found = self._given(name, None)
        if isinstance(found, Sequence) and len(found) == 2 and all(isinstance(one, Sequence) for one in found):
            (top, bottom), (left, right) = (Settings({name: one}).pair(name) for one in found)
            return top, bottom, left, right
        vertical, horizontal = self.pair(name)
        return vertical, vertical, horizontal, horizontal

    def word(self, name: str, default: str | None = None) -> str:
        """A word."""
        found = self._given(name, default)
        if not isinstance(found, str):
            raise self._refused(name, "a word", found)
        return found

    def function(self, name: str) -> str:
        """The name of a function such as ``relu``; empty if there is none."""
        found = self._values.get(name)
        if isinstance(found, Mapping):  # {"module": "builtins", "class_name": "function", "config": "relu"}
            inside = found.get("config")
            found = inside if isinstance(inside, str) else found.get("class_name")
        if found is None or found == "linear":
            return ""
        if not isinstance(found, str):
            raise self._refused(name, "the name of a function", found)
        return found

    def axis(self, rank: int) -> int:
        """The axis along which a layer works, counted from 0, for a value with ``rank`` axes."""
        found = self._given("axis", -1)
        if isinstance(found, Sequence) and not isinstance(found, str) and len(found) == 1:
            found = found[0]
        if isinstance(found, bool) or not isinstance(found, int) or not -rank <= found < rank:
            raise self._refused("axis", "one of the axes", found)
        return found % rank

    def _given(self, name: str, default: Any) -> Any:
        found = self._values.get(name)
        if found is None:
            found = default
        if found is None:
            raise UnknownNodeError(f"its {name}: expected it in the file, found nothing")
        return found

    @staticmethod
    def _refused(name: str, wanted: str, found: Any) -> UnknownNodeError:
        return UnknownNodeError(f"its {name}: expected {wanted}, got {printable(repr(found), 40)}")


def _inside(found: Mapping[str, Any]) -> Mapping[str, Any]:
    inside = found.get("config")
    return inside if isinstance(inside, Mapping) else {}
