"""How two designs differ, field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from convviz.core.design import Design

__all__ = ["Difference", "differences", "flat", "value_words"]

ABSENT = "–"
IGNORED = ("name", "about")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two designs differ.

    Parameters
    ----------
    path : str
        ``training.optimiser.lr``; of a layer, ``layers.conv1.filters``.
    name : str
        Its short name: ``lr``, ``conv1.filters``.
    old, new : str
        The values of A and of the other, in words; ``–`` where there is none.
    """

    path: str
    name: str
    old: str
    new: str

    @property
    def words(self) -> str:
        """``lr 0.01 → 0.05``; a layer that only one has is named alone."""
        if self.path.count(".") == 1 and self.path.startswith("layers."):
            return f"+ {self.name}" if self.old == ABSENT else f"− {self.name}"
        return f"{self.name} {self.old} → {self.new}"

    @property
    def forms(self) -> tuple[str, ...]:
        """:attr:`words`, then shorter ones: without the old value, which is A's; then without the layer."""
        if self.words.startswith(("+", "−")):
            return (self.words,)
        return tuple(
            dict.fromkeys(
                (self.words, f"{self.name} → {self.new}", f"{self.name.rpartition('.')[2]} → {self.new}"),
            )
        )


@lru_cache(maxsize=4096)
def differences(a: Design, b: Design) -> tuple[Difference, ...]:
    """The fields in which ``b`` differs from ``a``, except the design's name.

    Layers are recognised by their names; a layer that only one design has is listed without its fields. Where the kind
    of a layer, optimiser or schedule differs, its own fields are not listed beside it.
    """
    if a == b:
        return ()
    old, new = flat(a), flat(b)
    differing = {path for path, _ in old.items() ^ new.items()}
    changed = {path.rpartition(".")[0] for path in differing if path.endswith(".type")}
    found: list[Difference] = []
    for path in (*filter(differing.__contains__, old), *filter((differing - old.keys()).__contains__, new)):
        left, right = old.get(path), new.get(path)
        owner = _owner(path, changed)
        # A kind's own fields follow from it; shared ones, such as the learning rate, are listed.
        if owner and path != f"{owner}.type" and (path not in old or path not in new):
            continue
        if owner.startswith("layers.") and path == f"{owner}.type" and (left is None or right is None):
            path = owner
        found.append(Difference(path, short_name(path), left or ABSENT, right or ABSENT))
    return tuple(found)


def _owner(path: str, changed: Collection[str]) -> str:
    """The outermost part of a design that a field belongs to and whose kind differs; empty if there is none."""
    end = path.find(".")
    while end >= 0:
        if path[:end] in changed:
            return path[:end]
        end = path.find(".", end + 1)
    return ""


def short_name(path: str) -> str:
    """``training.optimiser.lr`` → ``lr``; ``training.optimiser.type`` → ``optimiser``; a layer's with its layer."""
    parts = path.split(".")
    if parts[-1] == "type":
        parts = parts[:-1]
    if parts[0] == "layers":
        return ".".join(parts[1:])
    if parts[-1] in ("kind", "scale") and len(parts) > 1:
        return ".".join(parts[-2:])
    return parts[-1].replace("_", " ")


@lru_cache(maxsize=4096)
def flat(design: Design) -> Mapping[str, str]:
    """Every field of a design by its path, as words."""
    found: dict[str, str] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, held in value.items():
                if not (path == "" and name in IGNORED) and not (path.startswith("layers.") and name == "name"):
                    walk(f"{path}.{name}" if path else name, held)
        elif path == "layers":
            for layer in value:
                walk(f"layers.{layer['name']}", layer)
        else:
            found[path] = value_words(value)

    walk("", msgspec.to_builtins(design))
    return found


def value_words(value: Any) -> str:
    """A value as short text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return "×".join(map(value_words, value))
    return str(value)
