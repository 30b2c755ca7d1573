"""Networks and shapes drawn at random, by hypothesis or by a generator of random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from msgspec.structs import replace

from convviz.core.arrays import MAPS, Kind, Role
from convviz.core.design import Design, Input, Training
from convviz.core.dropout import masks_for
from convviz.core.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AnyLayer,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Clip,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    MaxPool2D,
    Mish,
    PReLU,
    ReflectPad2D,
    ReLU,
    Rescale,
    ScaleShift,
    Sigmoid,
    SiLU,
    Slice,
    Softmax,
    Softplus,
    Tanh,
    Upsample,
)
from convviz.core.program import Builder, Phase, Program

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
Array = np.ndarray[Any, np.dtype[Any]]

NORMS = BatchNorm2D | GroupNorm | InstanceNorm | LayerNorm
ACTIVATIONS: tuple[AnyLayer, ...] = (
    ReLU(),
    ReLU(),
    LeakyReLU(slope=0.1),
    Sigmoid(),
    Tanh(),
    GELU(),
    GELU(approximate="tanh"),
    ELU(alpha=0.7),
    SiLU(),
    HardSwish(),
    Softplus(),
    Mish(),
    HardSigmoid(),
    Clip(low=-0.5, high=1.5),
    PReLU(slope=0.3),
    PReLU(slope=-0.2, shared=True),
    Softmax(),
    ScaleShift(),
    Rescale(scale=-1.5, shift=0.25),
)


def activations(channels: int) -> list[AnyLayer]:
    """Those that make sense for so many channels or features."""
    return [one for one in ACTIVATIONS if channels > 1 or not isinstance(one, Softmax)]


def draw_design(choose: Callable[[Sequence[Any]], Any], training: Training | None = None) -> tuple[Design, int]:
    """A possible network and a batch size.

    A bias that batch normalisation takes off again has no gradient but rounding errors, which some optimisers blow
    up: such a bias is left out, and there is one normalisation at most, also of single images. A scale whose
    maps are averaged to 0 has none either: then the maps are not averaged.
    """
    batch, channels = choose((2, 1, 3, 4)), choose((1, 2, 3))
    height, width = choose(range(3, 10)), choose(range(3, 10))
    image = Input(channels=channels, height=height, width=width)
    classes = choose((3, 2, 5))
    layers: list[AnyLayer] = []
    for _ in range(choose((1, 2, 3, 0, 4))):
        layer, channels, height, width = draw_layer(choose, channels, height, width)
        normalised = any(isinstance(done, NORMS) for done in layers)
        if isinstance(layer, NORMS):
            before = layers[-1] if layers else None
            if normalised or cells_of(layer, batch, channels, height, width) < 8:
                continue
            if isinstance(before, AvgPool2D | MaxPool2D | Dropout):
                continue
            if isinstance(before, Conv2D | ConvTranspose2D):
                layers[-1] = replace(before, bias=False)
        layers.append(layer)
    ends = (Flatten(),) if mean_is_zero(layers) else (Flatten(), Flatten(), GlobalAvgPool())
    layers.append(choose(ends))
    if choose((True, False)):
        units = choose((4, 1, 7))
        layers.append(Dense(units=units, bias=choose((True, False))))
        if units > 1 and not any(isinstance(done, NORMS) for done in layers) and choose((False, False, True)):
            layers.append(LayerNorm(affine=choose((True, False))))
        layers.append(choose(activations(units)))
        if choose((False, True)):
            layers.append(Dropout(rate=0.3))
    layers.append(Dense(units=classes, bias=choose((True, False))))
    training = training or draw_training(choose, classes)
    return Design(input=image, classes=classes, layers=tuple(layers), training=training).named(), batch


def draw_training(choose: Callable[[Sequence[Any]], Any], classes: int) -> Training:
    """A loss: mostly cross-entropy in which all images count alike."""
    loss, smoothing = choose(("cross-entropy", "cross-entropy", "hinge", "mse")), choose((0.0, 0.0, 0.1))
    weights = choose((None, None, (0.5, 2.0, 0.0, 1.5, 1.0)[:classes]))
    return Training(
        loss=loss,
        label_smoothing=0.0 if loss == "hinge" else smoothing,
        class_weights=weights,
        ignored_label=choose((None, None, None, 1)),
    )


def mean_is_zero(layers: list[AnyLayer]) -> bool:
    """Whether every map has about the mean 0 that batch normalisation gave it."""
    for layer in reversed(layers):
        if isinstance(layer, NORMS):
            return True
        if not isinstance(layer, AvgPool2D | Dropout):
            return False
    return False


def draw_layer(choose: Callable[[Sequence[Any]], Any], c: int, h: int, w: int) -> tuple[AnyLayer, int, int, int]:
    """A layer that takes maps (c, h, w), and the maps that it makes."""
    more = ("shuffle", "transposed", "resize")
    match choose((*("conv", "conv", "activation", "max", "average", "norm", "dropout"), *more)):
        case "conv":
            groups = choose([g for g in (1, 1, 2, 3) if c % g == 0])
            padding, pads = draw_padding(choose)
            dilation = (choose((1, 1, 2)), choose((1, 1, 2)))
            kernel = tuple(
                choose(range(1, min(4, (size + 2 * pad - 1) // spread + 1) + 1))
                for size, pad, spread in zip((h, w), pads, dilation, strict=True)
            )
            stride = (choose((1, 2, 3)), choose((1, 2, 3)))
            conv = Conv2D(
                filters=groups * choose((1, 2)),
                kernel=(kernel[0], kernel[1]),
                stride=stride,
                padding=padding,
                dilation=dilation,
                groups=groups,
                bias=choose((True, True, False)),
            )
            places = sizes((h, w), conv.kernel, stride, padding, pads, dilation)
            return conv, conv.filters, *places
        case "activation":
            return choose(activations(c)), c, h, w
        case "transposed":
            groups = choose([g for g in (1, 1, 2, 3) if c % g == 0])
            stride, kernel = (choose((1, 2, 3)), choose((1, 2))), (choose((1, 2, 3)), choose((1, 2, 4)))
            layer: AnyLayer = ConvTranspose2D(
                filters=groups * choose((1, 2)),
                kernel=kernel,
                stride=stride,
                padding=(choose(range((kernel[0] + 1) // 2)), choose(range((kernel[1] + 1) // 2))),
                output_padding=(choose(range(stride[0])), choose(range(stride[1]))),
                dilation=(choose((1, 1, 2)), 1),
                groups=groups,
                bias=choose((True, True, False)),
            )
            return layer, *made_by(layer, c, h, w)
        case "resize":
            sides = {side: choose((0, 1, 2)) for side in ("top", "bottom", "left", "right")}
            layer = choose(
                (
                    *(Upsample(scale=choose((2, 3))), Upsample(mode="bilinear"), Upsample(mode="bilinear", scale=3)),
                    *(Upsample(mode="bilinear", align_corners=True), AdaptiveAvgPool2D(output=(choose((1, 2, 5)), 3))),
                    AdaptiveMaxPool2D(output=(choose((1, 2, 5)), 3)),
                    Slice(start=0, stop=choose(range(1, c + 1))),
                    Slice(start=choose(range(c)), stop=c),
                    *((ReflectPad2D(**sides),) if min(h, w) > 2 else ()),
                    *((Crop2D(**sides),) if min(h, w) > 4 else ()),
                )
            )
            return layer, *made_by(layer, c, h, w)
        case "shuffle":
            return ChannelShuffle(groups=choose([g for g in (1, 2, 3, 4) if c % g == 0])), c, h, w
        case "norm":
            return draw_norm(choose, c), c, h, w
        case "dropout":
            return Dropout(rate=choose((0.5, 0.25, 0.0))), c, h, w
        case kind:
            kernel = (choose(range(1, min(3, h) + 1)), choose(range(1, min(3, w) + 1)))
            padding, pads = draw_padding(choose, (min(1, kernel[0] - 1), min(1, kernel[1] - 1)))
            stride = choose((None, (1, 1), (2, 1), (3, 2)))
            fields = {"kernel": kernel, "stride": stride, "padding": padding}
            fields |= {"ceil": choose((False, False, True)), "dilation": choose((1, 1, 2)) if min(h, w) > 4 else 1}
            if kind == "max":
                pool: AnyLayer = MaxPool2D(**fields)
            else:
                pool = AvgPool2D(**fields, count_padding=choose((True, True, False)))
            return pool, *made_by(pool, c, h, w)


def made_by(layer: AnyLayer, c: int, h: int, w: int) -> tuple[int, int, int]:
    """Shape of the maps that a layer makes of maps (c, h, w)."""
    build = Builder(1)
    x = build.source("x", (1, c, h, w), Role.INPUT, MAPS)
    with build.at(Phase.FORWARD, "layer"):
        _, channels, height, width = build.arrays[replace(layer, name="layer").lower(build, x)].shape
    return channels, height, width


def draw_norm(choose: Callable[[Sequence[Any]], Any], channels: int) -> AnyLayer:
    """A normalisation of maps with that many channels."""
    affine, epsilon = choose((True, True, False)), choose((1e-5, 0.01))
    match choose(("batch", "batch", "group", "instance", "layer", *(("channels",) if channels > 3 else ()))):
        case "batch":
            return BatchNorm2D(momentum=choose((0.1, 0.5)))
        case "group":
            groups = choose([g for g in (1, 2, 3, 4) if channels % g == 0])
            return GroupNorm(groups=groups, affine=affine, epsilon=epsilon)
        case "instance":
            return InstanceNorm(affine=affine, epsilon=epsilon)
        case "channels":
            return LayerNorm(over="channels", affine=affine, epsilon=epsilon)
        case _:
            return LayerNorm(affine=affine, epsilon=epsilon)


def cells_of(layer: AnyLayer, batch: int, channels: int, height: int, width: int) -> int:
    """How many numbers a normalisation takes the mean of."""
    match layer:
        case GroupNorm():
            return channels // layer.groups * height * width
        case LayerNorm():
            return channels * (1 if layer.over == "channels" else height * width)
        case InstanceNorm():
            return height * width
        case _:
            return batch * height * width


def draw_padding(choose: Callable[[Sequence[Any]], Any], most: tuple[int, int] = (2, 2)) -> tuple[Any, tuple[int, int]]:
    """A padding, and at least how many rows and columns it adds on each side."""
    word = choose((0, "valid", "same", "numbers"))
    if word != "numbers":
        return word, (0, 0)
    pads = choose(range(most[0] + 1)), choose(range(most[1] + 1))
    return pads, pads


def sizes(image: Any, kernel: Any, stride: Any, padding: Any, pads: Any, dilation: Any) -> tuple[int, int]:
    """Output height and width."""
    found = []
    for axis in (0, 1):
        if padding == "same":
            found.append(-(-image[axis] // stride[axis]))
        else:
            reach = dilation[axis] * (kernel[axis] - 1) + 1
            found.append((image[axis] + 2 * pads[axis] - reach) // stride[axis] + 1)
    return found[0], found[1]


def draw_arrays(program: Program, seed: int) -> dict[str, Array]:
    """Sources of a program in float64, with few digits: a float32 holds them exactly."""
    rng = np.random.default_rng(seed)
    made: dict[str, Array] = {}
    for name in program.sources:
        spec = program.arrays[name]
        classes = program.arrays["softmax.p"].shape[1]
        if spec.kind is Kind.INT:
            made[name] = rng.integers(0, classes, spec.stored)
        elif name in program.parameters:
            spread = 0.5 if len(spec.shape) == 1 else min(0.8, 2.0 / np.sqrt(spec.size / max(spec.shape[0], 1)))
            made[name] = np.asarray(np.round(rng.standard_normal(spec.stored) * spread * 256) / 256)
            if name.endswith(".scale"):
                made[name] += 1.0
        else:
            made[name] = np.asarray(np.round(rng.standard_normal(spec.stored) * 256) / 256)
    for name, value in program.initial.items():
        if name not in program.parameters:
            made[name] = np.full(program.arrays[name].stored, value)
    made |= masks_for(program, seed, 0, precision=np.float64)
    return made
