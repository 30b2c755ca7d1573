"""A design in the making: layers and weights are added one after the other, as a file of another program has them."""

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
"""Of a file that has the channels of maps last: which of our axes each of its axes is."""


class UnknownNodeError(Exception):
    """A node that no layer can express; the message says why, and the way out."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What a value of the file's graph is in the design: the output of a layer, perhaps in another order of its cells.

    Parameters
    ----------
    layer : str
        The layer; ``x`` for the images.
    shape : tuple of int
        As the file has it, for one image.
    order : tuple of int
        Which of our axes each of the file's axes is; empty where all are the same.
    features : ndarray of int, optional
        Of a row: which of our features each of the file's features is; None where all are the same.
    groups : int
        Of maps whose channels are seen as groups × channels: how many groups; 0 where they are not.
    turned : bool
        Whether those are seen as channels × groups.
    """

    layer: str
    shape: Shape
    order: tuple[int, ...] = ()
    features: npt.NDArray[np.intp] | None = None
    groups: int = 0
    turned: bool = False


class Making:
    """Adds layers one after the other.

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
        """The shape that the layer's output has here."""
        return self._build.arrays[self._outputs[value.layer]].shape

    def is_maps(self, value: Value) -> bool:
        """Whether a layer makes maps: channels × height × width."""
        return len(self.inner(value)) == 4

    def add_layer(
        self, wanted: str, layer: AnyLayer, inputs: Sequence[Value], weights: Mapping[str, Array] | None = None
    ) -> Value:
        """Add a layer that reads these values, and return its output.

        Parameters
        ----------
        wanted : str
            Its name; empty, or one that is taken, gives it its kind and a number.
        layer : Layer
        inputs : sequence of Value
        weights : mapping of str to ndarray, optional
            ``weight``, ``bias`` … in our order of axes.

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
        """The value as one row of features; maps are flattened, by a layer of this name."""
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

    def _name(self, wanted: str, stem: str) -> str:
        """A name for a layer: the one that is wanted, if it is free, or else its kind and a number."""
        taken = {layer.name for layer in self.layers} | RESERVED | set(self._outputs)
        if wanted and wanted not in taken:
            return wanted
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            found = f"{stem}{self._counts[stem]}"
            if found not in taken:
                return found


def layer_name(text: str) -> str:
    """A name of another program as a layer's name, or an empty one where it can't be: letters, digits, - and _."""
    kept = "".join(one if (one.isascii() and one.isalnum()) or one in "-_" else "_" for one in text).strip("-_")
    return "" if len(kept) > LONGEST_NAME else kept


def words(shape: Iterable[object]) -> str:
    """A shape in a message."""
    return "×".join(str(one) for one in shape) or "single"
