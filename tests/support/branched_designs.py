"""Designs with branches, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine_cases import NORMS, activations, draw_norm
from msgspec.structs import replace

from convviz.core.design import Design, Input
from convviz.core.layers import (
    Add,
    AnyLayer,
    AvgPool2D,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GlobalAvgPool,
    MaxPool2D,
    Multiply,
    Sigmoid,
    Slice,
    Upsample,
)

Shape = tuple[int, ...]
KINDS = ("conv", "conv", "activation", "max", "average", "norm", "add", "add", "concat", "multiply", "gate")


def draw_branched(choose: Callable[[Sequence[Any]], Any]) -> tuple[Design, int]:
    """A possible network with branches, and a batch size: every layer reads any earlier ones that fit.

    What nothing reads is joined at the end. Numbers stay small: products of products of sums would grow beyond what
    float64 can compare to ten digits.
    """
    channels, height, width = choose((1, 2, 3)), choose(range(3, 7)), choose(range(3, 7))
    made: dict[str, Shape] = {"x": (channels, height, width)}
    layers: list[AnyLayer] = []
    unread: dict[str, Shape] = {}

    def put(layer: AnyLayer, reads: Sequence[str], shape: Shape) -> str:
        name = f"{layer.stem}{len(layers) + 1}"
        source = tuple(reads) if layer.takes[1] > 1 else reads[0]
        layers.append(replace(layer, name=name, input=source))
        for one in reads:
            unread.pop(one, None)
        made[name] = unread[name] = shape
        return name

    for _ in range(choose((3, 4, 5, 6, 2, 8))):
        source = choose([*made])
        c, h, w = maps = made[source]
        same = [name for name, shape in made.items() if shape == maps]
        match choose((*KINDS, "half", "down and up")):
            case "conv":
                filters, kernel = choose((c, 1, 2)), choose((1, min(2, h, w), min(3, h, w)))
                stride = choose((1, 1, 2))
                conv = Conv2D(filters=filters, kernel=kernel, padding="same", stride=stride, bias=choose((True, False)))
                put(conv, [source], (filters, -(-h // stride), -(-w // stride)))
            case "activation":
                put(choose(activations(c)), [source], maps)
            case "max":
                put(MaxPool2D(kernel=min(2, h, w), stride=1, padding="same"), [source], maps)
            case "average":
                put(AvgPool2D(kernel=min(2, h, w), stride=1, padding="same"), [source], maps)
            case "norm" if h * w > 4 and not any(isinstance(one, NORMS) for one in layers):
                # A squashed copy: batch normalisation of what has a bias makes that bias's gradient 0.
                put(draw_norm(choose, c), [put(Sigmoid(), [source], maps)], maps)
            case "half" if c > 1:
                part = put(Slice(start=1, stop=c), [source], (c - 1, h, w))
                put(ConvTranspose2D(filters=c - 1, kernel=3, stride=1, padding=1), [part], (c - 1, h, w))
            case "down and up" if h % 2 == w % 2 == 0:
                low = put(MaxPool2D(), [source], (c, h // 2, w // 2))
                up = choose((Upsample(), Upsample(mode="bilinear"), ConvTranspose2D(filters=c)))
                put(Add(), [source, put(up, [low], maps)], maps)
            case "add":
                put(Add(), [source, *(choose(same) for _ in range(choose((1, 1, 2))))], maps)
            case "multiply":
                put(Multiply(), [put(Sigmoid(), [source], maps), choose(same)], maps)
            case "concat":
                others = [choose([name for name, shape in made.items() if shape[1:] == maps[1:]]) for _ in range(2)]
                total = c + sum(made[name][0] for name in others)
                if total <= 8:
                    put(Concat(), [source, *others], (total, h, w))
            case "gate":
                row = put(GlobalAvgPool(), [source], (c,))
                row = put(Sigmoid(), [put(Dense(units=c), [row], (c,))], (c,))
                put(Multiply(), [source, row], maps)
                made = {name: shape for name, shape in made.items() if len(shape) == 3}
    rows = [
        name if len(shape) == 1 else put(Flatten(), [name], (shape[0] * shape[1] * shape[2],))
        for name, shape in tuple(unread.items())
    ]
    last = rows[0] if rows else put(Flatten(), ["x"], (channels * height * width,))
    if len(rows) > 1:
        last = put(Concat(), rows, (sum(made[name][0] for name in rows),))
    classes = choose((3, 2, 4))
    put(Dense(units=classes), [last], (classes,))
    image = Input(channels=channels, height=height, width=width)
    return Design(input=image, classes=classes, layers=tuple(layers)).named(), choose((2, 1, 3))
