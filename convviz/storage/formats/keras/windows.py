"""Converts convolution, pooling, padding and resizing: Keras's layers on maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from convviz.core.layers import (
    AvgPool2D,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool2D,
    Upsample,
    ZeroPad2D,
)
from convviz.plurals import counted
from convviz.storage.formats.keras.activations import activated
from convviz.storage.formats.keras.building import Call
from convviz.storage.formats.making import UnknownNodeError, Value


def conv(call: Call) -> Value:
    """Conv2D; on a row of features seen as maps of one cell, it becomes a dense layer."""
    settings = call.layer.settings
    call.refuse_channels_first()
    filters, kernel = settings.whole("filters"), settings.pair("kernel_size")
    groups = settings.whole("groups", 1)
    bias = settings.flag("use_bias", True)
    channels = call.value.shape[-1]
    if groups < 1 or channels % groups:
        raise UnknownNodeError(
            f"its {counted(groups, 'group')} must divide the {counted(channels, 'channel')} that it reads"
        )
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
    """DepthwiseConv2D: a convolution with one group per channel."""
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
    """SeparableConv2D: a depthwise convolution, followed by a 1×1 convolution."""
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
    """AveragePooling2D; padding is not counted in the mean."""
    call.refuse_channels_first()
    settings = call.layer.settings
    kernel = settings.pair("pool_size", 2)
    padding = padding_of(call)
    layer = AvgPool2D(
        kernel=single(kernel), stride=stride(call, kernel), padding=padding, count_padding=padding != "same"
    )
    return call.add(layer)


def transposed(call: Call) -> Value:
    """Conv2DTranspose; Keras's padding says how many rows and columns are cropped from the edges, or added there."""
    settings = call.layer.settings
    call.refuse_channels_first()
    filters, kernel = settings.whole("filters"), settings.pair("kernel_size")
    bias = settings.flag("use_bias", True)
    strides, holes = settings.pair("strides", 1), settings.pair("dilation_rate", 1)
    if settings.get("output_padding") is not None or settings.whole("groups", 1) != 1:
        raise UnknownNodeError("it expects no output_padding and no groups, got one of them")
    channels = call.building.maps(call.value).shape[1]
    found = call.weights(kernel=(*kernel, filters, channels), **({"bias": (filters,)} if bias else {}))
    weights = {"weight": found["kernel"].transpose(3, 2, 0, 1), **({"bias": found["bias"]} if bias else {})}
    word = settings.word("padding", "valid")
    if word not in ("same", "valid"):
        raise UnknownNodeError(f"its padding: expected same or valid, got {word[:40]}")
    reach = [(size - 1) * hole + 1 for size, hole in zip(kernel, holes, strict=True)]
    # Keras makes H·S rows with same, and H·S + max(K − S, 0) with valid; without either it would be (H − 1)·S + K.
    over = [max(size - step, 0) if word == "same" else 0 for size, step in zip(reach, strides, strict=True)]
    short = [max(step - size, 0) for size, step in zip(reach, strides, strict=True)]
    layer = ConvTranspose2D(
        filters=filters, kernel=single(kernel), stride=single(strides), dilation=single(holes), bias=bias,
        output_padding=single(short),
    )  # fmt: skip
    made = call.add(layer, weights)
    if any(over):
        top, left = (one // 2 for one in over)
        cut = Crop2D(top=top, bottom=over[0] - top, left=left, right=over[1] - left)
        made = call.building.add("", cut, [call.building.maps(made)])
    return activated(call, made)


def upsampling(call: Call) -> Value:
    """UpSampling2D."""
    call.refuse_channels_first()
    settings = call.layer.settings
    mode = settings.word("interpolation", "nearest")
    if mode not in ("nearest", "bilinear"):
        raise UnknownNodeError(f"it expects nearest or bilinear interpolation, got {mode[:40]}")
    scale = single(settings.pair("size", 2))
    return call.add(Upsample(scale=scale, mode="bilinear" if mode == "bilinear" else "nearest"))


def cropping(call: Call) -> Value:
    """Cropping2D."""
    call.refuse_channels_first()
    top, bottom, left, right = call.layer.settings.sides("cropping")
    return call.add(Crop2D(top=top, bottom=bottom, left=left, right=right))


def stride(call: Call, kernel: tuple[int, int]) -> int | tuple[int, int] | None:
    """The stride of a pooling window; None if it equals the window's size."""
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
    """Pooling of whole maps to a row of features; if Keras keeps the axes, seen as maps of one cell."""
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
    """Whether the input is a row of features in a design, and maps of one cell in Keras."""
    return not call.building.is_maps(call.value) and call.value.shape[:3] == (1, 1, 1) and len(call.value.shape) == 4


def single(sizes: Sequence[int]) -> int | tuple[int, int]:
    """Vertical and horizontal size, as one number if they are equal."""
    height, width = sizes
    return height if height == width else (height, width)
