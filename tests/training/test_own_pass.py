"""A pass that is stepped is the trainer's own: its new weights are the weights that training has then, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace

from convviz.core.design import Design, Input, Training
from convviz.core.layers import AvgPool2D, BatchNorm2D, Conv2D, Dense, Dropout, Flatten, GlobalAvgPool, MaxPool2D, ReLU
from convviz.core.optim import SGD, Adadelta, Adagrad, Adam, AdamW, AnyOptimiser, Momentum, Nesterov, RMSProp
from convviz.core.schedule import Cosine
from convviz.storage.presets import preset, preset_names
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.make_pass import make_pass
from convviz.training.minibatch import Minibatch
from convviz.training.stepping import Pass
from convviz.training.trainer import Trainer

OPTIMISERS = (SGD(), Momentum(), Nesterov(), Adagrad(), Adadelta(), RMSProp(momentum=0.5), Adam(), AdamW())
MANY = Design(
    name="many",
    input=Input(channels=2, height=12, width=11),
    classes=5,
    layers=(
        Conv2D(filters=6, kernel=3, padding=1, bias=False),
        BatchNorm2D(),
        ReLU(),
        MaxPool2D(),
        Dropout(rate=0.3),
        Conv2D(filters=8, kernel=(2, 3), groups=2),
        ReLU(),
        AvgPool2D(),
        Flatten(),
        Dense(units=40),
        ReLU(),
        Dropout(rate=0.5),
        Dense(units=5),
    ),
    training=Training(batch_size=32, epochs=2, schedule=Cosine(warmup=2), clip_norm=0.5, weight_decay=0.01),
)


@pytest.fixture(autouse=True)
def _numpy_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVVIZ_FAST", "0")


def noise(design: Design, count: int) -> Split:
    rng, image = np.random.default_rng(3), design.input
    shape = (count, image.channels, image.height, image.width)
    return Split(rng.random(shape, np.float32) ** 2, rng.integers(0, design.classes, count))


def stepped(minibatch: Minibatch, split: Split) -> Pass:
    rows = minibatch.rows
    number = minibatch.position.step - 1
    return make_pass(minibatch.design, minibatch.arrays, split.images[rows], split.labels[rows], step=number)


def check(run: Pass, trainer: Trainer) -> None:
    """All that the pass renews is what training has."""
    run.run_to_end()
    assert run.program.updates
    for old, new in run.program.updates.items():
        np.testing.assert_array_equal(run.stored(new), trainer.network.arrays[old], err_msg=new)
        assert run.stored(new).dtype == trainer.network.arrays[old].dtype


def walk(design: Design, count: int, minibatches: int, threads: int = 2) -> Iterator[tuple[Minibatch, Trainer]]:
    """Train, and before every minibatch say which one it will be."""
    split = noise(design, count)
    with Trainer(design, split, split.first(8), threads=threads) as trainer:
        events = trainer.run()
        for _ in range(minibatches):
            coming = trainer.upcoming()
            assert coming is not None
            event = next(event for event in events if isinstance(event, MinibatchDone))
            assert coming.position == event.position
            assert event.images == len(coming.rows)
            yield coming, trainer


def with_optimiser(optimiser: AnyOptimiser) -> Design:
    return replace(MANY, training=replace(MANY.training, optimiser=optimiser))


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda one: one.title)
def test_that_the_update_of_a_pass_is_the_one_that_training_makes(optimiser: AnyOptimiser) -> None:
    design = with_optimiser(optimiser)
    split = noise(design, 80)
    # Three minibatches an epoch, the last one shorter; the sixth is the last of the run.
    for coming, trainer in walk(design, 80, 6):
        check(stepped(coming, split), trainer)


@pytest.mark.parametrize("name", preset_names())
def test_that_it_is_so_for_the_presets(name: str) -> None:
    design = preset(name).named()
    design = replace(design, training=replace(design.training, train_size=None, test_size=None))
    count = design.training.batch_size + 8 if name != "toy-4x4" else 1
    split = noise(design, count)
    for coming, trainer in walk(design, count, 2, threads=1):
        check(stepped(coming, split), trainer)


def test_that_batch_normalisation_before_pooling_over_all_is_so_too() -> None:
    design = Design(
        input=Input(height=9, width=9),
        classes=4,
        layers=(Conv2D(filters=6), BatchNorm2D(), ReLU(), Conv2D(filters=4), BatchNorm2D(), GlobalAvgPool()),
        training=Training(batch_size=48, epochs=2, label_smoothing=0.1),
    )
    split = noise(design, 96)
    for coming, trainer in walk(design, 96, 3):
        check(stepped(coming, split), trainer)


def test_that_the_shards_matter() -> None:
    """The whole minibatch at once gives other bits: it is the shards that make it the trainer's own pass."""
    split = noise(MANY, 80)
    (coming, trainer), *_ = walk(MANY, 80, 1)
    own = stepped(coming, split)
    at_once = Pass(own.program, {name: own.env[name] for name in own.program.sources})
    at_once.run_to_end()
    new = own.program.updates
    assert any((at_once.stored(new[old]) != trainer.network.arrays[old]).any() for old in own.program.parameters)


def test_that_a_pass_needs_no_copy_of_a_minibatchs_network() -> None:
    split = noise(MANY, 80)
    for coming, trainer in walk(MANY, 80, 2):
        run = stepped(coming, split)
        for name in run.program.parameters:
            assert np.shares_memory(run.stored(name), coming.arrays[name])
            assert not np.shares_memory(run.stored(name), trainer.network.arrays[name])
            with pytest.raises(ValueError, match="read-only"):
                coming.arrays[name][...] = 0


def test_that_nothing_is_upcoming_at_the_end_of_a_run() -> None:
    *_, (_, trainer) = walk(MANY, 80, 6)
    assert trainer.upcoming() is None


def test_that_looking_ahead_changes_nothing() -> None:
    split = noise(MANY, 80)
    finals = []
    for looks in (False, True):
        with Trainer(MANY, split, split.first(8)) as trainer:
            for _ in trainer.run():
                if looks:
                    trainer.upcoming()
            finals.append({name: array.copy() for name, array in trainer.network.arrays.items()})
    for name, array in finals[0].items():
        np.testing.assert_array_equal(array, finals[1][name], err_msg=name)
