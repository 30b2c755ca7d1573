"""Writes readable TOML: values of the schema as tables, in the order of the schema.

Fields with their default values are left out, so that a file shows what is special about a design; only the fields that
readers expect are always written.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from convviz.core.struct_fields import fields_of

ALWAYS = frozenset(
    {
        *("type", "name", "channels", "height", "width", "classes"),
        *("filters", "kernel", "stride", "padding", "size", "units", "rate"),
        *("lr", "batch_size", "epochs", "seed", "kind"),
        *("input", "optimiser"),
    }
)
"""Fields that are written even if they have their default value."""
A_LINE = 8
"""Most texts of a list that are written on one line."""


def table_lines(value: msgspec.Struct, path: str = "") -> list[str]:
    """Lines of a table: its plain fields, then a table for every field whose value has fields of its own.

    A tuple of structs becomes an array of tables; structs inside these are written inline.
    """
    lines: list[str] = []
    later: list[str] = []
    for name, field in shown(value).items():
        where = f"{path}.{name}" if path else name
        if isinstance(field, msgspec.Struct):
            later += ["", f"[{where}]", *table_lines(field, where)]
        elif isinstance(field, tuple) and field and isinstance(field[0], msgspec.Struct):
            for one in field:
                later += ["", f"[[{where}]]", *(f"{key} = {literal(held)}" for key, held in shown(one).items())]
        else:
            lines.append(f"{name} = {literal(field)}")
    return lines + later


def shown(value: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct that are to be written, its tag first."""
    config = value.__struct_config__
    found: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
    for field in fields_of(value):
        held = getattr(value, field.name)
        if held is None or held == () or (held == "" and field.default == ""):
            continue
        if field.name in ALWAYS or not same(held, field.default):
            found[field.name] = held
    return found


def same(a: object, b: object) -> bool:
    """Whether two values are equal and of the same type: 1 and True are not."""
    return type(a) is type(b) and a == b


def literal(value: Any) -> str:
    """A value as TOML text, mostly on one line.

    Raises
    ------
    TypeError
        TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        # A JSON string is a TOML string, except for one control character that JSON doesn't escape.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple) and len(value) > A_LINE and isinstance(value[0], str):
        lines = (value[at : at + A_LINE] for at in range(0, len(value), A_LINE))  # readers limit a line's length
        return "".join(["[\n", *(f"  {', '.join(map(literal, line))},\n" for line in lines), "]"])
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    if isinstance(value, msgspec.Struct):
        return "{ " + ", ".join(f"{key} = {literal(held)}" for key, held in shown(value).items()) + " }"
    raise TypeError(f"TOML: expected a number, text, truth value, list or struct, got {type(value).__name__}")
