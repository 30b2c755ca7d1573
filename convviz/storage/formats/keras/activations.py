"""Converts Keras's activations: those that are layers, and those named in the settings of other layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

import numpy as np

from convviz.core.layers import (
    ELU,
    GELU,
    AnyLayer,
    Clip,
    HardSwish,
    LeakyReLU,
    PReLU,
    ReLU,
    Rescale,
    SiLU,
)
from convviz.storage.formats.keras.building import Call
from convviz.storage.formats.making import UnknownNodeError, Value, layer_name
from convviz.storage.formats.said import printable

CALL = re.compile(r'layers\.Activation\("(\w+)"\)')
PLAIN: Mapping[str, Callable[[], AnyLayer]] = MappingProxyType(
    {
        "relu": ReLU,
        "relu6": lambda: Clip(low=0.0, high=6.0),
        **{call[1]: kind for kind in get_args(AnyLayer) if (call := CALL.fullmatch(kind.exports.get("Keras", "")))},
    }
)
"""Keras's name of an activation without settings → its layer; for most, the layer's own ``exports`` have the name."""
FUNCTIONS: Mapping[str, Callable[[], AnyLayer]] = MappingProxyType(
    {
        **PLAIN,
        "swish": SiLU,
        "hard_swish": HardSwish,
        "elu": ELU,
        "gelu": GELU,
        "leaky_relu": lambda: LeakyReLU(slope=0.2),
    }
)
"""Name of an activation in a layer's settings → its layer in a design."""


def function(call: Call, value: Value, name: str, wanted: str = "") -> Value:
    """Add an activation by its name.

    Parameters
    ----------
    call : Call
    value : Value
        The value that it is applied to.
    name : str
        Keras's name of the activation; empty for none.
    wanted : str
        Name to give the layer in the design.

    Raises
    ------
    UnknownNodeError
        No layer expresses the activation, or it is a softmax within the network.
    """
    if not name:
        return value
    if name == "softmax":
        if not call.is_end:
            raise UnknownNodeError("softmax is expected only at the end of a network, where a design has its own")
        return value
    if name == "sigmoid" and call.is_end and value.shape[-1] == 1:
        call.building.is_single = True
        return value
    make = FUNCTIONS.get(name)
    if make is None:
        raise UnknownNodeError(
            f"no layer expresses the activation {printable(name, 40)}; known ones are {', '.join(FUNCTIONS)}"
        )
    if name == "hard_sigmoid" and call.building.version < 3:  # its slope is 1/5 in Keras 2
        value = call.building.alike("", Rescale(scale=0.2, shift=0.5), value)
        return call.building.alike(wanted, Clip(low=0.0, high=1.0), value)
    return call.building.alike(wanted, make(), value)


def activated(call: Call, value: Value) -> Value:
    """Add the activation in the layer's settings; returns its output."""
    return function(call, value, call.layer.settings.function("activation"))


def activation(call: Call) -> Value:
    """Activation, as a layer of its own."""
    return function(call, call.value, call.layer.settings.function("activation"), call.name)


def named(name: str) -> Callable[[Call], Value]:
    """The converter of an activation that a model calls as a function, in place of a layer."""
    return lambda call: function(call, call.value, name, call.name)


def softmax(call: Call) -> Value:
    """Softmax, along the channels or features."""
    if call.layer.settings.axis(len(call.value.shape)) != len(call.value.shape) - 1:
        raise UnknownNodeError("it expects the axis of the classes, got another axis")
    return function(call, call.value, "softmax")


def relu(call: Call) -> Value:
    """ReLU, with a slope or a largest value."""
    settings = call.layer.settings
    slope = settings.number("negative_slope", 0.0)
    if settings.number("threshold", 0.0):
        raise UnknownNodeError(f"it expects a threshold of 0, got {settings.number('threshold'):g}")
    if settings.get("max_value") is None:
        return call.alike(LeakyReLU(slope=slope) if slope else ReLU())
    if slope:
        raise UnknownNodeError("it expects a slope or a largest value, got both")
    return call.alike(Clip(low=0.0, high=settings.number("max_value")))


def leaky_relu(call: Call) -> Value:
    """LeakyReLU; its slope is called alpha in Keras 2."""
    settings = call.layer.settings
    name = "negative_slope" if settings.get("negative_slope") is not None else "alpha"
    return call.alike(LeakyReLU(slope=settings.number(name, 0.3)))


def prelu(call: Call) -> Value:
    """PReLU, with one slope per channel or feature, or one for all of them."""
    value, building = call.value, call.building
    given = call.layer.settings.get("shared_axes") or []
    last = len(value.shape) - 1
    places = list(range(1, last))
    shape = tuple(1 if axis in given else length for axis, length in enumerate(value.shape[1:], 1))
    if sorted(given) not in (places, [*places, last]):
        raise UnknownNodeError("it expects one slope per channel, got one per position; set shared_axes=[1, 2]")
    if not isinstance(given, list) or (building.is_maps(value) and len(value.order) != 4):
        raise UnknownNodeError("it expects height × width × channels, got another order")
    slope = call.weights(alpha=shape)["alpha"].reshape(-1)
    if value.features is not None and slope.size > 1:
        ours = np.empty_like(slope)
        ours[value.features] = slope
        slope = ours
    found = building.add_layer(layer_name(call.name), PReLU(shared=last in given), [value], {"slope": slope})
    return replace(value, layer=found.layer)


def elu(call: Call) -> Value:
    """ELU."""
    return call.alike(ELU(alpha=call.layer.settings.number("alpha", 1.0)))
