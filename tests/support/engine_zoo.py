"""Small networks in which every layer, optimiser and op occurs, and numbers to run them with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from convviz.core.arrays import Kind
from convviz.core.design import Design, Input, Training
from convviz.core.dropout import masks_for
from convviz.core.execute import execute
from convviz.core.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    Add,
    AnyLayer,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Clip,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool2D,
    Mish,
    Multiply,
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
    ZeroPad2D,
)
from convviz.core.lower import lower
from convviz.core.ops.adaptive_max import WhichRegionMax
from convviz.core.ops.base import fresh_scratch
from convviz.core.ops.max_pool import WhichMax
from convviz.core.optim import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AnyOptimiser,
    Momentum,
    Nesterov,
    RMSProp,
)
from convviz.core.program import Program, Step
from convviz.core.score import Target, lower_score

Array = np.ndarray[Any, np.dtype[Any]]
Env = dict[str, Array]


def net(*layers: AnyLayer, image: tuple[int, int, int] = (2, 5, 4), classes: int = 3, **training: Any) -> Design:
    """A design with its features and scores added."""
    flat = () if any(isinstance(layer, Flatten | GlobalAvgPool | GlobalMaxPool) for layer in layers) else (Flatten(),)
    channels, height, width = image
    return Design(
        input=Input(channels=channels, height=height, width=width),
        classes=classes,
        layers=(*layers, *flat, Dense(units=classes)),
        training=Training(**training),
    ).named()


def dense_net(optimiser: AnyOptimiser, **training: Any) -> Design:
    """The smallest net that an optimiser can be seen in."""
    return net(image=(1, 2, 3), optimiser=optimiser, **training)


LAYERS: dict[str, Design] = {
    "toy 4×4": net(Conv2D(filters=1, kernel=2, padding=1), image=(1, 4, 4)),
    "odd strides": net(Conv2D(filters=3, kernel=(2, 3), stride=(2, 1), padding=(1, 0)), ReLU(), image=(2, 6, 5)),
    "dilation": net(Conv2D(filters=2, kernel=(3, 2), dilation=(2, 3), padding="same"), LeakyReLU(slope=0.2)),
    "groups": net(
        Conv2D(filters=4, kernel=2, groups=2, padding=1), Conv2D(filters=4, kernel=3, groups=4, bias=False, padding=1)
    ),
    "left over": net(Conv2D(filters=2, kernel=2, stride=3), Tanh(), image=(1, 6, 7)),
    "max pool": net(Conv2D(filters=2), MaxPool2D(), Sigmoid(), image=(1, 7, 6)),
    "max pool, stride 1": net(MaxPool2D(kernel=2, stride=1), image=(2, 4, 3)),
    "max pool, same": net(MaxPool2D(kernel=(3, 2), stride=(2, 1), padding="same"), image=(1, 5, 4)),
    "max pool, rounded up": net(MaxPool2D(kernel=(3, 2), stride=2, ceil=True), image=(1, 6, 5)),
    "max pool, gaps": net(MaxPool2D(kernel=1, stride=2), MaxPool2D(kernel=(2, 1), stride=(3, 1)), image=(1, 9, 4)),
    "average pool": net(AvgPool2D(kernel=(3, 2), stride=(2, 1), padding=1), image=(1, 5, 4)),
    "average pool, gaps": net(AvgPool2D(), AvgPool2D(kernel=1, stride=2), image=(1, 7, 5)),
    "average pool, inside only": net(
        AvgPool2D(kernel=(3, 2), stride=(2, 1), padding=1, count_padding=False), image=(1, 4, 3)
    ),
    "average pool, rounded up": net(
        AvgPool2D(kernel=3, stride=2, padding=(1, 0), ceil=True),
        AvgPool2D(kernel=2, ceil=True, count_padding=False),
        image=(1, 6, 6),
    ),
    "average pool, dilated": net(
        AvgPool2D(kernel=2, stride=(2, 1), dilation=(1, 2)),
        AvgPool2D(kernel=(2, 1), stride=1, dilation=(2, 1), padding=(1, 0), count_padding=False),
        image=(1, 6, 5),
    ),
    "channel shuffle": net(
        Conv2D(filters=6, kernel=1), ChannelShuffle(groups=3), Conv2D(filters=4, kernel=2, groups=2), image=(1, 3, 2)
    ),
    "max pool, dilated": net(
        MaxPool2D(kernel=(2, 3), stride=(1, 2), dilation=(2, 1), padding=1),
        Conv2D(filters=2, kernel=1),
        image=(1, 5, 4),
    ),
    "transposed": net(ConvTranspose2D(filters=2, kernel=3, padding=1, output_padding=(1, 0)), ReLU(), image=(2, 2, 3)),
    "transposed, side by side": net(
        ConvTranspose2D(filters=4, kernel=2, groups=2, bias=False),
        MaxPool2D(),
        ConvTranspose2D(filters=2, kernel=(2, 3), stride=(1, 2), dilation=(2, 1), padding=(0, 1)),
        image=(2, 2, 2),
    ),
    "transposed, stride 1": net(
        ConvTranspose2D(filters=4, kernel=3, stride=1, padding=1, bias=False), Tanh(), image=(3, 3, 2)
    ),
    "u-net": net(
        *(Conv2D(filters=2, padding=1), ReLU(), MaxPool2D(), Conv2D(filters=3, kernel=1), ReLU(), Upsample()),
        *(Concat(input=("", "relu1")), Conv2D(filters=2, kernel=1)),
        image=(1, 4, 4),
    ),
    "bilinear": net(Upsample(mode="bilinear"), Conv2D(filters=2, kernel=2, stride=2), image=(1, 3, 2)),
    "bilinear, corners aligned": net(
        Conv2D(filters=2, kernel=1), Upsample(scale=3, mode="bilinear", align_corners=True), image=(1, 3, 2)
    ),
    "adaptive average": net(Conv2D(filters=2, kernel=2), AdaptiveAvgPool2D(output=(3, 2)), image=(1, 6, 4)),
    "adaptive maximum": net(Conv2D(filters=2, kernel=2), AdaptiveMaxPool2D(output=(3, 2)), image=(1, 6, 4)),
    "reflected": net(ReflectPad2D(top=2, right=0), Conv2D(filters=2, kernel=2), ReflectPad2D(), image=(1, 3, 3)),
    "cut off": net(Conv2D(filters=2, kernel=1), Crop2D(top=0, left=2), ReLU(), image=(1, 3, 4)),
    "two halves": net(
        *(Conv2D(filters=4, kernel=1), Slice(start=0, stop=2), Slice(start=1, stop=4, input="conv1")),
        *(Conv2D(filters=2, kernel=1), Concat(input=("slice1", ""))),
        *(Flatten(), Slice(start=3, stop=9)),
        image=(1, 2, 2),
    ),
    "global average": net(Conv2D(filters=2, padding="same"), GELU(), GlobalAvgPool()),
    "gelu by tanh": net(Flatten(), GELU(approximate="tanh"), Dense(units=4), GELU(), image=(1, 2, 3)),
    "elu": net(Conv2D(filters=2), ELU(alpha=0.7), Flatten(), Dense(units=4), ELU(), image=(1, 4, 3)),
    "silu": net(Conv2D(filters=2), SiLU(), Flatten(), Dense(units=4), SiLU(), image=(1, 4, 3)),
    "hard swish": net(Conv2D(filters=2), HardSwish(), Flatten(), Dense(units=4), HardSwish(), image=(1, 4, 3)),
    "softplus": net(Conv2D(filters=2), Softplus(), Flatten(), Dense(units=4), Softplus(), image=(1, 4, 3)),
    "mish": net(Conv2D(filters=2), Mish(), Flatten(), Dense(units=4), Mish(), image=(1, 4, 3)),
    "clip": net(Conv2D(filters=2), Clip(low=-0.3, high=0.8), Flatten(), Dense(units=4), Clip(), image=(1, 4, 3)),
    "hard sigmoid": net(Conv2D(filters=2), HardSigmoid(), Flatten(), Dense(units=4), HardSigmoid(), image=(1, 4, 3)),
    "global maximum": net(Conv2D(filters=2, padding="same"), GlobalMaxPool(), image=(1, 4, 3)),
    "padded by a layer": net(
        ZeroPad2D(top=0, bottom=2), Conv2D(filters=2, kernel=2), ZeroPad2D(left=0), image=(1, 2, 3)
    ),
    "dropout": net(Dropout(rate=0.3), Flatten(), Dense(units=5), ReLU(), Dropout(), image=(1, 3, 3)),
    "batch normalisation": net(Conv2D(filters=2, bias=False), BatchNorm2D(), ReLU(), BatchNorm2D(), image=(1, 5, 4)),
    "normalised, then padded": net(BatchNorm2D(), Conv2D(filters=2, kernel=2, padding=1), image=(2, 3, 3)),
    "residual": net(
        *(Conv2D(filters=2), ReLU(), Conv2D(filters=2, padding="same"), Add(input=("", "relu1")), ReLU()),
        image=(1, 5, 4),
    ),
    "three ways": net(
        *(
            Conv2D(filters=2, kernel=2),
            Conv2D(filters=1, kernel=1),
            Tanh(),
            Conv2D(filters=2, padding=1, input="conv1"),
        ),
        *(MaxPool2D(kernel=2, stride=1, padding="same", input="conv1"), Concat(input=("tanh1", "conv3", "maxpool1"))),
        image=(2, 4, 3),
    ),
    "the same twice": net(
        Conv2D(filters=2, kernel=1),
        Add(input=("", "")),
        Multiply(input=("add1", "add1")),
        Add(input=("", "x", "conv1")),
        image=(2, 2, 3),
    ),
    "products": net(
        Tanh(), Sigmoid(input="x"), Multiply(input=("tanh1", "")), Multiply(input=("", "x")), image=(1, 2, 3)
    ),
    "squeeze and excitation": net(
        *(Conv2D(filters=3, kernel=2), GlobalAvgPool(), Dense(units=2), ReLU(), Dense(units=3), Sigmoid()),
        *(Multiply(input=("conv1", "")), Flatten()),
        image=(1, 4, 3),
    ),
    "rows of features": net(
        *(Flatten(), Dense(units=3), Tanh(), Dense(units=2, input="flatten1"), Concat(input=("tanh1", "")), ReLU()),
        image=(1, 2, 3),
    ),
    "response normalisation": net(
        Conv2D(filters=4, kernel=2), LocalResponseNorm(size=3, alpha=0.5, beta=0.6, k=1.5), image=(1, 3, 3)
    ),
    "group normalisation": net(
        Conv2D(filters=4, kernel=2), GroupNorm(groups=2, epsilon=1e-3), ReLU(), GroupNorm(groups=4), image=(1, 4, 3)
    ),
    "instance normalisation": net(
        Conv2D(filters=2, kernel=2), InstanceNorm(), Tanh(), InstanceNorm(affine=False, epsilon=0.1), image=(1, 4, 3)
    ),
    "layer normalisation": net(
        *(LayerNorm(), Conv2D(filters=2, kernel=2), LayerNorm(affine=False), Flatten(), Dense(units=4), LayerNorm()),
        image=(2, 3, 3),
    ),
    "layer normalisation of channels": net(
        *(LayerNorm(over="channels", epsilon=0.1), Conv2D(filters=3, kernel=2), LayerNorm(over="channels"), ReLU()),
        *(LayerNorm(over="channels", affine=False), Flatten(), LayerNorm(over="channels")),
        image=(2, 3, 3),
    ),
    "prelu": net(Conv2D(filters=2), PReLU(), Flatten(), Dense(units=4), PReLU(slope=-0.1), image=(1, 4, 3)),
    "prelu, one slope": net(Conv2D(filters=2), PReLU(shared=True), Flatten(), PReLU(shared=True), image=(1, 4, 3)),
    "scaled": net(
        *(Rescale(scale=2.0, shift=-1.0), Conv2D(filters=2, kernel=2), ScaleShift(), Rescale(scale=-0.5, shift=0.25)),
        *(Flatten(), ScaleShift()),
        image=(1, 3, 3),
    ),
    "softmax of channels": net(
        Conv2D(filters=3, kernel=2), Softmax(), Flatten(), Dense(units=4), Softmax(), image=(1, 3, 3)
    ),
    "normalised by one group": net(GroupNorm(groups=1, affine=False), Flatten(), LayerNorm(), image=(2, 2, 3)),
    "hinge": net(Conv2D(filters=1, kernel=2), image=(1, 3, 3), loss="hinge"),
    "squared error": net(Conv2D(filters=1, kernel=2), image=(1, 3, 3), loss="mse"),
    "squared error, smoothed": net(image=(1, 2, 3), loss="mse", label_smoothing=0.2),
    "class weights": net(Conv2D(filters=1, kernel=2), image=(1, 3, 3), class_weights=(0.5, 2.0, 1.5)),
    "an ignored label": net(image=(1, 2, 3), loss="hinge", ignored_label=1, class_weights=(0.5, 2.0, 1.5)),
    "label smoothing": net(Conv2D(filters=1, kernel=2), image=(1, 3, 3), label_smoothing=0.2),
}
"""Networks by what they are there for."""

OPTIMISERS: dict[str, AnyOptimiser] = {
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(momentum=0.8),
    "adagrad": Adagrad(),
    "adagrad, with a start": Adagrad(initial=0.1),
    "adadelta": Adadelta(),
    "rmsprop": RMSProp(),
    "rmsprop, momentum": RMSProp(momentum=0.5),
    "adam": Adam(),
    "adamw": AdamW(),
}
"""Optimisers by name."""

ZOO: dict[str, Design] = {
    **LAYERS,
    **{name: dense_net(optimiser) for name, optimiser in OPTIMISERS.items()},
    "decay and clipping": dense_net(Momentum(), weight_decay=0.1, clip_norm=0.01),
}
"""All of them."""

BATCH = 2


@dataclass(frozen=True)
class Case:
    """A program and the arrays of one run of it."""

    program: Program
    env: Env

    def values(self, step: Step) -> list[Array]:
        """A step's inputs in their logical shapes."""
        return [self.program.arrays[name].logical(self.env[name]) for name in step.inputs]

    def made(self, step: Step) -> Array:
        """A step's output in its logical shape."""
        return self.program.arrays[step.output].logical(self.env[step.output])


def given(program: Program, seed: int = 0, *, integers: bool = False) -> Env:
    """Arrays for a program's sources: float64, or whole numbers in float64."""
    rng = np.random.default_rng(seed)
    env: Env = {}
    for name in program.sources:
        spec = program.arrays[name]
        if spec.kind is Kind.INT:
            env[name] = rng.integers(0, program.arrays["softmax.p"].shape[1], spec.stored)
        elif integers:
            env[name] = rng.integers(-4, 5, spec.stored).astype(np.float64)
        else:
            env[name] = rng.standard_normal(spec.stored)
        if is_positive(name):
            env[name] = np.abs(env[name]) + (1.0 if integers else 0.1)
    env |= masks_for(program, seed, 7, precision=np.float64)
    env |= {name: np.array(value) for name, value in (("lr", 0.05), ("t", 3.0)) if name in env}
    return env


def is_positive(name: str) -> bool:
    """Whether an array holds squares or what is computed from them."""
    return any(word in name for word in ("squares", "moved", "variance", "norm", ".total"))


@cache
def case(name: str, *, integers: bool = False) -> Case:
    """A network of the zoo, run once in float64.

    ``… (evaluation)`` runs it as in evaluation, the names in :data:`SCORES` with a score in place of the loss.
    """
    program = program_of(name)
    env = given(program, integers=integers)
    for _ in execute(program, env, np.float64):
        pass
    return Case(program, env)


@cache
def program_of(name: str) -> Program:
    """The program of a network of the zoo, as :func:`case` runs it."""
    if name in SCORES:
        network, target, guided = SCORES[name]
        return lower_score(ZOO[network], BATCH, target, guided=guided)
    evaluation = name.endswith(" (evaluation)")
    return lower(ZOO[name.removesuffix(" (evaluation)")], BATCH, train=not evaluation, image_gradient=True)


SCORES: dict[str, tuple[str, Target, bool]] = {
    "a score": ("odd strides", Target.of_class(1), False),
    "a difference of scores": ("max pool", Target.of_class(2, 0), False),
    "a cell of maps": ("odd strides", Target((2, 1, 0), layer="relu1"), False),
    "guided": ("odd strides", Target.of_class(1), True),
}
"""Network, what is explained, and whether backpropagation is guided."""


EVALUATED = ("batch normalisation (evaluation)", "normalised, then padded (evaluation)", "dropout (evaluation)")
CASES = [*ZOO, *EVALUATED, *SCORES]
"""Names that :func:`case` knows."""


def random_inputs(case: Case, step: Step, seed: int = 0, *, integers: bool = False) -> list[Array]:
    """Stored inputs for one step that have nothing special about them, such as the zeros of a padding."""
    rng = np.random.default_rng(seed)
    made = []
    for name in step.inputs:
        spec = case.program.arrays[name]
        if spec.kind is not Kind.FLOAT or isinstance(step.op, WhichMax | WhichRegionMax):
            made.append(case.env[name].copy())
        else:
            array = rng.integers(-9, 10, spec.stored) * 1.0 if integers else rng.standard_normal(spec.stored)
            made.append(np.asarray(np.abs(array) + 0.5 if is_positive(name) or name == "t" else array))
    return made


def run_kernel(case: Case, step: Step, ins: list[Array]) -> Array:
    """What a step makes of stored inputs, stored; in memory of its own."""
    spec = case.program.arrays[step.output]
    if step.op.view:
        return step.op.as_view(ins[0], spec).copy()
    out = np.full(spec.stored, 77, spec.dtype(np.float64))
    with np.errstate(all="ignore"):
        type(step.op).kernel(*step.op.prepare(ins, out, fresh_scratch))
    return out
