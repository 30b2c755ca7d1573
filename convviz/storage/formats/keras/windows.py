"""Convolution, pooling and padding: layers of Keras that move a window over maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as changed

from convviz.core.layers import AvgPool2D, Conv2D, Dense, GlobalAvgPool, GlobalMaxPool, MaxPool2D, ZeroPad2D
from convviz.core.layers.base import margins
from convviz.storage.formats.keras.activations import activated
from convviz.storage.formats.keras.building import Call
from convviz.storage.formats.making import UnknownNodeError, Value


def conv(call: Call) -> Value:
    """Conv2D; on a row of features seen as one place it is a dense layer."""
    settings = call.layer.settings
    call.refuse_channels_first()
    filters, kernel = settings.whole("filters"), settings.pair("kernel_size")
    groups = settings.whole("groups", 1)
    bias = settings.flag("use_bias", True)
    channels = call.value.shape[-1]
    if groups < 1 or channels % groups:
        raise UnknownNodeError(f"its {groups} groups must divide the {channels} channels that it reads")
    wanted = {"kernel": (*kernel, channels // groups, filters), **({"bias": (filters,)} if bias else {})}
    found = call.weights(**wanted)
    weights = {"weight": found["kernel"].transpose(3, 2, 0, 1), **({"bias": found["bias"]} if bias else {})}
    if is_one_place(call) and kernel == (1, 1) and groups == 1:
        value = replace(call.value, shape=(1, channels))
        weights["weight"] = found["kernel"].reshape(channels, filters)
        made = call.add(Dense(units=filters, bias=bias), weights, value)
        return activated(call, replace(made, shape=(1, 1, 1, filters)))
    layer = Conv2D(filters=filters, kernel=single(kernel), groups=groups, bias=bias, **window(call))
    return activated(call, call.add(layer, weights))


def depthwise(call: Call) -> Value:
    """DepthwiseConv2D: a convolution with a group for each channel."""
    settings = call.layer.settings
    call.refuse_channels_first()
    kernel, times = settings.pair("kernel_size"), settings.whole("depth_multiplier", 1)
    bias = settings.flag("use_bias", True)
    channels = call.building.maps(call.value).shape[1]
    # Keras 3 calls it kernel, Keras 2 depthwise_kernel.
    name = "kernel" if call.building.version >= 3 else "depthwise_kernel"
    filters = channels * times
    found = call.weights(**{name: (*kernel, channels, times)}, **({"bias": (filters,)} if bias else {}))
    weight = found[name].transpose(2, 3, 0, 1).reshape(filters, 1, *kernel)
    layer = Conv2D(filters=filters, kernel=single(kernel), groups=channels, bias=bias, **window(call))
    return activated(call, call.add(layer, {"weight": weight, **({"bias": found["bias"]} if bias else {})}))


def separable(call: Call) -> Value:
    """SeparableConv2D: a convolution for each channel, and one of single cells over all of them."""
    settings = call.layer.settings
    call.refuse_channels_first()
    kernel, times, filters = (
        settings.pair("kernel_size"),
        settings.whole("depth_multiplier", 1),
        settings.whole("filters"),
    )
    bias = settings.flag("use_bias", True)
    channels = call.building.maps(call.value).shape[1]
    between = channels * times
    wanted = {"depthwise_kernel": (*kernel, channels, times), "pointwise_kernel": (1, 1, between, filters)}
    found = call.weights(**wanted, **({"bias": (filters,)} if bias else {}))
    first = Conv2D(filters=between, kernel=single(kernel), groups=channels, bias=False, **window(call))
    weight = found["depthwise_kernel"].transpose(2, 3, 0, 1).reshape(between, 1, *kernel)
    spread = call.building.add(
        f"{call.name}-depthwise" if call.name else "", first, [call.building.maps(call.value)], {"weight": weight}
    )
    weights = {
        "weight": found["pointwise_kernel"].transpose(3, 2, 0, 1),
        **({"bias": found["bias"]} if bias else {}),
    }
    return activated(call, call.add(Conv2D(filters=filters, kernel=1, bias=bias), weights, spread))


def window(call: Call) -> dict[str, Any]:
    """Stride, padding and dilation of a convolution."""
    settings = call.layer.settings
    padding = settings.word("padding", "valid")
    if padding not in ("same", "valid"):
        raise UnknownNodeError(f"its padding: expected same or valid, got {padding[:40]}")
    return {
        "stride": single(settings.pair("strides", 1)),
        "dilation": single(settings.pair("dilation_rate", 1)),
        "padding": padding if padding == "same" else 0,
    }


def max_pool(call: Call) -> Value:
    """MaxPooling2D."""
    call.refuse_channels_first()
    settings = call.layer.settings
    kernel = settings.pair("pool_size", 2)
    layer = MaxPool2D(kernel=single(kernel), stride=stride(call, kernel), padding=padding_of(call))
    return call.add(layer)


def average_pool(call: Call) -> Value:
    """AveragePooling2D; cells beyond the edge don't count."""
    call.refuse_channels_first()
    settings = call.layer.settings
    kernel = settings.pair("pool_size", 2)
    layer = AvgPool2D(kernel=single(kernel), stride=stride(call, kernel), padding=padding_of(call))
    maps = call.building.maps(call.value)
    reaches = any(margins(layer.padding, layer.window, *maps.shape[2:]))
    return call.add(changed(layer, count_padding=not reaches))


def stride(call: Call, kernel: tuple[int, int]) -> int | tuple[int, int] | None:
    """How far a pool's window moves; None where it is by its own size."""
    found = call.layer.settings.get("strides")
    strides = kernel if found is None else call.layer.settings.pair("strides")
    return None if strides == kernel else single(strides)


def padding_of(call: Call) -> Any:
    """The padding of a pool."""
    return window(call)["padding"]


def global_average(call: Call) -> Value:
    """GlobalAveragePooling2D."""
    return whole_map(call, GlobalAvgPool())


def global_max(call: Call) -> Value:
    """GlobalMaxPooling2D."""
    return whole_map(call, GlobalMaxPool())


def whole_map(call: Call, layer: GlobalAvgPool | GlobalMaxPool) -> Value:
    """Pooling of whole maps to a row of features, seen as one place where Keras keeps the axes."""
    call.refuse_channels_first()
    found = call.add(layer)
    keeps = call.layer.settings.flag("keepdims", False)
    return replace(found, shape=(1, 1, 1, found.shape[1])) if keeps else found


def zero_padding(call: Call) -> Value:
    """ZeroPadding2D."""
    call.refuse_channels_first()
    top, bottom, left, right = call.layer.settings.sides("padding")
    return call.add(ZeroPad2D(top=top, bottom=bottom, left=left, right=right))


def is_one_place(call: Call) -> bool:
    """Whether the input is a row of features that Keras sees as maps of one cell."""
    return not call.building.is_maps(call.value) and call.value.shape[:3] == (1, 1, 1) and len(call.value.shape) == 4


def single(sizes: Sequence[int]) -> int | tuple[int, int]:
    """Vertical and horizontal size; one number where they are the same."""
    height, width = sizes
    return height if height == width else (height, width)
