"""A design in Keras 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from convviz.core.design import Design
from convviz.core.init import Init
from convviz.core.layers import (
    GELU,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Conv2D,
    Dense,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
)
from convviz.core.optim import Adadelta, Adagrad, Adam, Momentum, Nesterov, Optimiser, RMSProp
from convviz.core.wiring import is_chain
from convviz.present.code.augmentation import keras_augmentation
from convviz.present.code.common import (
    KERAS_WEIGHTS,
    checked_costs,
    constants,
    counted_margins,
    decay_of,
    factor_function,
    init_of,
    layer_comment,
    loader,
    number,
    opening,
    pair_text,
    schedule_needed,
)
from convviz.present.code.exporter import Calls, Exporter, calls_of
from convviz.present.code.keras_graph import JOINS, graph_lines, input_call
from convviz.present.code.keras_weights import load_weights_lines
from convviz.present.code.norms import KERAS_NORMS, KERAS_SCALE
from convviz.present.design.costs import Costs, LayerCosts

__all__ = ["KERAS", "keras_source"]


def keras_source(design: Design, weights: str = "") -> str:
    """The design as a Keras script, with the channels last.

    Parameters
    ----------
    design : Design
    weights : str
        Name of the file with the trained weights, beside the script: .npz or .weights.h5; empty trains from the start.

    Raises
    ------
    DesignError
        The design can't be trained.
    """
    found = checked_costs(design)
    design = design.named()
    settings = design.training
    scheduled = schedule_needed(settings.schedule)
    write = partial(layer_calls, design)
    model = (sequence_lines if is_chain(design.layers) else graph_lines)(design, found, write)
    lines = [
        *opening(design, "Keras", "keras 3 and a backend for it (tensorflow, jax or torch)", weights),
        *(["import math"] if scheduled else []),
        "import sys",
        *(["from pathlib import Path"] if weights else []),
        "",
        "import keras",
        "import numpy as np",
        "from keras import initializers, layers",
        "",
        *constants(design, weights),
        "",
        "keras.utils.set_random_seed(SEED)",
        "",
        *(KERAS_SCALE if any("Scale(" in line for line in model) else []),
        *model,
        "",
        *keras_augmentation(design),
        *(factor_function(settings.schedule) if scheduled else []),
        *loader(design),
        *(load_weights_lines(design, found, weights) if weights else []),
        *train_lines(design, weights, scheduled=scheduled),
    ]
    return "\n".join(lines)


def sequence_lines(design: Design, found: Costs, write: Callable[[Any, LayerCosts], list[str]]) -> list[str]:
    """A chain of layers."""
    calls: list[tuple[str, str]] = []
    for layer, cost in zip(design.layers, found.layers, strict=True):
        made = write(layer, cost)
        calls += [(call, "") for call in made[:-1]] + [(made[-1], layer_comment(cost))]
    return [
        "# Keras has the channels last, so Flatten orders features differently from convviz.",
        "model = keras.Sequential([",
        f"    {input_call(design)},",
        *(f"    {call},  {comment}".rstrip() for call, comment in calls),
        "])",
    ]


def named(call: str, name: str) -> str:
    """A call with the layer's name as its last argument."""
    return f'{call[:-1]}{"" if call.endswith("()") else ", "}name="{name}")'


def layer_calls(design: Design, layer: Any, cost: LayerCosts) -> list[str]:
    """The Keras layers for one layer; the last one gets its name, unless another one has it already."""
    calls = calls_of("Keras", LAYERS, design, layer, cost)
    if any(f'name="{layer.name}"' in call for call in calls):
        return calls
    return [*calls[:-1], named(calls[-1], layer.name)]


def penalty_of(design: Design) -> float:
    """Weight decay that is part of the loss; decoupled decay belongs to the optimiser."""
    return 0.0 if design.training.optimiser.decoupled else decay_of(design)


def dense_calls(design: Design, layer: Dense, _cost: LayerCosts) -> list[str]:
    """A dense layer."""
    return [f"layers.Dense({', '.join([str(layer.units), *weight_parts(design, layer)])})"]


def mean_calls(_design: Design, _layer: GlobalAvgPool, _cost: LayerCosts) -> list[str]:
    """The mean of every map, as one row."""
    return ["layers.GlobalAveragePooling2D()"]


def gelu_calls(_design: Design, layer: GELU, _cost: LayerCosts) -> list[str]:
    """GELU, with the error function unless the layer asks for the approximation."""
    return [f"layers.Lambda(lambda x: keras.activations.gelu(x, approximate={layer.approximate == 'tanh'}))"]


def response_calls(_design: Design, layer: LocalResponseNorm, _cost: LayerCosts) -> list[str]:
    """Local response normalisation: squares of neighbouring channels, which are the last axis."""
    half = layer.size // 2
    squares = f"keras.ops.pad(x * x, ((0, 0), (0, 0), (0, 0), ({half}, {half})))"
    total = f"sum({squares}[..., i : i + x.shape[-1]] for i in range({layer.size}))"
    scale = f"{number(layer.k)} + {number(layer.alpha)} / {layer.size} * {total}"
    return [f"layers.Lambda(lambda x: x * ({scale}) ** {number(-layer.beta)})"]


def norm_calls(_design: Design, layer: BatchNorm2D, _cost: LayerCosts) -> list[str]:
    """Batch normalisation. Keras's momentum is the share that is kept; in convviz and PyTorch it is the new share."""
    kept = number(round(1.0 - layer.momentum, 12))
    return [f"layers.BatchNormalization(momentum={kept}, epsilon={number(layer.epsilon)})"]


def conv_calls(design: Design, layer: Conv2D, cost: LayerCosts) -> list[str]:
    """A convolution; padding given in numbers is a separate layer in Keras."""
    assert cost.window is not None
    window = cost.window
    calls = []
    parts = [str(layer.filters), pair_text(*window.kernel)]
    # Keras can't stride and dilate at once: every place is computed, and those in between are left out.
    sparse = window.stride != (1, 1) and window.dilation != (1, 1)
    if window.stride != (1, 1) and not sparse:
        parts.append(f"strides={pair_text(*window.stride)}")
    if any(cost.margins):
        if layer.padding == "same" and window.stride == (1, 1):
            parts.append('padding="same"')
        else:
            calls.append(padding_call(cost))
    if window.dilation != (1, 1):
        parts.append(f"dilation_rate={pair_text(*window.dilation)}")
    if layer.groups != 1:
        parts.append(f"groups={layer.groups}")
    parts += weight_parts(design, layer)
    call = f"layers.Conv2D({', '.join(parts)})"
    calls.append(named(call, layer.name) if sparse else call)
    if sparse:
        down, across = window.stride
        calls.append(f"layers.Lambda(lambda x: x[:, ::{down}, ::{across}])")
    return calls


def pool_calls(_design: Design, layer: MaxPool2D | AvgPool2D, cost: LayerCosts) -> list[str]:
    """A pooling layer; padding is ignored in a maximum and mostly counts as zeros in a mean."""
    assert cost.window is not None
    window = cost.window
    calls = []
    if isinstance(layer, AvgPool2D) and counted_margins(layer, cost) != cost.margins:
        return [edge_average_call(layer, cost)]
    if any(cost.margins):
        if isinstance(layer, AvgPool2D):
            calls.append(padding_call(cost))
        else:
            around = f"{widths(cost.margins)}, constant_values=-float('inf')"
            calls.append(f"layers.Lambda(lambda x: keras.ops.pad(x, {around}))")
    word = "MaxPooling2D" if isinstance(layer, MaxPool2D) else "AveragePooling2D"
    strides = "" if window.stride == window.kernel else f", strides={pair_text(*window.stride)}"
    return [*calls, f"layers.{word}({pair_text(*window.kernel)}{strides})"]


def edge_average_call(layer: AvgPool2D, cost: LayerCosts) -> str:
    """A mean in which not every cell of a window counts: with zeros around the maps, over the share that counts."""
    assert cost.window is not None
    window, counted = cost.window, counted_margins(layer, cost)
    mean = f'{window.kernel}, {window.stride}, "valid", "channels_last")'
    ones = "keras.ops.ones_like(x[:1, ..., :1])"
    if any(counted):
        ones = f"keras.ops.pad({ones}, {widths(counted)}, constant_values=1.0)"
    rest = tuple(every - some for every, some in zip(cost.margins, counted, strict=True))
    return (
        f"layers.Lambda(lambda x: keras.ops.average_pool(keras.ops.pad(x, {widths(cost.margins)}), {mean} "
        f"/ keras.ops.average_pool(keras.ops.pad({ones}, {widths(rest)}), {mean})"
    )


def widths(margins: tuple[int, ...]) -> str:
    """Margins for maps with the channels last."""
    top, bottom, left, right = margins
    return f"((0, 0), ({top}, {bottom}), ({left}, {right}), (0, 0))"


def shuffle_calls(_design: Design, layer: ChannelShuffle, cost: LayerCosts) -> list[str]:
    """Channel shuffle; the channels are the last axis."""
    channels, height, width = cost.output
    grouped = f"keras.ops.reshape(x, (-1, {height}, {width}, {layer.groups}, {channels // layer.groups}))"
    turns = f"keras.ops.swapaxes({grouped}, 3, 4)"
    return [f"layers.Lambda(lambda x: keras.ops.reshape({turns}, (-1, {height}, {width}, {channels})))"]


def padding_call(cost: LayerCosts) -> str:
    """Zeros around the maps."""
    top, bottom, left, right = cost.margins
    return f"layers.ZeroPadding2D((({top}, {bottom}), ({left}, {right})))"


def weight_parts(design: Design, layer: Conv2D | Dense) -> list[str]:
    """Initial weights and biases, and weight decay."""
    penalty = penalty_of(design)
    parts = [] if layer.bias else ["use_bias=False"]
    parts.append(f"kernel_initializer={initialiser(init_of(design, layer), layer)}")
    if layer.bias and layer.bias_init:
        parts.append(f"bias_initializer=initializers.Constant({number(layer.bias_init)})")
    if penalty:
        half = number(penalty / 2)
        parts.append(f"kernel_regularizer=keras.regularizers.L2({half})")
        if layer.bias:
            parts.append(f"bias_regularizer=keras.regularizers.L2({half})")
    return parts


def initialiser(init: Init, layer: Conv2D | Dense) -> str:
    """The initialiser; Keras's own He and Glorot are truncated at two deviations, convviz's are not."""
    scale = number(abs(init.scale))
    match init.kind:
        case "zeros":
            return '"zeros"'
        case "constant":
            return f"initializers.Constant({number(init.scale)})"
        case "normal":
            return f"initializers.RandomNormal(stddev={scale})"
        case "truncated-normal":
            return f"initializers.TruncatedNormal(stddev={scale})"
        case "xavier-normal":
            return 'initializers.VarianceScaling(1.0, "fan_avg", "untruncated_normal")'
        case "xavier-uniform":
            return '"glorot_uniform"'
        case "he-normal":
            return 'initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")'
        case "he-uniform":
            return '"he_uniform"'
        case "course":
            if isinstance(layer, Conv2D):
                return f"initializers.RandomNormal(stddev=(2 / {layer.filters}) ** 0.5)"
            return 'initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")'


def optimiser_call(optimiser: Optimiser, decay: float, clip: float | None) -> str:
    """The optimiser with all its settings."""
    parts = ["learning_rate=LEARNING_RATE"]
    word = "SGD"
    match optimiser:
        case Nesterov():
            parts += [f"momentum={number(optimiser.momentum)}", "nesterov=True"]
        case Momentum():
            parts.append(f"momentum={number(optimiser.momentum)}")
        case Adagrad():
            word = "Adagrad"
            parts += [f"initial_accumulator_value={number(optimiser.initial)}", f"epsilon={number(optimiser.epsilon)}"]
        case Adadelta():
            word = "Adadelta"
            parts += [f"rho={number(optimiser.rho)}", f"epsilon={number(optimiser.epsilon)}"]
        case RMSProp():
            word = "RMSprop"
            parts += [f"rho={number(optimiser.alpha)}", f"epsilon={number(optimiser.epsilon)}"]
            if optimiser.momentum:
                parts.append(f"momentum={number(optimiser.momentum)}")
        case Adam():
            word = "AdamW" if optimiser.decoupled else "Adam"
            parts += [f"beta_1={number(optimiser.beta1)}", f"beta_2={number(optimiser.beta2)}"]
            parts.append(f"epsilon={number(optimiser.epsilon)}")
    if optimiser.decoupled:
        parts.append(f"weight_decay={number(decay)}")
    if clip is not None:
        parts.append(f"global_clipnorm={number(clip)}")
    return f"keras.optimizers.{word}({', '.join(parts)})"


def train_lines(design: Design, weights: str, *, scheduled: bool) -> list[str]:
    """Compile and fit."""
    settings = design.training
    smoothing = settings.label_smoothing
    if smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing={number(smoothing)})"
        labels = [
            f"    y_train = keras.utils.to_categorical(y_train, {design.classes})",
            f"    y_test = keras.utils.to_categorical(y_test, {design.classes})",
        ]
    else:
        loss, labels = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)", []
    rate = [
        "",
        "class Rate(keras.callbacks.Callback):",
        '    """Sets the learning rate before every step."""',
        "",
        "    def __init__(self, steps_per_epoch):",
        "        super().__init__()",
        "        self.steps_per_epoch, self.step = steps_per_epoch, 0",
        "",
        "    def on_train_batch_begin(self, batch, logs=None):",
        "        self.model.optimizer.learning_rate = LEARNING_RATE * factor(self.step, self.steps_per_epoch)",
        "        self.step += 1",
        "",
    ]
    augmented = settings.augmentation.is_on
    network = "network" if augmented else "model"
    trained = [
        "    load_weights()",
        f"    _, accuracy = {network}.evaluate(x_test, y_test, verbose=0)",
        '    print(f"trained: test accuracy {accuracy:.4f}")',
        "    if not EPOCHS:",
        "        return",
    ]
    callbacks = ", callbacks=[Rate(-(-len(x_train) // BATCH_SIZE))]" if scheduled else ""
    return [
        *(rate if scheduled else []),
        "",
        "def main():",
        '    print(sum(int(np.prod(w.shape)) for w in model.trainable_weights), "parameters")',
        "    x_train, y_train, x_test, y_test = load()",
        "    x_train, x_test = x_train.transpose(0, 2, 3, 1), x_test.transpose(0, 2, 3, 1)",
        *labels,
        f"    optimiser = {optimiser_call(settings.optimiser, decay_of(design), settings.clip_norm)}",
        *(["    network = keras.Sequential([augment, model])"] if augmented else []),
        f'    {network}.compile(optimizer=optimiser, loss={loss}, metrics=["accuracy"])',
        *(trained if weights else []),
        f"    {network}.fit(",
        f"        x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, validation_data=(x_test, y_test){callbacks},",
        "    )",
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
        "",
    ]


LAYERS: Mapping[type[Layer], Calls] = MappingProxyType(
    {
        Conv2D: conv_calls,
        MaxPool2D: pool_calls,
        AvgPool2D: pool_calls,
        ChannelShuffle: shuffle_calls,
        GlobalAvgPool: mean_calls,
        GlobalMaxPool: lambda _design, _layer, _cost: ["layers.GlobalMaxPooling2D()"],
        GELU: gelu_calls,
        LocalResponseNorm: response_calls,
        Dense: dense_calls,
        BatchNorm2D: norm_calls,
        **KERAS_NORMS,
    }
)
KERAS = Exporter(
    "Keras", "Runs with Keras 3 on any of its backends.", keras_source, LAYERS, JOINS, weights=(".npz", KERAS_WEIGHTS)
)
