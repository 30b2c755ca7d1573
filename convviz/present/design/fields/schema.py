"""Field specs read from the schema: names, types, ranges, defaults and choices."""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import inspect as kinds

from convviz.core.init import Init
from convviz.present.design.fields.spec import FieldKind, FieldSpec
from convviz.present.design.fields.words import NONE_WORDS, words_of

__all__ = ["fields_of"]


@cache
def fields_of(struct: type[msgspec.Struct]) -> tuple[FieldSpec, ...]:
    """The fields of a layer, an optimiser, the training …, in the schema's order."""
    info = kinds.type_info(struct)
    assert isinstance(info, kinds.StructType)
    tag = str(info.tag or struct.__name__.lower())
    return tuple(_spec(field, tag) for field in info.fields)


def _spec(field: kinds.Field, tag: str) -> FieldSpec:
    words = words_of(tag, field.encode_name)
    members = list(field.type.types) if isinstance(field.type, kinds.UnionType) else [field.type]
    optional = any(isinstance(one, kinds.NoneType) for one in members)
    members = [one for one in members if not isinstance(one, kinds.NoneType)]
    choices: tuple[str, ...] = ()
    for one in members:
        if isinstance(one, kinds.LiteralType):
            choices = tuple(str(value) for value in one.values)
    structs = tuple(one.cls for one in members if isinstance(one, kinds.StructType))
    listed = next((one.item_type for one in members if isinstance(one, kinds.VarTupleType)), None)
    number = next((one for one in members if isinstance(one, kinds.IntType | kinds.FloatType)), None)
    pairs = any(isinstance(one, kinds.VarTupleType | kinds.TupleType) for one in members)
    if pairs and number is not None:
        kind = FieldKind.PAIR
    elif isinstance(listed, kinds.FloatType):
        kind, number = FieldKind.NUMBERS, listed
    elif pairs:
        kind = FieldKind.SOURCES
    elif Init in structs:
        kind = FieldKind.INIT
    elif structs:
        kind = FieldKind.STRUCT
    elif isinstance(number, kinds.IntType):
        kind = FieldKind.INT
    elif isinstance(number, kinds.FloatType):
        kind = FieldKind.FLOAT
    elif choices:
        kind = FieldKind.CHOICE
    elif any(isinstance(one, kinds.BoolType) for one in members):
        kind = FieldKind.BOOL
    else:
        kind = FieldKind.TEXT
    low = high = None
    low_open = high_open = False
    if number is not None:
        low, low_open = (number.gt, True) if number.gt is not None else (number.ge, False)
        high, high_open = (number.lt, True) if number.lt is not None else (number.le, False)
    return FieldSpec(
        field.encode_name,
        kind,
        words,
        None if field.default is msgspec.NODEFAULT else field.default,
        low,
        high,
        low_open,
        high_open,
        words.ordered(choices),
        optional,
        NONE_WORDS.get(f"{tag}.{field.encode_name}", NONE_WORDS.get(field.encode_name, "none")) if optional else "",
        structs,
    )
