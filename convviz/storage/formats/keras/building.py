"""Builds a design from a Keras model, whose values have their channels last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.design import Input
from convviz.core.layers import AnyLayer
from convviz.storage.formats.keras.model import Layered, snake_case
from convviz.storage.formats.keras.stored import Stored
from convviz.storage.formats.making import CHANNELS_LAST as CHANNELS_LAST
from convviz.storage.formats.making import Making, UnknownNodeError, Value, layer_name, words

CHANNELS_FIRST = (0, 1, 2, 3)


class Building(Making):
    """A design under construction, to which the converters of Keras's layers add layers.

    Parameters
    ----------
    image : Input
    stored : Stored
        The file's weights.
    version : int
        Version of Keras: 2 or 3.

    Attributes
    ----------
    left_out : dict of str to None
        Layers that act only in training and have no counterpart in the design.
    is_single : bool
        Whether the model's only output is the probability of the second of two classes.
    """

    def __init__(self, image: Input, stored: Stored, version: int) -> None:
        super().__init__(image)
        self.stored, self.version = stored, version
        self.left_out: dict[str, None] = {}
        self.is_single = False

    def add(
        self,
        wanted: str,
        layer: AnyLayer,
        inputs: Sequence[Value],
        weights: Mapping[str, Array] | None = None,
    ) -> Value:
        """Add a layer with this name; returns its output, with the channels last."""
        found = self.add_layer(layer_name(wanted), layer, inputs, weights)
        if not self.is_maps(found):
            return found
        n, c, h, w = found.shape
        return replace(found, shape=(n, h, w, c), order=CHANNELS_LAST)

    def alike(self, wanted: str, layer: AnyLayer, value: Value) -> Value:
        """Add an elementwise layer, which keeps shape and order of the value."""
        return replace(value, layer=self.add_layer(layer_name(wanted), layer, [value]).layer)

    def maps(self, value: Value) -> Value:
        """Refuse a value that is not maps in Keras's usual order, channels last; returns the value.

        Raises
        ------
        UnknownNodeError
        """
        if not self.is_maps(value):
            raise UnknownNodeError(f"it expects maps, got {words(value.shape[1:])} features")
        if value.order != CHANNELS_LAST:
            raise UnknownNodeError("it expects height × width × channels, got another order")
        return replace(value, order=(), shape=self.inner(value))


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A use of a Keras layer: the layer, and the values that it reads.

    Parameters
    ----------
    building : Building
    layer : Layered
    inputs : tuple of Value
    is_end : bool
        Whether its output is that of the whole model.
    """

    building: Building
    layer: Layered
    inputs: tuple[Value, ...]
    is_end: bool

    @property
    def value(self) -> Value:
        """The layer's only input.

        Raises
        ------
        UnknownNodeError
            The layer has several inputs.
        """
        if len(self.inputs) != 1:
            raise UnknownNodeError(f"it expects one input, got {len(self.inputs)}")
        return self.inputs[0]

    @property
    def name(self) -> str:
        """The layer's name in the design; empty if Keras chose the name, such as ``conv2d_3``."""
        stem, own = snake_case(self.layer.kind), self.layer.name
        is_given = own == stem or (own.startswith(f"{stem}_") and own[len(stem) + 1 :].isdecimal())
        return "" if is_given else own

    def weights(self, **wanted: Shape) -> dict[str, Array]:
        """The layer's arrays, given Keras's names for them, in Keras's order, and the shape that each must have."""
        return self.building.stored.take(self.layer, wanted)

    def add(self, layer: AnyLayer, weights: Mapping[str, Array] | None = None, value: Value | None = None) -> Value:
        """Add a layer with the same name to the design; it reads maps or a row of features."""
        value = self.value if value is None else value
        if self.building.is_maps(value) and value.order:
            value = self.building.maps(value)
        return self.building.add(self.name, layer, [value], weights)

    def alike(self, layer: AnyLayer) -> Value:
        """Add an elementwise layer with the same name."""
        return self.building.alike(self.name, layer, self.value)

    def refuse_channels_first(self) -> None:
        """Refuse a layer whose maps have their channels first, which is not Keras's default.

        Raises
        ------
        UnknownNodeError
        """
        if self.layer.settings.word("data_format", "channels_last") != "channels_last":
            raise UnknownNodeError("it expects channels last, got channels first; export it to ONNX")


def joined_features(values: Sequence[Value], lengths: Sequence[int]) -> Value:
    """The first of several rows of features, with the order of features of all of them concatenated."""
    if all(one.features is None for one in values):
        return replace(values[0], features=None)
    starts = np.cumsum([0, *lengths[:-1]])
    parts = [
        start + (np.arange(length) if one.features is None else one.features)
        for one, start, length in zip(values, starts, lengths, strict=True)
    ]
    return replace(values[0], features=np.concatenate(parts))


Converter = Callable[[Call], Value]
"""Adds the layers that a layer of Keras becomes in a design; returns their output."""
