"""Fields of a design by their path, such as ``training.optimiser.lr`` or ``layers.conv1.filters``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect as kinds

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.storage.designs import converted
from convviz.storage.schema_errors import Part, kind_at, shown, tags
from convviz.sweeps.errors import SweepError

__all__ = [
    "KIND",
    "Value",
    "check_field",
    "field_paths",
    "is_whole",
    "place_of",
    "short_names",
    "value_of",
    "with_values",
]

Value = bool | int | float | str | None | tuple[int, int]
"""What a field may be set to: a number, text, nothing, or a pair such as the height and width of a kernel."""
KIND = "type"
"""The field that decides which other fields a layer, an optimiser or a schedule has."""
NOT_SWEPT = ("name", "about")


def field_paths(design: Design) -> tuple[str, ...]:
    """All fields of a design that a sweep may change, in the order of the schema.

    Examples
    --------
    >>> import convviz
    >>> [path for path in field_paths(convviz.preset("course-7x7")) if "conv1" in path][:3]
    ['layers.conv1.type', 'layers.conv1.filters', 'layers.conv1.kernel']
    """
    found: list[str] = []

    def walk(path: str, given: Any) -> None:
        if isinstance(given, dict):
            for name, held in given.items():
                if name not in NOT_SWEPT:
                    walk(f"{path}.{name}" if path else name, held)
        elif path == "layers":
            for layer in given:
                walk(f"layers.{layer['name']}", layer)
        else:
            found.append(path)

    walk("", msgspec.to_builtins(design.named()))
    return tuple(found)


def check_field(design: Design, path: str) -> None:
    """Refuse a path that leads to no field.

    Raises
    ------
    SweepError
        The message names the part of the path that is wrong, and what there is.
    """
    place_of(msgspec.to_builtins(design.named()), path)


def value_of(design: Design, path: str) -> Any:
    """The value of a field.

    Raises
    ------
    SweepError
        There is no such field.
    """
    given = msgspec.to_builtins(design.named())
    for part in place_of(given, path):
        given = given[part]
    return tuple(given) if isinstance(given, list) else given


def is_whole(design: Design, path: str) -> bool:
    """Whether a field takes whole numbers only."""
    given = msgspec.to_builtins(design.named())
    kind = kind_at(kinds.type_info(Design), given, list(place_of(given, path)))
    members = kind.types if isinstance(kind, kinds.UnionType) else (kind,)
    numbers = [one for one in members if isinstance(one, kinds.IntType | kinds.FloatType)]
    return bool(numbers) and all(isinstance(one, kinds.IntType) for one in numbers)


def with_values(design: Design, values: Mapping[str, Value]) -> Design:
    """The design with some fields set, which are checked against the schema.

    A new ``type`` comes first, so that its own fields can be set too: of a layer, what both kinds have stays; an
    optimiser or a schedule begins with its own settings.

    Raises
    ------
    SweepError
        There is no such field, or the value doesn't fit it.
    """
    design = design.named()
    for path, value in sorted(values.items(), key=lambda item: not item[0].endswith(f".{KIND}")):
        design = _with_value(design, path, value)
    return design


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Short names of fields that can be told apart: ``lr``; ``conv1.filters`` and ``conv2.filters``."""
    found: dict[str, str] = {}
    for path in paths:
        parts = path.split(".")
        # A field of a layer is named with its layer.
        count = 2 if parts[0] == "layers" else 1
        while count < len(parts) and any(
            other != path and other.split(".")[-count:] == parts[-count:] for other in paths
        ):
            count += 1
        found[path] = ".".join(parts[-count:])
    return found


def _with_value(design: Design, path: str, value: Value) -> Design:
    given = msgspec.to_builtins(design)
    *before, last = place_of(given, path)
    target = given
    for part in before:
        target = target[part]
    where = f"{path}={_written(value)}"
    if last == KIND and isinstance(target, dict):
        kept = _of_kind(given, before, value, where)
        target.clear()
        target.update(kept)
    else:
        target[last] = list(value) if isinstance(value, tuple) else value
    try:
        return converted(given, where)
    except DesignError as error:
        # The message has the path already.
        raise SweepError(str(error).replace(f"{where}: {path}: ", f"{where}: ")) from None


def _of_kind(given: Any, path: list[Part], value: Value, where: str) -> dict[str, Any]:
    """The table with another ``type``, and the fields that both kinds have."""
    kind = kind_at(kinds.type_info(Design), given, path, tagged=False)
    known = tags(kind)
    if value not in known:
        raise SweepError(f"{where}: expected one of {', '.join(known)}, got {shown(value)}")
    old = given
    for part in path:
        old = old[part]
    if old[KIND] == value:
        return dict(old)
    if path[0] != "layers":
        return {KIND: value}
    members = kind.types if isinstance(kind, kinds.UnionType) else (kind,)
    new = next(one for one in members if isinstance(one, kinds.StructType) and one.tag == value)
    names = {field.encode_name for field in new.fields}
    return {KIND: value} | {name: held for name, held in old.items() if name in names}


def place_of(given: Any, path: str) -> list[Part]:
    """The keys and numbers that lead to a field.

    Raises
    ------
    SweepError
    """
    found: list[Part] = []
    at: Any = given
    names = path.split(".")
    for number, name in enumerate(names):
        words = f"{'.'.join(names[:number]) or 'the design'}"
        if found == ["layers"]:
            layers = [layer["name"] for layer in at]
            if name not in layers:
                raise SweepError(
                    f"{path}: expected one of the layers {', '.join(layers) or '(none)'}, got {name or '“”'}"
                )
            key: Part = layers.index(name)
        elif not isinstance(at, dict):
            raise SweepError(f"{path}: expected {words}, which has no fields of its own, got a field of it: {name}")
        elif name not in at or (name in NOT_SWEPT and number == len(names) - 1):
            known = ", ".join(one for one in at if one not in NOT_SWEPT)
            raise SweepError(f"{path}: expected one of the fields of {words}, {known}, got {name or '“”'}")
        else:
            key = name
        found.append(key)
        at = at[key]
    if isinstance(at, dict) and KIND in at:
        return [*found, KIND]
    if isinstance(at, dict) or found == ["layers"]:
        known = ", ".join(at) if isinstance(at, dict) else ", ".join(layer["name"] for layer in at)
        raise SweepError(f"{path}: expected a single field of it, such as {path}.{known.split(', ')[0]}, got all of it")
    return found


def _written(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
