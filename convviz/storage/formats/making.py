"""A design under construction: layers and weights of a file of another program are added one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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

MOST_LAYERS = 4096
LONGEST_NAME = 40
CHANNELS_LAST = (0, 2, 3, 1)
"""For each axis of maps in a file with channels last, the corresponding axis in a design."""


class UnknownNodeError(Exception):
    """A node that no layer can express; the message says why, and often a way out."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value of the file's graph, as the output of a layer in the design, perhaps with its cells in another order.

    Parameters
    ----------
    layer : str
        The layer; ``x`` for the images.
    shape : tuple of int
        Its shape in the file, for one image, with a batch axis of length 1.
    order : tuple of int
        For each axis in the file, the corresponding axis in the design; empty if all are the same.
    features : ndarray of int, optional
        For each feature of a row in the file, its index in the design; None if all are the same.
    groups : int
        Number of groups, if the file sees the channels of maps as groups × channels; otherwise 0.
    turned : bool
        Whether the file sees them, transposed, as channels × groups.
    """

    layer: str
    shape: Shape
    order: tuple[int, ...] = ()
    features: npt.NDArray[np.intp] | None = None
    groups: int = 0
    turned: bool = False


class Making:
    """A design to which layers are added one after the other.

    Parameters
    ----------
    image : Input

    Attributes
    ----------
    layers : list of Layer
    arrays : dict of str to ndarray
        Parameters and running statistics.
    """

    def __init__(self, image: Input) -> None:
        self.layers: list[AnyLayer] = []
        self.arrays: dict[str, Array] = {}
        self._build = Builder(1, train=False)
        shape = 1, image.channels, image.height, image.width
        self._outputs = {IMAGES: self._build.source(IMAGES, shape, Role.INPUT, MAPS)}
        self._counts: dict[str, int] = {}

    def inner(self, value: Value) -> Shape:
        """The shape of the layer's output in the design."""
        return self._build.arrays[self._outputs[value.layer]].shape

    def is_maps(self, value: Value) -> bool:
        """Whether the layer's output is maps: channels × height × width."""
        return len(self.inner(value)) == 4

    def add_layer(
        self, wanted: str, layer: AnyLayer, inputs: Sequence[Value], weights: Mapping[str, Array] | None = None
    ) -> Value:
        """Add a layer that reads these values; returns its output.

        Parameters
        ----------
        wanted : str
            Its name; if that is empty or taken, the layer is named by its kind and a number.
        layer : Layer
        inputs : sequence of Value
        weights : mapping of str to ndarray, optional
            ``weight``, ``bias`` … with their axes in the design's order.

        Raises
        ------
        UnknownNodeError
            The layer or its weights don't fit.
        """
        if len(self.layers) >= MOST_LAYERS:
            raise UnknownNodeError(f"a design has at most {MOST_LAYERS:,} layers")
        before = self.layers[-1].name if self.layers else IMAGES
        names = tuple(one.layer for one in inputs)
        try:
            layer = msgspec.convert(msgspec.to_builtins(layer), type(layer))  # checks its numbers, which are the file's
        except msgspec.ValidationError as error:
            raise UnknownNodeError(str(error)) from None
        layer = changed(layer, name=self._name(wanted, layer.stem))
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
            shape = self._build.arrays[f"{layer.name}.{name}"].shape
            if array.shape != shape:
                raise UnknownNodeError(f"it expects a {name} of {words(shape)} numbers, got {words(array.shape)}")
            self.arrays[f"{layer.name}.{name}"] = np.ascontiguousarray(array, np.float32)
        self.layers.append(layer)
        self._outputs[layer.name] = output
        return Value(layer.name, self._build.arrays[output].shape)

    def row(self, value: Value, wanted: str = "") -> Value:
        """The value as one row of features; maps are flattened, by a layer named ``wanted``."""
        shape = self.inner(value)
        if value.turned:
            raise UnknownNodeError(f"it expects channels × height × width, got {words(value.shape[1:])}")
        if len(shape) == 2:
            return replace(value, shape=shape, order=())
        flat = self.add_layer(wanted, Flatten(), [replace(value, order=(), groups=0)])
        if not value.order:
            return flat
        cells = np.arange(flat.shape[1]).reshape(shape[1:])
        axes = [axis - 1 for axis in value.order[1:]]
        return replace(flat, features=cells.transpose(axes).reshape(-1))

    def take_back(self, value: Value) -> None:
        """Remove the layer added last, because the node that reads it combines both into one layer."""
        if self.layers and self.layers[-1].name == value.layer:
            gone = self.layers.pop()
            self.arrays = {name: a for name, a in self.arrays.items() if name.rpartition(".")[0] != gone.name}

    def is_last(self, value: Value) -> bool:
        """Whether this is the output of the layer added last."""
        return bool(self.layers) and self.layers[-1].name == value.layer

    def design(self, name: str, image: Input, classes: int, about: str) -> Design:
        """The finished design."""
        return Design(name=name, about=about, input=image, classes=classes, layers=tuple(self.layers))

    def _name(self, wanted: str, stem: str) -> str:
        """A name for a layer: the wanted one if it is free, else its kind and a number."""
        taken = {layer.name for layer in self.layers} | RESERVED | set(self._outputs)
        if wanted and wanted not in taken:
            return wanted
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            found = f"{stem}{self._counts[stem]}"
            if found not in taken:
                return found


def layer_name(text: str) -> str:
    """Another program's name as a layer's name, with letters, digits, - and _ only; empty if that can't be."""
    kept = "".join(one if (one.isascii() and one.isalnum()) or one in "-_" else "_" for one in text).strip("-_")
    return "" if len(kept) > LONGEST_NAME else kept


def words(shape: Iterable[object]) -> str:
    """A shape, for messages: ``32×7×7``."""
    return "×".join(str(one) for one in shape) or "single"
