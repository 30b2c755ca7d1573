"""Converts Keras's layers on rows of features, layers that join branches, normalisation, and changes of shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import (
    Add,
    BatchNorm2D,
    Concat,
    Conv2D,
    Dense,
    Dropout,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Multiply,
    Rescale,
    ScaleShift,
)
from convviz.plurals import counted
from convviz.storage.formats.keras.activations import activated
from convviz.storage.formats.keras.building import CHANNELS_FIRST, CHANNELS_LAST, Call, joined_features
from convviz.storage.formats.making import UnknownNodeError, Value, layer_name, words


def dense(call: Call) -> Value:
    """Dense; applied to maps, it becomes a 1×1 convolution."""
    settings = call.layer.settings
    units, bias = settings.whole("units"), settings.flag("use_bias", True)
    value = call.value
    features = value.shape[-1]
    found = call.weights(kernel=(features, units), **({"bias": (units,)} if bias else {}))
    shift = {"bias": found["bias"]} if bias else {}
    if call.building.is_maps(value):
        weight = found["kernel"].T.reshape(units, features, 1, 1)
        return activated(call, call.add(Conv2D(filters=units, kernel=1, bias=bias), {"weight": weight, **shift}))
    if len(value.shape) != 2:
        shape = (*value.shape[:-1], units)
        made = call.add(
            Dense(units=units, bias=bias), {"weight": found["kernel"], **shift}, replace(value, shape=(1, features))
        )
        return activated(call, replace(made, shape=shape))
    weight = found["kernel"]
    if value.features is not None:
        ours = np.empty_like(weight)
        ours[value.features] = weight
        weight = ours
    made = call.add(Dense(units=units, bias=bias), {"weight": weight, **shift}, replace(value, features=None))
    return activated(call, made)


def flatten(call: Call) -> Value:
    """Flatten; the weights of later layers are brought into a design's order of features."""
    call.refuse_channels_first()
    return call.building.row(call.value, call.name)


def reshape(call: Call) -> Value:
    """Reshape of maps to a row of features, or of a row to maps of one cell."""
    wanted = call.layer.settings.get("target_shape")
    before = call.value.shape
    if not isinstance(wanted, list | tuple) or not all(isinstance(one, int) for one in wanted):
        raise UnknownNodeError("its target_shape: expected whole numbers, got something else")
    shape = list(wanted)
    if shape.count(-1) == 1:
        rest = prod(one for one in shape if one != -1)
        shape[shape.index(-1)] = prod(before[1:]) // rest if rest else 0
    if prod(shape) != prod(before[1:]):
        raise UnknownNodeError(f"{words(before[1:])} numbers can't become {words(wanted)}")
    if (1, *shape) == before:
        return call.value
    if len(shape) == 1:
        return call.building.row(call.value, call.name)
    features = call.building.inner(call.value)[1]
    if not call.building.is_maps(call.value) and tuple(shape) == (1, 1, features) and call.value.features is None:
        return replace(call.value, shape=(1, *shape))
    raise UnknownNodeError(f"it expects maps to become a row of features, got {words(shape)}")


def permute(call: Call) -> Value:
    """Permute: reorder the axes of maps."""
    given = call.layer.settings.get("dims")
    value = call.value
    if (
        not isinstance(given, list | tuple)
        or sorted(map(str, given)) != ["1", "2", "3"]
        or not call.building.is_maps(value)
    ):
        raise UnknownNodeError("it expects maps to stay maps, with their axes reordered")
    axes, before = (0, *(int(one) for one in given)), value.order or CHANNELS_FIRST
    order = tuple(before[axis] for axis in axes)
    return replace(
        value, shape=tuple(value.shape[axis] for axis in axes), order=() if order == CHANNELS_FIRST else order
    )


def joined(kind: type[Add] | type[Multiply]) -> Callable[[Call], Value]:
    """The converter of Add or Multiply."""

    def convert(call: Call) -> Value:
        values = call.inputs
        if len(values) < 2:
            raise UnknownNodeError(f"it expects two inputs or more, got {len(values)}")
        if kind is Multiply and len(values) == 2:
            for maps, factors in (values, values[::-1]):
                is_row = not call.building.is_maps(factors) and factors.features is None
                if call.building.is_maps(maps) and is_row and factors.shape == (1, 1, 1, maps.shape[3]):
                    return call.building.add(call.name, Multiply(), [call.building.maps(maps), factors])
        if len({(one.shape, one.order) for one in values}) > 1 or any(
            call.building.is_maps(one) != call.building.is_maps(values[0]) for one in values
        ):
            shapes = " and ".join(words(one.shape[1:]) for one in values[:4])
            raise UnknownNodeError(f"it expects inputs of one shape and order, got {shapes}")
        orders = {None if one.features is None else one.features.tobytes() for one in values}
        if len(orders) > 1:
            raise UnknownNodeError("it expects rows of features in one order; flatten the maps after they are joined")
        return replace(values[0], layer=call.building.add(call.name, kind(), values).layer)

    return convert


def concatenate(call: Call) -> Value:
    """Concatenate, along the channels or features."""
    values, building = call.inputs, call.building
    rank = len(values[0].shape)
    if any(len(one.shape) != rank for one in values) or call.layer.settings.axis(rank) != rank - 1:
        raise UnknownNodeError("it expects channels or features to be concatenated, got another axis")
    if len(values) == 1:
        return values[0]
    if all(building.is_maps(one) for one in values):
        return building.add(call.name, Concat(), [building.maps(one) for one in values])
    if any(building.is_maps(one) for one in values):
        raise UnknownNodeError("it expects maps or rows of features, got both")
    lengths = [one.shape[-1] for one in values]
    made = building.add(call.name, Concat(), values)
    ordered = joined_features(values, lengths)
    return replace(made, features=ordered.features, shape=(*values[0].shape[:-1], sum(lengths)))


def batch_norm(call: Call) -> Value:
    """BatchNormalization; Keras's momentum is the share of the old statistics, a design's that of the new ones."""
    settings = call.layer.settings
    value = call.value
    if not call.building.is_maps(value):
        raise UnknownNodeError(
            "it expects maps, got a row of features; put it before the Flatten, or export the network to ONNX "
            "with it folded into the dense layer"
        )
    if value.order != CHANNELS_LAST or settings.axis(4) != 3:
        raise UnknownNodeError("it expects the last axis, the channels, got another one")
    if settings.flag("renorm", False):
        raise UnknownNodeError("no layer expresses batch renormalisation")
    per = (value.shape[3],)
    wanted = {
        **({"gamma": per} if settings.flag("scale", True) else {}),
        **({"beta": per} if settings.flag("center", True) else {}),
        "moving_mean": per,
        "moving_variance": per,
    }
    found = call.weights(**wanted)
    weights = {
        "scale": found.get("gamma", np.ones(per, np.float32)),
        "shift": found.get("beta", np.zeros(per, np.float32)),
        "running_mean": found["moving_mean"],
        "running_variance": found["moving_variance"],
    }
    kept = settings.number("momentum", 0.99)
    share = round(1.0 - kept, 12)
    if not 0 < share <= 1:
        raise UnknownNodeError(f"its momentum: expected 0 or more and less than 1, got {kept:g}")
    return call.add(BatchNorm2D(momentum=share, epsilon=settings.number("epsilon", 1e-3)), weights)


def group_norm(call: Call) -> Value:
    """GroupNormalization over the channels; with one group per channel, it becomes instance normalisation."""
    settings = call.layer.settings
    channels = call.building.maps(call.value).shape[1]
    if settings.axis(4) != 3:
        raise UnknownNodeError("it expects the last axis, the channels, got another one")
    groups, epsilon = settings.whole("groups", 32), settings.number("epsilon", 1e-3)
    weights = affine(call, (channels,), (channels,))
    if groups in (-1, channels):
        return call.add(InstanceNorm(epsilon=epsilon, affine=bool(weights)), weights)
    return call.add(GroupNorm(groups=groups, epsilon=epsilon, affine=bool(weights)), weights)


def layer_norm(call: Call) -> Value:
    """LayerNormalization over a whole image, over the channels at each position, or over a row of features."""
    settings, value = call.layer.settings, call.value
    given = settings.get("axis")
    axes = [given] if isinstance(given, int) else given
    rank = len(value.shape)
    found = sorted(one % rank for one in axes if isinstance(one, int)) if isinstance(axes, list) else []
    over_channels = rank == 4 and found == [3]
    if found != list(range(1, rank)) and not over_channels:
        raise UnknownNodeError(
            "it expects all axes of an image, or the channels alone, got others; set axis=[1, 2, 3] or -1"
        )
    if settings.flag("rms_scaling", False):
        raise UnknownNodeError("it expects the mean to be subtracted, got rms_scaling")
    if over_channels:
        weights = affine(call, value.shape[3:], value.shape[3:])
        layer = LayerNorm(over="channels", epsilon=settings.number("epsilon", 1e-3), affine=bool(weights))
        return call.add(layer, weights)
    shape = call.building.maps(value).shape[1:] if call.building.is_maps(value) else value.shape[1:]
    weights = affine(call, value.shape[1:], shape)
    if value.features is not None:
        ours = {name: np.empty_like(array) for name, array in weights.items()}
        for name, array in weights.items():
            ours[name][value.features] = array
        weights = ours
    layer = LayerNorm(epsilon=settings.number("epsilon", 1e-3), affine=bool(weights))
    if call.building.is_maps(value):
        return call.add(layer, weights)
    return replace(value, layer=call.building.add_layer(layer_name(call.name), layer, [value], weights).layer)


def affine(call: Call, theirs: tuple[int, ...], ours: tuple[int, ...]) -> dict[str, Array]:
    """Scale and shift of a normalisation; empty if it has neither."""
    settings = call.layer.settings
    both = {"gamma": settings.flag("scale", True), "beta": settings.flag("center", True)}
    found = call.weights(**{name: theirs for name, is_there in both.items() if is_there})
    if not found:
        return {}
    turned = {name: array.transpose(2, 0, 1) if array.ndim == 3 else array for name, array in found.items()}
    scale, shift = turned.get("gamma", np.ones(ours, np.float32)), turned.get("beta", np.zeros(ours, np.float32))
    return {"scale": scale, "shift": shift}


def dropout(call: Call) -> Value:
    """Dropout, which acts only if the network is trained further."""
    rate = call.layer.settings.number("rate", 0.5)
    return call.alike(Dropout(rate=rate)) if 0 < rate < 1 else call.value


def nothing(call: Call) -> Value:
    """A layer that passes its input on unchanged."""
    return call.value


def only_in_training(call: Call) -> Value:
    """A layer that acts only in training, and is left out."""
    call.building.left_out[call.layer.name] = None
    return call.value


def rescaling(call: Call) -> Value:
    """Rescaling: scale · x + offset."""
    settings = call.layer.settings
    maps = call.building.maps(call.value)
    channels = maps.shape[1]
    scale, shift = settings.numbers("scale", 1.0), settings.numbers("offset", 0.0)
    for name, numbers in (("scale", scale), ("offset", shift)):
        if len(numbers) not in (1, channels):
            raise UnknownNodeError(f"its {name}: expected one number, or {channels}, got {len(numbers)}")
    if len(scale) == len(shift) == 1:
        return call.add(Rescale(scale=scale[0], shift=shift[0]))
    return scaled(call, np.array(scale), np.array(shift))


def normalization(call: Call) -> Value:
    """Normalization by a fixed mean and variance of each channel."""
    settings = call.layer.settings
    channels = call.building.maps(call.value).shape[1]
    if settings.flag("invert", False) or settings.get("axis") is None or settings.axis(4) != 3:
        raise UnknownNodeError("it expects a mean and a variance per channel, by which it normalises, got others")
    if settings.get("mean") is not None:
        mean, variance = np.array(settings.numbers("mean")), np.array(settings.numbers("variance"))
        if mean.size not in (1, channels) or variance.size not in (1, channels):
            raise UnknownNodeError(f"it expects a mean and a variance for each of the {counted(channels, 'channel')}")
    else:
        raise UnknownNodeError("its mean and variance: expected them in its settings; make it with mean= and variance=")
    deviation = np.maximum(np.sqrt(np.maximum(variance, 0)), 1e-7)
    return scaled(call, 1 / deviation, -mean / deviation)


def scaled(call: Call, scale: np.ndarray, shift: np.ndarray) -> Value:
    """Add a layer that multiplies each channel by a scale and adds a shift; returns its output."""
    channels = call.building.maps(call.value).shape[1]
    both = {"scale": scale, "shift": shift}
    weights = {name: np.broadcast_to(one.astype(np.float32).reshape(-1), (channels,)) for name, one in both.items()}
    return call.add(ScaleShift(), weights)
