"""Explains in one sentence why a file does not fit the schema.

The validating library tells where the error is, the schema what is expected there, and the file what it contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect as kinds

_WHERE = re.compile(r" - at `(\$[^`]*)`$")
_PART = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `(.*?)`")

Part = str | int


def explain(error: msgspec.ValidationError, given: Any, schema: type) -> tuple[list[Part], str]:
    """Where a value does not fit, what was expected there and what was found.

    Returns
    -------
    path : list
        Keys and indices that lead to the value.
    sentence : str
        ``expected a whole number from 1 to 65,536, got 0``
    """
    text = str(error)
    found = _WHERE.search(text)
    path: list[Part] = [
        name if name else int(number) for name, number in _PART.findall(found.group(1) if found else "")
    ]
    kind = kind_at(kinds.type_info(schema), given, path)
    unknown = _UNKNOWN.search(text)
    if unknown:
        known = ", ".join(field.encode_name for field in kind.fields) if isinstance(kind, kinds.StructType) else ""
        return path, f"unknown field {quoted(unknown.group(1))}, expected one of {known}"
    if "missing required field `type`" in text:
        return path, f"expected a type, one of {', '.join(tags(kind))}, got none"
    value = value_at(given, path)
    if path and path[-1] == "type":
        parent = kind_at(kinds.type_info(schema), given, path[:-1], tagged=False)
        return path, f"expected one of {', '.join(tags(parent))}, got {shown(value)}"
    return path, f"expected {expected(kind)}, got {shown(value)}"


def value_at(given: Any, path: Iterable[Part]) -> Any:
    """The value at a path; None if the path does not exist."""
    for part in path:
        try:
            given = given[part]
        except (LookupError, TypeError):
            return None
    return given


def kind_at(kind: kinds.Type, given: Any, path: list[Part], *, tagged: bool = True) -> kinds.Type:
    """The schema's type at a path; a tag in the file decides between structs."""
    for part in path:
        kind = chosen(kind, given)
        if isinstance(kind, kinds.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == part), kinds.AnyType())
        elif isinstance(kind, kinds.VarTupleType | kinds.ListType):
            kind = kind.item_type
        elif isinstance(kind, kinds.UnionType):
            rows = [one for one in kind.types if isinstance(one, kinds.VarTupleType)]
            kind = rows[0].item_type if rows else kinds.AnyType()
        given = value_at(given, [part])
    return chosen(kind, given) if tagged else kind


def chosen(kind: kinds.Type, given: Any) -> kinds.Type:
    """The member of a union that the file's tag names, or the only struct in it."""
    if isinstance(kind, kinds.UnionType) and isinstance(given, dict):
        structs = [one for one in kind.types if isinstance(one, kinds.StructType)]
        named = [one for one in structs if one.tag is not None and one.tag == given.get("type")]
        if named or len(structs) == 1:
            return (named or structs)[0]
    return kind


def tags(kind: kinds.Type) -> list[str]:
    """The tags of the structs in a union."""
    members = kind.types if isinstance(kind, kinds.UnionType) else (kind,)
    return [str(one.tag) for one in members if isinstance(one, kinds.StructType) and one.tag is not None]


def expected(kind: kinds.Type) -> str:
    """A kind of value in words, with its range."""
    match kind:
        case kinds.IntType():
            return f"a whole number{bounds(kind)}"
        case kinds.FloatType():
            return f"a number{bounds(kind)}"
        case kinds.BoolType():
            return "true or false"
        case kinds.StrType():
            return "text"
        case kinds.LiteralType():
            return either([f"“{value}”" for value in kind.values])
        case kinds.VarTupleType(max_length=2) | kinds.TupleType():
            item = kind.item_type if isinstance(kind, kinds.VarTupleType) else kind.item_types[0]
            return f"a pair of them ([{', '.join([example(item)] * 2)}])"
        case kinds.VarTupleType() | kinds.ListType():
            return "a list of tables ([[…]])" if tags(kind.item_type) else "a list"
        case kinds.StructType():
            return "a table of fields"
        case kinds.UnionType():
            members = [one for one in kind.types if not isinstance(one, kinds.NoneType)]
            if tags(kind):
                return "a table with a type"
            # "one number or a pair of them" reads better than the pair first.
            members.sort(key=lambda one: isinstance(one, kinds.LiteralType))
            return either([expected(one) for one in members])
        case _:
            return "something else"


def example(kind: kinds.Type) -> str:
    """An example of a value of this kind."""
    return str(kind.ge or 0) if isinstance(kind, kinds.IntType) else "0"


def bounds(kind: kinds.IntType | kinds.FloatType) -> str:
    """`` from 1 to 65,536``, `` above 0 and up to 1,000``, `` of 1 or more`` …"""

    def written(number: float) -> str:
        return f"{number:,}" if abs(number) < 2**53 else f"{number:.0e}"

    low = "" if kind.ge is None else f" from {written(kind.ge)}"
    if kind.gt is not None:
        low = f" above {written(kind.gt)}"
    if kind.le is not None:
        return f"{low} to {written(kind.le)}" if kind.gt is None else f"{low} and up to {written(kind.le)}"
    if kind.lt is not None:
        return f"{low} to just below {written(kind.lt)}"
    return f" of {written(kind.ge)} or more" if kind.ge is not None else low


def either(words: list[str]) -> str:
    """``a, b or c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def shown(value: Any) -> str:
    """A value as short text for a message."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > 63:
            return f"a number of about {value.bit_length() * 30103 // 100000 + 1} digits"
        case int() | float():
            return f"{value:,}"
        case str():
            return quoted(value)
        case list():
            plain = all(isinstance(one, int | float) and abs(one) < 2**63 for one in value)
            return str(value) if plain and len(value) <= 4 else f"a list of {len(value)}"
        case dict():
            return "a table"
        case _:
            return f"a {type(value).__name__}"


def quoted(text: str, longest: int = 40) -> str:
    """Text in quotes, shortened if it is long, with unprintable characters escaped."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "“" + "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in cut) + "”"
