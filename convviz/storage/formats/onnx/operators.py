"""Layers that are a single ONNX operator, which their ``exports`` name: ``"ONNX": "Elu(alpha={alpha})"``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from convviz.core.layers import AnyLayer, Layer
from convviz.storage.formats.onnx.graph import Node

CALL = re.compile(r"(\w+)\((.*)\)")
ARGUMENT = re.compile(r"(\w+)=\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that expresses a layer.

    Parameters
    ----------
    name : str
    kind : type of Layer
    fields : mapping of str to str
        Attribute → the layer's field. A file may leave out an attribute whose value is the field's default.
    """

    name: str
    kind: type[AnyLayer]
    fields: Mapping[str, str]

    def attributes(self, layer: Layer) -> dict[str, Any]:
        """The operator's attributes, with the values of a layer's fields."""
        return {name: getattr(layer, field) for name, field in self.fields.items()}

    def layer(self, node: Node) -> AnyLayer:
        """The layer that a node becomes."""
        own = self.kind()
        return self.kind(**{field: node.attribute(name, getattr(own, field)) for name, field in self.fields.items()})

    def opset(self, oldest: int) -> int:
        """The first opset, from ``oldest`` on, that has this operator."""
        from onnx import defs

        newest = defs.onnx_opset_version()
        return next((version for version in range(oldest, newest) if defs.has(self.name, version)), newest)


@cache
def operators() -> Mapping[type[Layer], Operator]:
    """Kind of layer → its operator, for all layers that are one operator."""
    found = {}
    for kind in get_args(AnyLayer):
        if "ONNX" in kind.exports:
            call = CALL.fullmatch(kind.exports["ONNX"])
            assert call is not None, kind.exports["ONNX"]
            found[kind] = Operator(call[1], kind, dict(ARGUMENT.findall(call[2])))
    return found
