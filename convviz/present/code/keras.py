"""A design in Keras 3."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from convviz.core.design import Design
from convviz.core.optim import Adadelta, Adagrad, Adam, Momentum, Nesterov, Optimiser, RMSProp
from convviz.present.code.augmentation import keras_augmentation
from convviz.present.code.common import (
    KERAS_WEIGHTS,
    checked_costs,
    constants,
    decay_of,
    factor_function,
    layer_comment,
    loader,
    number,
    opening,
    schedule_needed,
)
from convviz.present.code.exporter import Exporter, calls_of
from convviz.present.code.keras_graph import JOINS, graph_lines, input_call
from convviz.present.code.keras_layers import LAYERS, named
from convviz.present.code.keras_weights import load_weights_lines
from convviz.present.code.losses import keras_loss
from convviz.present.code.norms import KERAS_SCALE
from convviz.present.design.costs import Costs
from convviz.present.design.layer_costs import LayerCosts
from convviz.storage.weights.ways import rows_are_first

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
    model = (graph_lines if rows_are_first(design) else sequence_lines)(design, found, write)
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


def layer_calls(design: Design, layer: Any, cost: LayerCosts) -> list[str]:
    """The Keras layers for one layer; the last one gets its name, unless another one has it already."""
    calls = calls_of("Keras", LAYERS, design, layer, cost)
    if any(f'name="{layer.name}"' in call for call in calls):
        return calls
    return [*calls[:-1], named(calls[-1], layer.name)]


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
    function, other = keras_loss(design)
    if smoothing and not function:
        loss = f"keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing={number(smoothing)})"
        labels = [
            f"    y_train = keras.utils.to_categorical(y_train, {design.classes})",
            f"    y_test = keras.utils.to_categorical(y_test, {design.classes})",
        ]
    else:
        loss, labels = other, []
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
    metric = "sparse_categorical_accuracy" if function else "accuracy"
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
        *function,
        "",
        "def main():",
        '    print(sum(int(np.prod(w.shape)) for w in model.trainable_weights), "parameters")',
        "    x_train, y_train, x_test, y_test = load()",
        "    x_train, x_test = x_train.transpose(0, 2, 3, 1), x_test.transpose(0, 2, 3, 1)",
        *labels,
        f"    optimiser = {optimiser_call(settings.optimiser, decay_of(design), settings.clip_norm)}",
        *(["    network = keras.Sequential([augment, model])"] if augmented else []),
        f'    {network}.compile(optimizer=optimiser, loss={loss}, metrics=["{metric}"])',
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


KERAS = Exporter(
    "Keras", "Runs with Keras 3 on any of its backends.", keras_source, LAYERS, JOINS, weights=(".npz", KERAS_WEIGHTS)
)
