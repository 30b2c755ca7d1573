"""Random small networks with one window that moves: kernels, strides, paddings, dilations and groups of all kinds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from convviz.core.design import Design, Input
from convviz.core.errors import DesignError
from convviz.core.layers import (
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AnyLayer,
    AvgPool2D,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Flatten,
    GlobalAvgPool,
    LocalResponseNorm,
    MaxPool2D,
    ReflectPad2D,
    Upsample,
    ZeroPad2D,
)
from convviz.present.design.costs import costs
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def convolutions(draw: st.DrawFn) -> Conv2D:
    """A convolution for maps whose channels are a multiple of its groups."""
    groups = draw(st.sampled_from([1, 1, 2]))
    return Conv2D(
        filters=groups * draw(st.integers(1, 2)),
        kernel=draw(pairs),
        stride=draw(pairs),
        padding=draw(st.one_of(st.tuples(st.integers(0, 2), st.integers(0, 2)), st.just("same"))),
        dilation=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        groups=groups,
        bias=draw(st.booleans()),
    )


@st.composite
def pools(draw: st.DrawFn, kinds: tuple[Any, ...]) -> AnyLayer:
    """A pooling layer."""
    kind: Any = draw(st.sampled_from(kinds))
    fields = {"kernel": draw(pairs), "stride": draw(pairs), "padding": draw(st.sampled_from([0, 0, 1, (0, 1), "same"]))}
    fields["dilation"] = draw(st.sampled_from([1, 1, (2, 1), (1, 3), 2]))
    if kind is AvgPool2D:
        fields["count_padding"] = draw(st.booleans())
    return kind(**fields, ceil=draw(st.sampled_from([False, True])))


@st.composite
def resizes(draw: st.DrawFn) -> AnyLayer:
    """A layer that makes maps larger, smaller, or divides them into regions."""
    small = st.integers(0, 2)
    sides = {side: draw(small) for side in ("top", "bottom", "left", "right")}
    output_padding = draw(st.sampled_from([0, 0, 1, (0, 1)]))
    padding = draw(st.tuples(small, small))
    transposed = {"kernel": draw(pairs), "stride": draw(pairs), "dilation": draw(st.sampled_from([1, 1, 2, (1, 3)]))}
    layers: list[AnyLayer] = [
        ConvTranspose2D(
            filters=2, **transposed, padding=padding, output_padding=output_padding, groups=draw(st.integers(1, 2))
        ),
        Upsample(scale=draw(pairs)),
        Upsample(scale=draw(pairs), mode="bilinear", align_corners=draw(st.booleans())),
        AdaptiveAvgPool2D(output=draw(pairs)),
        AdaptiveMaxPool2D(output=draw(pairs)),
        ReflectPad2D(**sides),
        ZeroPad2D(**sides),
        Crop2D(**sides),
        LocalResponseNorm(size=draw(st.integers(1, 5)), alpha=0.5),
    ]
    return draw(st.sampled_from(layers))


@st.composite
def resized(draw: st.DrawFn) -> Design:
    """A design whose first layer is one of these."""
    image = Input(channels=2, height=draw(st.integers(1, 7)), width=draw(st.integers(1, 7)))
    try:
        layers = (draw(resizes()), Conv2D(filters=2, kernel=1), Flatten(), Dense(units=2))
        found = Design(input=image, classes=2, layers=layers).named()
    except DesignError:
        assume(False)
    assume(costs(found).valid)
    return found


@st.composite
def designs(draw: st.DrawFn, most: int = 1, *, maxima: bool = True) -> Design:
    """A design that fits together; its windows need not reach every pixel."""
    kinds = (MaxPool2D, AvgPool2D) if maxima else (AvgPool2D,)
    layers = draw(st.lists(st.one_of(convolutions(), pools(kinds)), min_size=1, max_size=most))
    groups = max(layer.groups if isinstance(layer, Conv2D) else 1 for layer in layers)
    channels = groups * draw(st.integers(1, 2))
    image = Input(channels=channels, height=draw(st.integers(1, 9)), width=draw(st.integers(1, 9)))
    flat = draw(st.sampled_from([Flatten(), Flatten(), GlobalAvgPool()]))
    try:
        found = Design(input=image, classes=draw(st.integers(2, 3)), layers=(*layers, flat))
        found = Design(input=image, classes=found.classes, layers=(*layers, flat, Dense(units=found.classes))).named()
    except DesignError:
        assume(False)
    assume(costs(found).valid)
    return found


@lru_cache(maxsize=8)
def stepped(design: Design, batch: int) -> Pass:
    """A pass of it, done."""
    image, rng = design.input, np.random.default_rng(3)
    images = rng.normal(size=(batch, image.channels, image.height, image.width))
    run = make_pass(design, {}, images, np.arange(batch) % design.classes, precision=np.float64)
    run.run_to_end()
    return run
