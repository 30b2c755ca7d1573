"""A design with branches in Keras's functional form."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.layers import Add, Concat, Flatten, Layer, Multiply
from convviz.core.wiring import IMAGES
from convviz.present.code.common import identifiers, layer_comment
from convviz.present.code.exporter import Joins
from convviz.present.design.costs import Costs
from convviz.present.design.layer_costs import LayerCosts

__all__ = ["JOINS", "graph_lines", "input_call"]

WIDTH = 116


def graph_lines(design: Design, found: Costs, calls_of: Callable[[Any, LayerCosts], list[str]]) -> list[str]:
    """The model, layer by layer.

    Parameters
    ----------
    design : Design
    found : Costs
    calls_of : callable
        The calls that represent a layer.
    """
    names = identifiers((layer.name for layer in design.layers), TAKEN)
    local = {IMAGES: "x", **names}
    rows: list[str] = []
    for layer, cost in zip(design.layers, found.layers, strict=True):
        own, given = names[layer.name], [local[name] for name in cost.reads]
        join = JOINS.get(type(layer))
        if join is not None:
            value = join(given, [found.shape_of(name, design) or () for name in cost.reads])
            call, _, rest = value.partition("()")
            rows.append(f'{own} = {call}(name="{layer.name}"){rest}  {layer_comment(cost)}')
            continue
        calls = calls_of(layer, cost)
        if isinstance(layer, Flatten):
            calls = ["layers.Permute((3, 1, 2))", *calls]
        for number, call in enumerate(calls):
            comment = f"  {layer_comment(cost)}" if number == len(calls) - 1 else ""
            rows += applied(own, call, given[0] if not number else own, comment)
    return [
        "# Keras has the channels last; before they are flattened they become the first again, as in convviz.",
        f"x = {input_call(design)}",
        *rows,
        f"model = keras.Model(x, {names[design.layers[-1].name]})",
    ]


def applied(own: str, call: str, given: str, comment: str) -> list[str]:
    """The lines in which a layer is made and applied."""
    line = f"{own} = {call}({given}){comment}"
    if len(line) <= WIDTH:
        return [line]
    head, _, arguments = call.partition("(")
    inside = textwrap.wrap(arguments[:-1], WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return [f"{own} = {head}(", *(f"    {part}" for part in inside), f")({given}){comment}"]


def input_call(design: Design) -> str:
    """The images, with the channels last."""
    image = design.input
    return f"keras.Input(({image.height}, {image.width}, {image.channels}))"


def scaled(given: Sequence[str], shapes: Sequence[Shape]) -> str:
    """A product; a factor for each map is spread over its map."""
    maps = any(len(shape) == 3 for shape in shapes)
    parts = (
        name if len(shape) == 3 or not maps else f"layers.Reshape((1, 1, {shape[0]}))({name})"
        for name, shape in zip(given, shapes, strict=True)
    )
    return f"layers.Multiply()([{', '.join(parts)}])"


JOINS: Mapping[type[Layer], Joins] = MappingProxyType(
    {
        Add: lambda given, _shapes: f"layers.Add()([{', '.join(given)}])",
        Multiply: scaled,
        Concat: lambda given, _shapes: f"layers.Concatenate()([{', '.join(given)}])",
    }
)
"""How several inputs are joined."""
TAKEN = frozenset({"x", "np", "sys", "math", "keras", "layers", "initializers", "model"})
"""Names that the script has already."""
