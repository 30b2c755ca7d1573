"""Plain values as bytes and back: what can go through this could go to another process.

Only what has a name here is a plain value: numbers, text, paths, tuples, mappings, arrays, members of a text enum, and
frozen records of those. A function, an open file, or an object with a life of its own is refused.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np


class NotPlainError(TypeError):
    """Something that can't be sent."""


def packed(value: object) -> bytes:
    """A value as msgpack."""
    return msgspec.msgpack.encode(tree(value))


def unpacked(contents: bytes) -> object:
    """The value again."""
    return value_of(msgspec.msgpack.decode(contents))


def tree(value: object) -> object:
    """A value made of what msgpack knows; equal values have equal trees."""
    kind = type(value)
    if isinstance(value, StrEnum):
        return ["record", path_of(kind), {"value": value.value}]
    if value is None or kind in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray):
        assert value.dtype.kind in "biuf", value.dtype
        return ["array", value.dtype.str, list(value.shape), value.tobytes()]
    if isinstance(value, Path):
        return ["path", str(value)]
    if kind is tuple:
        return ["tuple", [tree(one) for one in value]]
    if isinstance(value, Mapping):
        return ["mapping", [[tree(key), tree(one)] for key, one in value.items()]]
    if isinstance(value, msgspec.Struct):
        assert kind.__struct_config__.frozen, kind
        return ["record", path_of(kind), {name: tree(getattr(value, name)) for name in kind.__struct_fields__}]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if not kind.__dataclass_params__.frozen:
            raise NotPlainError(f"{kind.__name__} is not frozen")
        return [
            "record",
            path_of(kind),
            {one.name: tree(getattr(value, one.name)) for one in dataclasses.fields(value)},
        ]
    raise NotPlainError(f"{value!r} is no plain value")


def value_of(found: object) -> object:
    """The value of a tree."""
    if not isinstance(found, list):
        return found
    match found:
        case ["array", dtype, shape, contents]:
            return np.frombuffer(contents, dtype).reshape(shape)
        case ["path", text]:
            return Path(text)
        case ["tuple", items]:
            return tuple(value_of(one) for one in items)
        case ["mapping", items]:
            return {value_of(key): value_of(one) for key, one in items}
        case ["record", name, fields]:
            module, _, kind = name.rpartition(".")
            made = getattr(importlib.import_module(module), kind)
            return made(**{key: value_of(one) for key, one in fields.items()})
    raise NotPlainError(f"{found!r} is no tree of a value")


def path_of(kind: type) -> str:
    assert kind.__module__.startswith("convviz."), kind
    return f"{kind.__module__}.{kind.__qualname__}"
