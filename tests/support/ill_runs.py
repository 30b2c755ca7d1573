"""Short runs that are prepared to be healthy or ill, with everything that was measured of them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from convviz.core.design import Design, Input, Training
from convviz.core.init import Init
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sigmoid
from convviz.core.optim import SGD, Adam
from convviz.data.open import open_source
from convviz.data.sources import ImageSpec, builtin_for
from convviz.present.history import History
from convviz.run.opening import split_of
from convviz.run.run_layers import RunLayers
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.layers_measured import LayersMeasured
from convviz.training.trainer import Trainer

DIGITS = Input(height=28, width=28)
DEAD_RELUS = Design(
    name="dead-relus",
    input=DIGITS,
    layers=(
        Conv2D(filters=8, kernel=5, stride=2),
        ReLU(),
        MaxPool2D(),
        Flatten(),
        Dense(units=32),
        ReLU(),
        Dense(units=10),
    ),
    training=Training(optimiser=Adam(lr=0.3), batch_size=32, epochs=4),
).named()
"""The rate is so large that ReLUs die in the first steps."""
VANISHING = Design(
    name="vanishing",
    input=DIGITS,
    layers=(
        Conv2D(filters=8, kernel=5, stride=2),
        Sigmoid(),
        MaxPool2D(),
        Flatten(),
        *(layer for _ in range(4) for layer in (Dense(units=16, init=Init(kind="normal", scale=0.02)), Sigmoid())),
        Dense(units=10),
    ),
    training=Training(optimiser=SGD(lr=0.1), batch_size=32, epochs=4),
).named()
"""Sigmoids and small initial weights: the gradient vanishes on its way back."""
OVERFITTING = Design(
    name="overfitting",
    input=DIGITS,
    layers=(Flatten(), Dense(units=128), ReLU(), Dense(units=10)),
    training=Training(optimiser=Adam(lr=0.003), batch_size=16, epochs=30),
).named()
"""A large network on few images, for many epochs."""


def run_of(design: Design, images: int, *, every: int = 10) -> History:
    """Train a design on the first built-in digits to the end, and return what was measured of it.

    Parameters
    ----------
    design : Design
    images : int
        Training images; there are half as many test images.
    every : int
        Steps from one measurement of the layers to the next.
    """
    return history_of(design, images, every=every)


def history_of(
    design: Design,
    images: int,
    *,
    every: int,
    steps: int | None = None,
    look: Callable[[History, int], object] = lambda history, step: None,
) -> History:
    """The same; at most so many ``steps``, with a ``look`` at the history so far after each measurement and epoch."""
    data = open_source(builtin_for(ImageSpec.of(design)))
    data = data.take(min(images, len(data.x_train)), min(images // 2, len(data.x_test)))
    whole = msgspec.structs.replace(design.training, train_size=None, test_size=None)
    design = msgspec.structs.replace(design, training=whole)
    history, done = History(), 0
    with Trainer(design, split_of(data, "training"), split_of(data, "test")) as trainer:
        layers, events = RunLayers(trainer), trainer.run()
        while steps is None or done < steps:
            layers.before(must=done % every == 0)
            event = next(events, None)
            if event is None:
                break
            if isinstance(event, MinibatchDone):
                done += 1
                history.add_minibatch(event.position.step, event)
                layers.after(0.0)
            elif isinstance(event, EpochDone):
                history.add_epoch(event.position.step, event)
            news = [one for one in layers.news() if isinstance(one, LayersMeasured)]
            for measured in news:
                history.layers.add(measured)
            if news or isinstance(event, EpochDone):
                look(history, done)
    return history
