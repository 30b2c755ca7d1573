"""The fields of a struct, cached: msgspec would read the class's annotations every time, which takes a millisecond."""

from __future__ import annotations

from functools import cache

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

__all__ = ["fields_of"]


def fields_of(value: Struct) -> tuple[FieldInfo, ...]:
    """Names, types and defaults of the fields of a struct."""
    return _fields(type(value))


@cache
def _fields(kind: type[Struct]) -> tuple[FieldInfo, ...]:
    return fields(kind)
