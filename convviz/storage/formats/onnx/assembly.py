"""A design in the making: layers, their weights, and what every value of an ONNX graph is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace as changed

from convviz.core.arrays import MAPS, Array, Role, Shape
from convviz.core.design import RESERVED, Design, Input
from convviz.core.errors import DesignError
from convviz.core.layers import AnyLayer, Flatten, Join
from convviz.core.program import Builder, Phase
from convviz.core.wiring import IMAGES
from convviz.storage.formats.onnx.graph import Graph, Node, UnknownNodeError

MOST_LAYERS = 4096
LONGEST_NAME = 40
NUMBERED = re.compile(r"n?\d+([_-]\d+)*")
"""Names that say nothing: ``3``, ``n4``, ``n4_2``."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What a value of the graph is in the design: the output of a layer, perhaps in another order of its cells.

    Parameters
    ----------
    layer : str
        The layer; ``x`` for the images.
    shape : tuple of int
        As ONNX has it, for one image.
    order : tuple of int
        Which of our axes each of ONNX's axes is; empty where all are the same.
    features : ndarray of int, optional
        Of a row: which of our features each of ONNX's features is; None where all are the same.
    """

    layer: str
    shape: Shape
    order: tuple[int, ...] = ()
    features: npt.NDArray[np.intp] | None = None


class Assembly:
    """Adds layers one after the other.

    Parameters
    ----------
    graph : Graph
    image : Input

    Attributes
    ----------
    values : dict of str to Value or ndarray
        What each value of the graph is; an array where it depends on no image.
    layers : list of Layer
    arrays : dict of str to ndarray
        Parameters and running statistics.
    """

    def __init__(self, graph: Graph, image: Input) -> None:
        self.graph = graph
        self.values: dict[str, Value | Array] = dict(graph.constants)
        self.layers: list[AnyLayer] = []
        self.arrays: dict[str, Array] = {}
        self._readers = graph.readers()
        self._shared = Counter(readable_name(node) for node in graph.nodes)
        self._build = Builder(1, train=False)
        shape = 1, image.channels, image.height, image.width
        self._outputs = {IMAGES: self._build.source(IMAGES, shape, Role.INPUT, MAPS)}
        self._counts: dict[str, int] = {}

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
        """An input of a node whose turn may come later; None if it isn't known yet."""
        return self.values.get(node.inputs[number])

    def value(self, node: Node, number: int = 0) -> Value:
        """An input that depends on the image.

        Raises
        ------
        UnknownNodeError
        """
        found = self.given(node, number)
        if not isinstance(found, Value):
            raise UnknownNodeError(
                "it expects what a layer makes, got " + ("nothing" if found is None else "a constant")
            )
        return found

    def known(self, node: Node, number: int, name: str) -> tuple[Any, ...]:
        """Numbers that older versions of an operator have as an attribute, and newer ones as an input.

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
        """An input that is the same for every image.

        Raises
        ------
        UnknownNodeError
        """
        found = self.given(node, number)
        if not isinstance(found, np.ndarray):
            got = "nothing" if found is None else "what a layer makes"
            raise UnknownNodeError(f"it expects {what} as a constant, got {got}")
        return found

    def inner(self, value: Value) -> Shape:
        """The shape that the layer's output has here."""
        return self._build.arrays[self._outputs[value.layer]].shape

    def is_maps(self, value: Value) -> bool:
        """Whether a layer makes maps: channels × height × width."""
        return len(self.inner(value)) == 4

    # --- adding ------------------------------------------------------------------------------------------------

    def add(
        self,
        node: Node | None,
        layer: AnyLayer,
        inputs: Sequence[Value],
        weights: Mapping[str, Array] | None = None,
    ) -> Value:
        """Add a layer that reads these values, and return its output.

        Raises
        ------
        UnknownNodeError
            It doesn't fit.
        """
        if len(self.layers) >= MOST_LAYERS:
            raise UnknownNodeError(f"a design has at most {MOST_LAYERS:,} layers")
        before = self.layers[-1].name if self.layers else IMAGES
        names = tuple(one.layer for one in inputs)
        try:
            layer = msgspec.convert(msgspec.to_builtins(layer), type(layer))  # its numbers come from the file
        except msgspec.ValidationError as error:
            raise UnknownNodeError(str(error)) from None
        layer = changed(layer, name=self._name(node, layer.stem))
        if isinstance(layer, Join):
            layer = changed(layer, input=names)
        elif names != (before,):
            layer = changed(layer, input=names[0])
        try:
            with self._build.at(Phase.FORWARD, layer.name):
                output = layer.lower(self._build, *(self._outputs[name] for name in names))
        except DesignError as error:
            raise UnknownNodeError(str(error).removeprefix(f"{layer.name}: ")) from None
        for name, array in (weights or {}).items():
            wanted = self._build.arrays[f"{layer.name}.{name}"].shape
            if array.shape != wanted:
                raise UnknownNodeError(f"it expects a {name} of {words(wanted)} numbers, got {words(array.shape)}")
            self.arrays[f"{layer.name}.{name}"] = np.ascontiguousarray(array, np.float32)
        self.layers.append(layer)
        self._outputs[layer.name] = output
        return Value(layer.name, self._build.arrays[output].shape)

    def alike(self, node: Node, layer: AnyLayer, value: Value) -> Value:
        """Add a layer that computes cell by cell: order and shape stay."""
        return replace(value, layer=self.add(node, layer, [value]).layer)

    def maps(self, value: Value) -> Value:
        """The value, which must be maps in our order.

        Raises
        ------
        UnknownNodeError
        """
        if value.order:
            raise UnknownNodeError("it expects channels × height × width; export the network with channels first")
        if not self.is_maps(value):
            raise UnknownNodeError(f"it expects maps, got one row of {self.inner(value)[1]} features")
        return value

    def row(self, value: Value) -> Value:
        """The value as one row of features; maps are flattened."""
        shape = self.inner(value)
        if len(shape) == 2:
            return replace(value, shape=shape, order=())
        flat = self.add(None, Flatten(), [replace(value, order=())])
        if not value.order:
            return flat
        cells = np.arange(flat.shape[1]).reshape(shape[1:])
        axes = [axis - 1 for axis in value.order[1:]]
        return replace(flat, features=cells.transpose(axes).reshape(-1))

    def take_back(self, value: Value) -> None:
        """Remove the layer added last: the node that reads it makes one layer of both."""
        if self.layers and self.layers[-1].name == value.layer:
            gone = self.layers.pop()
            self.arrays = {name: a for name, a in self.arrays.items() if name.rpartition(".")[0] != gone.name}

    def is_last(self, value: Value) -> bool:
        """Whether this is what the layer added last makes."""
        return bool(self.layers) and self.layers[-1].name == value.layer

    def design(self, name: str, image: Input, classes: int, about: str) -> Design:
        """The whole design."""
        return Design(name=name, about=about, input=image, classes=classes, layers=tuple(self.layers))

    def _name(self, node: Node | None, stem: str) -> str:
        """A name for a layer: that of the node, if it is one that can be read, or else its kind and a number."""
        found = "" if node is None else readable_name(node)
        if found and self._shared[found] > 1:
            found = f"{found}-{stem}"  # the name of a block, of which this is a part
        taken = {layer.name for layer in self.layers} | RESERVED | set(self._outputs)
        if found and found not in taken:
            return found
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            found = f"{stem}{self._counts[stem]}"
            if found not in taken:
                return found


def readable_name(node: Node) -> str:
    """The name of a node as a layer's name: ``/layer1/layer1.0/conv1/Conv`` → ``layer1-0-conv1``; may be empty."""
    parts = [part for part in node.label.replace(":", "_").split("/") if part]
    if parts and parts[-1].split("_")[0].lower() == node.op.lower():
        parts.pop()
    kept: list[str] = []
    for part in parts:
        if kept and part.startswith(f"{kept[-1]}."):
            kept.pop()
        kept.append(part)
    text = "-".join(kept).replace(".", "-")
    text = "".join(one if (one.isascii() and one.isalnum()) or one in "-_" else "_" for one in text).strip("-_")
    if not text or NUMBERED.fullmatch(text) or text.startswith("node_") or len(text) > LONGEST_NAME:
        return ""
    return text


def words(shape: Iterable[object]) -> str:
    """A shape in a message."""
    return "×".join(str(one) for one in shape) or "single"


Converter = Callable[[Assembly, Node], Value]
"""Adds what an operator is in a design; returns its first output."""
