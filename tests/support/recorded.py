"""Small runs that are recorded, with everything that a recording should be able to say again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.run.recording.recorder import Bounds, Recorder
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.head import DataRecord, Parent
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

SPARSE = Bounds(fine=1 << 20)
"""Only the key points that have to be there."""


@dataclass(slots=True)
class Truth:
    """What happened, kept beside the recording."""

    arrays: dict[int, dict[str, Array]] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)
    gradients: dict[int, dict[str, Array]] = field(default_factory=dict)


def noise_for(design: Design, minibatches: int = 3) -> Split:
    """Random images for a design: some whole minibatches and a smaller last one."""
    image, rng = design.input, np.random.default_rng(0)
    count = (minibatches - 1) * design.training.batch_size + max(design.training.batch_size // 2, 1)
    images = rng.random((count, image.channels, image.height, image.width), np.float32)
    return Split(images, rng.integers(0, design.classes, count))


def with_training(design: Design, **settings: object) -> Design:
    """A design with other settings of training."""
    return replace(design, training=replace(design.training, **settings))


def recorded_run(
    path: Path,
    design: Design,
    train: Split,
    test: Split,
    *,
    state: NetworkState | None = None,
    bounds: Bounds = SPARSE,
    threads: int = 1,
    stop: int | None = None,
    at: dict[int, Callable[[Trainer, Recorder], object]] | None = None,
    parent: Parent | None = None,
    precision: npt.DTypeLike = np.float32,
) -> tuple[Truth, NetworkState]:
    """Train and record; ``at`` has what is done after a step, ``stop`` where it ends. The state is that of the end."""
    truth = Truth()
    network = Network(design, precision=precision, weights=None if state is None else state.arrays)
    epochs = [] if state is None else list(state.epochs)
    with Trainer(design, train, test, network=network, threads=threads) as trainer:
        if state is not None:
            trainer.go_on_from(state.place)
        began = time.perf_counter()
        data = DataRecord("noise")
        recorder = Recorder(
            path, trainer, data, threads=threads, bounds=bounds, parent=parent, epochs=epochs, failed=fail
        )
        keep(truth, trainer, trainer.position.step)
        for event in trainer.run():
            recorder.heard(event, time.perf_counter() - began)
            if isinstance(event, EpochDone):
                epochs.append(event.measures(1.0))
            if not isinstance(event, MinibatchDone):
                continue
            step = event.position.step
            truth.losses[step] = event.loss
            if at and step in at:
                at[step](trainer, recorder)
            keep(truth, trainer, step)
            if step == stop:
                break
        recorder.ended(finished=not trainer.has_more)
        recorder.close()
        arrays = truth.arrays[trainer.position.step]
        return truth, NetworkState(trainer.design, arrays, trainer.place(), tuple(epochs), 1.0)


def keep(truth: Truth, trainer: Trainer, step: int) -> None:
    truth.arrays[step] = {name: array.copy() for name, array in trainer.network.arrays.items()}
    truth.gradients[step] = trainer.gradients()


def fail(reason: str) -> None:
    raise AssertionError(reason)


def set_rate(rate: float) -> Callable[[Trainer, Recorder], object]:
    """A live edit of the learning rate."""

    def act(trainer: Trainer, recorder: Recorder) -> None:
        trainer.set_learning_rate(rate)
        recorder.set_learning_rate(rate)

    return act


def set_design(design: Design) -> Callable[[Trainer, Recorder], object]:
    """A live edit of the settings."""

    def act(trainer: Trainer, recorder: Recorder) -> None:
        trainer.adopt(design)
        recorder.adopted(trainer.design)

    return act


def set_weight(name: str, factor: float) -> Callable[[Trainer, Recorder], object]:
    """An edit of a parameter."""

    def act(trainer: Trainer, recorder: Recorder) -> None:
        trainer.network.set_weight(name, trainer.network.arrays[name] * np.float32(factor))
        recorder.weights_changed([name])

    return act
