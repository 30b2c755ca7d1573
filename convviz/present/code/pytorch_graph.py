"""A design with branches as a module of PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.layers import Add, Concat, Layer, Multiply
from convviz.core.wiring import IMAGES
from convviz.present.code.common import identifiers, layer_comment
from convviz.present.code.exporter import Joins
from convviz.present.design.costs import Costs
from convviz.present.design.layer_costs import LayerCosts

__all__ = ["JOINS", "module_lines"]


def module_lines(
    design: Design, found: Costs, calls_of: Callable[[Any, LayerCosts], list[str]]
) -> tuple[list[str], dict[str, str]]:
    """The module, and the expression for the part that holds each layer's weights.

    Parameters
    ----------
    design : Design
    found : Costs
    calls_of : callable
        The calls that represent a layer.
    """
    names = identifiers((layer.name for layer in design.layers), TAKEN)
    local = {IMAGES: "x", **names}
    made: list[str] = []
    passed: list[str] = []
    places: dict[str, str] = {}
    for layer, cost in zip(design.layers, found.layers, strict=True):
        own, given = names[layer.name], [local[name] for name in cost.reads]
        join = JOINS.get(type(layer))
        if join is not None:
            value = join(given, [found.shape_of(name, design) or () for name in cost.reads])
        else:
            calls = calls_of(layer, cost)
            call = calls[0] if len(calls) == 1 else f"nn.Sequential({', '.join(calls)})"
            made.append(f"        self.{own} = {call}")
            places[layer.name] = f"model.{own}" if len(calls) == 1 else f"model.{own}[{len(calls) - 1}]"
            value = f"self.{own}({given[0]})"
        passed.append(f"        {own} = {value}  {layer_comment(cost)}")
    lines = [
        "",
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *made,
        "",
        "    def forward(self, x):",
        *passed,
        f"        return {names[design.layers[-1].name]}",
        "",
        "",
        "model = Network()",
    ]
    return lines, places


def scaled(given: Sequence[str], shapes: Sequence[Shape]) -> str:
    """A product; a factor for each map is spread over its map."""
    maps = any(len(shape) == 3 for shape in shapes)
    spread = "[:, :, None, None]"
    parts = (name if len(shape) == 3 or not maps else name + spread for name, shape in zip(given, shapes, strict=True))
    return " * ".join(parts)


JOINS: Mapping[type[Layer], Joins] = MappingProxyType(
    {
        Add: lambda given, _shapes: " + ".join(given),
        Multiply: scaled,
        Concat: lambda given, _shapes: f"torch.cat([{', '.join(given)}], dim=1)",
    }
)
"""How several inputs are joined."""
TAKEN = frozenset(
    {
        *("x", "self", "np", "nn", "torch", "sys", "math", "model", "Network", "super"),
        *("T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile"),
        *("cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer"),
        *("get_extra_state", "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia"),
        *("named_buffers", "named_children", "named_modules", "named_parameters", "parameters", "register_buffer"),
        *("register_forward_hook", "register_module", "register_parameter", "requires_grad_", "set_extra_state"),
        *("set_submodule", "share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "xpu"),
        "zero_grad",
    }
)
"""Names that a module of PyTorch, or the script, has already."""
