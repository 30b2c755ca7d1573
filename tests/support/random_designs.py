"""Designs that can be trained, drawn at random: every layer, small enough to run in a moment."""

from __future__ import annotations

import random
from typing import Any

from convviz.core.design import Design, Input, Training
from convviz.core.init import Init
from convviz.core.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
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
from convviz.core.optim import SGD, Adadelta, Adagrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from convviz.core.schedule import Constant, Cosine, Exponential, StepDecay
from convviz.present.design.costs import costs

ACTIVATIONS = (
    *(ReLU(), LeakyReLU(slope=0.2), Sigmoid(), Tanh(), GELU(), GELU(approximate="tanh")),
    *(ELU(alpha=0.7), SiLU(), HardSwish(), HardSigmoid(), Clip(), Softplus(), Mish()),
    *(PReLU(), PReLU(slope=0.1, shared=True), Softmax(), ScaleShift(), Rescale(scale=0.5, shift=-0.1)),
)
OPTIMISERS = (
    *(SGD(lr=0.1), Momentum(), Nesterov(momentum=0.5), Adagrad(initial=0.1), Adadelta()),
    *(RMSProp(), RMSProp(momentum=0.5), Adam(beta1=0.8), AdamW()),
)
SCHEDULES = (
    *(Constant(), Constant(warmup=3), StepDecay(every=2, gamma=0.5)),
    *(Exponential(gamma=0.9, warmup=2), Cosine(final=0.1, warmup=4)),
)
INITS = ("zeros", "constant", "normal", "truncated-normal", "xavier-normal", "xavier-uniform")
MORE_INITS = ("he-normal", "he-uniform", "course")


def random_design(rng: random.Random) -> Design:
    """A design that can be trained."""
    while True:
        design = attempt(rng)
        if costs(design).valid:
            return design


def attempt(rng: random.Random) -> Design:
    """A design that may or may not fit together."""
    layers: list[Any] = [map_layer(rng) for _ in range(rng.randint(0, 5))]
    layers.append(rng.choice([Flatten(), Flatten(), GlobalAvgPool()]))
    for _ in range(rng.randint(0, 2)):
        layers.append(Dense(units=rng.randint(1, 9), bias=rng.random() < 0.7, init=init(rng)))
        layers += [LayerNorm()] if rng.random() < 0.2 else []
        layers.append(rng.choice(ACTIVATIONS))
    classes = rng.randint(2, 6)
    layers.append(Dense(units=classes, bias_init=rng.choice([0.0, 0.1])))
    image = Input(channels=rng.randint(1, 4), height=rng.randint(3, 12), width=rng.randint(3, 12))
    loss = rng.choice(["cross-entropy", "cross-entropy", "hinge", "mse"])
    training = Training(
        optimiser=rng.choice(OPTIMISERS),
        schedule=rng.choice(SCHEDULES),
        batch_size=rng.randint(1, 5),
        epochs=rng.randint(1, 3),
        seed=rng.randrange(1000),
        init=Init(kind=rng.choice([*INITS, *MORE_INITS])),
        weight_decay=rng.choice([None, 0.0, 0.01]),
        clip_norm=rng.choice([None, 1.0]),
        label_smoothing=rng.choice([0.0, 0.1]) if loss != "hinge" else 0.0,
        loss=loss,
        class_weights=rng.choice([None, None, tuple(rng.choice([0.5, 1.0, 2.0]) for _ in range(classes))]),
        ignored_label=rng.choice([None, None, None, 0]),
        train_size=rng.choice([None, 7]),
    )
    return Design(
        name=f"random-{rng.randrange(10**6)}",
        about=rng.choice(["", 'With "quotes", a \\ and ümläuts.']),
        input=image,
        classes=classes,
        layers=tuple(layers),
        training=training,
    ).named()


def map_layer(rng: random.Random) -> Any:
    """A layer that takes maps and gives maps."""
    more = ("shuffle", "transposed", "resize")
    match rng.choice([*("conv", "conv", "conv", "max", "avg", "norm", "dropout", "activation"), *more]):
        case "conv":
            groups = rng.choice([1, 1, 1, 2])
            return Conv2D(
                filters=groups * rng.randint(1, 3),
                kernel=sizes(rng, 1, 4),
                stride=sizes(rng, 1, 3),
                padding=rng.choice(["same", "valid", sizes(rng, 0, 3)]),
                dilation=rng.choice([1, 1, sizes(rng, 1, 2)]),
                groups=groups,
                bias=rng.random() < 0.7,
                init=init(rng),
                bias_init=rng.choice([0.0, 0.0, -0.1]),
            )
        case "max":
            return MaxPool2D(**pooling(rng), dilation=rng.choice([1, 1, sizes(rng, 1, 2)]))
        case "avg":
            return AvgPool2D(**pooling(rng), count_padding=rng.random() < 0.6)
        case "transposed":
            groups = rng.choice([1, 1, 2])
            stride = sizes(rng, 1, 3)
            return ConvTranspose2D(
                filters=groups * rng.randint(1, 3),
                kernel=sizes(rng, 1, 4),
                stride=stride,
                padding=sizes(rng, 0, 2),
                output_padding=rng.randrange(min(stride) if isinstance(stride, tuple) else stride),
                dilation=rng.choice([1, 1, 2]),
                groups=groups,
                bias=rng.random() < 0.7,
                init=init(rng),
            )
        case "resize":
            first = rng.randint(0, 1)
            sides = {side: rng.randint(0, 2) for side in ("top", "bottom", "left", "right")}
            return rng.choice(
                [
                    *(Upsample(scale=sizes(rng, 1, 3)), Upsample(mode="bilinear"), ReflectPad2D(**sides)),
                    *(Upsample(mode="bilinear", align_corners=True), Crop2D(**sides)),
                    AdaptiveMaxPool2D(output=sizes(rng, 1, 4)),
                    *(AdaptiveAvgPool2D(output=sizes(rng, 1, 4)), Slice(start=first, stop=first + rng.randint(1, 2))),
                ]
            )
        case "shuffle":
            return ChannelShuffle(groups=rng.choice([1, 2, 3]))
        case "norm":
            momentum, affine, groups = rng.choice([0.1, 0.3]), rng.random() < 0.7, rng.choice([1, 1, 2, 3])
            over = rng.choice(["image", "channels"])
            layer = LayerNorm(over=over, affine=affine)
            kinds = (InstanceNorm(affine=affine), layer, GroupNorm(groups=groups, affine=affine))
            return rng.choice([*[BatchNorm2D(momentum=momentum)] * 3, *kinds])
        case "dropout":
            return Dropout(rate=rng.choice([0.0, 0.4]))
        case _:
            return rng.choice(ACTIVATIONS)


def pooling(rng: random.Random) -> dict[str, Any]:
    """Fields of a pooling layer."""
    return {
        "kernel": sizes(rng, 1, 4),
        "stride": rng.choice([None, sizes(rng, 1, 3)]),
        "padding": rng.choice(["same", "valid", 0, sizes(rng, 0, 2)]),
        "ceil": rng.random() < 0.3,
    }


def sizes(rng: random.Random, low: int, high: int) -> Any:
    """A number for both axes, or one for each."""
    first, second = rng.randint(low, high), rng.randint(low, high)
    return first if first == second or rng.random() < 0.6 else (first, second)


def init(rng: random.Random) -> Init | None:
    """How a layer starts; mostly as the design does."""
    return rng.choice([None, None, Init(kind=rng.choice(INITS), scale=0.3)])
