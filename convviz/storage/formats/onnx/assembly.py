"""Builds a design from an ONNX graph, and keeps track of what each value of the graph has become."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Input
from convviz.core.layers import AnyLayer
from convviz.storage.formats.making import CHANNELS_LAST as CHANNELS_LAST
from convviz.storage.formats.making import Making, UnknownNodeError, layer_name
from convviz.storage.formats.making import Value as Value
from convviz.storage.formats.making import words as words
from convviz.storage.formats.onnx.folding import fold
from convviz.storage.formats.onnx.graph import Graph, Node

NUMBERED = re.compile(r"n?\d+([_-]\d+)*")
"""Names without a meaning: ``3``, ``n4``, ``n4_2``."""


class Assembly(Making):
    """A design under construction, to which the converters of operators add layers.

    Parameters
    ----------
    graph : Graph
    image : Input

    Attributes
    ----------
    values : dict of str to Value or ndarray
        Each value of the graph so far, by its name: an array if it depends on no image.
    """

    def __init__(self, graph: Graph, image: Input) -> None:
        super().__init__(image)
        self.graph = graph
        self.values: dict[str, Value | Array] = dict(graph.constants)
        self._readers = graph.readers()
        self._numbers = {id(node): number for number, node in enumerate(graph.nodes)}
        self._makers = {name: node for node in graph.nodes for name in node.outputs}
        self._shared = Counter(readable_name(node) for node in graph.nodes)

    # --- reading -----------------------------------------------------------------------------------------------

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a value."""
        return self._readers.get(name, [])

    def given(self, node: Node, number: int) -> Value | Array | None:
        """An input of a node; None if it is left out."""
        if number >= len(node.inputs) or not node.inputs[number]:
            return None
        return self.values[node.inputs[number]]

    def peek(self, node: Node, number: int) -> Value | Array | None:
        """An input of a node that may not have been converted yet; None if the input isn't known yet."""
        return self.values.get(node.inputs[number])

    def ahead(self, node: Node, count: int) -> tuple[Node, ...]:
        """``count`` nodes of the graph, from this one on."""
        start = self._numbers[id(node)]
        return self.graph.nodes[start : start + count]

    def following(self, node: Node | None, op: str) -> Node | None:
        """The only node that reads a node's output, if its operator is ``op``; else None."""
        readers = [] if node is None else self.readers(node.outputs[0])
        return readers[0] if len(readers) == 1 and readers[0].op == op else None

    def foreseen(self, name: str) -> Array | None:
        """A constant of the graph, even if its node has not been converted yet; None if it is not known to be one."""
        if name in self.values:
            found = self.values[name]
            return found if isinstance(found, np.ndarray) else None
        node = self._makers.get(name)
        if node is None or len(node.outputs) > 1:
            return None
        given = [self.values.get(one) for one in node.inputs]
        if node.op == "Shape" and isinstance(given[0], Value):
            return np.array(given[0].shape[node.attribute("start", 0) : node.attribute("end")], np.int64)
        arrays = [one for one in given if isinstance(one, np.ndarray)]
        if len(arrays) < len(given):
            return None
        try:
            made = fold(node, arrays)
        except (ValueError, IndexError, TypeError, KeyError, AttributeError, MemoryError, UnknownNodeError):
            return None
        if made is not None:
            self.values[name] = made
        return made

    def value(self, node: Node, number: int = 0) -> Value:
        """An input of a node, which must depend on the image.

        Raises
        ------
        UnknownNodeError
        """
        found = self.given(node, number)
        if not isinstance(found, Value):
            raise UnknownNodeError(
                "it expects a value that depends on the image, got " + ("nothing" if found is None else "a constant")
            )
        return found

    def known(self, node: Node, number: int, name: str) -> tuple[Any, ...]:
        """Constants that older versions of an operator have as an attribute, and newer ones as an input.

        Raises
        ------
        UnknownNodeError
            The input depends on the image.
        """
        found = self.given(node, number)
        if found is None:
            value = node.attribute(name)
            return () if value is None else value if isinstance(value, tuple) else (value,)
        return tuple(self.constant(node, number, f"its {name}").reshape(-1).tolist())

    def constant(self, node: Node, number: int, what: str) -> Array:
        """An input of a node, which must be the same for every image.

        Raises
        ------
        UnknownNodeError
        """
        found = self.given(node, number)
        if not isinstance(found, np.ndarray):
            got = "nothing" if found is None else "a value that depends on the image"
            raise UnknownNodeError(f"it expects {what} as a constant, got {got}")
        return found

    # --- adding ------------------------------------------------------------------------------------------------

    def add(
        self,
        node: Node | None,
        layer: AnyLayer,
        inputs: Sequence[Value],
        weights: Mapping[str, Array] | None = None,
    ) -> Value:
        """Add a layer that reads these values, named after the node if its name is readable; returns its output.

        Raises
        ------
        UnknownNodeError
            The layer or its weights don't fit.
        """
        found = "" if node is None else readable_name(node)
        if found and self._shared[found] > 1:
            found = f"{found}-{layer.stem}"  # the name is that of a block, and this layer is a part of it
        return self.add_layer(found, layer, inputs, weights)

    def alike(self, node: Node, layer: AnyLayer, value: Value, weights: Mapping[str, Array] | None = None) -> Value:
        """Add an elementwise layer, which keeps shape and order of the value."""
        return replace(value, layer=self.add(node, layer, [value], weights).layer)

    def maps(self, value: Value) -> Value:
        """Refuse a value that is not maps with the channels first; returns the value.

        Raises
        ------
        UnknownNodeError
        """
        if value.order:
            raise UnknownNodeError("it expects channels × height × width; export the network with channels first")
        if value.groups:
            raise UnknownNodeError(f"it expects channels × height × width, got {words(value.shape[1:])}")
        if not self.is_maps(value):
            raise UnknownNodeError(f"it expects maps, got one row of {self.inner(value)[1]} features")
        return value


def readable_name(node: Node) -> str:
    """A layer's name from the name of a node: ``/layer1/layer1.0/conv1/Conv`` → ``layer1-0-conv1``; may be empty."""
    parts = [part for part in node.label.replace(":", "_").split("/") if part]
    if parts and parts[-1].split("_")[0].lower() == node.op.lower():
        parts.pop()
    kept: list[str] = []
    for part in parts:
        if kept and part.startswith(f"{kept[-1]}."):
            kept.pop()
        kept.append(part)
    text = layer_name("-".join(kept).replace(".", "-"))
    if not text or NUMBERED.fullmatch(text) or text.startswith("node_"):
        return ""
    return text


Converter = Callable[[Assembly, Node], Value]
"""Adds the layers that an operator becomes in a design; returns the operator's first output."""
