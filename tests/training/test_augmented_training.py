"""Training on augmented images: the same bits with any threads, after a resume, in Step and in a replay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convviz.core.arrays import Array
from convviz.core.augment.images import augmented
from convviz.core.augment.settings import OFF, Augmentation
from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network
from convviz.core.seeds import image_order
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.minibatch import first_minibatch
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.trainer import Trainer
from tests.support.recorded import noise_for, recorded_run, set_design, with_training

CHANGES = Augmentation(flip=0.5, shift=1.0, rotate=20.0, scale=0.2, shear=10.0, elastic=0.5, erase=0.5, noise=0.1)
DESIGN = Design(
    input=Input(height=8, width=8),
    layers=(Conv2D(filters=3), ReLU(), Flatten(), Dense(units=10)),
    training=Training(batch_size=6, epochs=3, augmentation=CHANGES, seed=3),
).named()
TRAIN = noise_for(DESIGN, 3)


def same(found: dict[str, Array], wanted: dict[str, Array]) -> None:
    for name, array in wanted.items():
        assert found[name].tobytes() == array.tobytes(), name


def trained(threads: int = 1, design: Design = DESIGN) -> dict[str, Array]:
    with Trainer(design, TRAIN, TRAIN, threads=threads) as trainer:
        for _ in trainer.run():
            pass
        return {name: array.copy() for name, array in trainer.network.arrays.items()}


@pytest.fixture(params=["0", "1"], ids=["numpy", "compiled"], autouse=True)
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "1":
        pytest.importorskip("numba", reason="compiled kernels need numba")
    monkeypatch.setenv("CONVVIZ_FAST", request.param)


def test_that_the_images_trained_on_are_the_augmented_ones() -> None:
    with Trainer(DESIGN, TRAIN, TRAIN, threads=2) as trainer:
        for event in trainer.run():
            if not isinstance(event, MinibatchDone):
                continue
            step = event.position.step - 1
            start = (event.position.minibatch - 1) * trainer.batch_size
            rows = image_order(3, event.position.epoch, len(TRAIN))[start : start + trainer.batch_size]
            plan = trainer.plan(len(rows), train=True)
            wanted = augmented(TRAIN.images[rows], CHANGES, seed=3, step=step, rows=rows)
            assert plan.inputs[IMAGES].tobytes() == wanted.tobytes()
            assert (plan.inputs[LABELS] == TRAIN.labels[rows]).all()
            assert (wanted != TRAIN.images[rows]).any()


def test_that_threads_do_not_matter_and_augmentation_does() -> None:
    one, off = trained(), trained(design=with_training(DESIGN, augmentation=OFF))

    same(trained(threads=2), one)
    assert (one["conv1.weight"] != off["conv1.weight"]).any()


def test_that_a_resumed_run_ends_as_if_it_had_never_stopped() -> None:
    with Trainer(DESIGN, TRAIN, TRAIN) as trainer:
        for event in trainer.run():
            if isinstance(event, MinibatchDone) and event.position.step == 4:
                break
        place = trainer.place()
        network = Network(DESIGN, weights={name: array.copy() for name, array in trainer.network.arrays.items()})
    with Trainer(DESIGN, TRAIN, TRAIN, network=network, threads=2) as trainer:
        trainer.go_on_from(place)
        for _ in trainer.run():
            pass
        same(trainer.network.arrays, trained())


def test_that_a_replay_through_a_live_change_has_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "run.cvz"
    off = with_training(DESIGN, augmentation=OFF)
    more = with_training(DESIGN, augmentation=Augmentation(rotate=90.0))
    edits = {2: set_design(off), 5: set_design(more), 7: set_design(DESIGN)}
    truth, _ = recorded_run(path, DESIGN, TRAIN, TRAIN, at=edits, threads=2)
    with Recording(path) as recording, Replayer(recording, TRAIN, TRAIN) as replayer:
        for step in (9, 3, 6, 8):
            replayer.go_to(step)
            parameters = replayer.trainer.network.parameters
            same(replayer.trainer.network.arrays, {name: truth.arrays[step][name] for name in parameters})
            assert replayer.agreement.is_exact
        minibatch = replayer.minibatch(6)
        images = PassSource.of_minibatch(PassKind.PAST, minibatch, TRAIN).images
        rows = minibatch.rows
        wanted = augmented(TRAIN.images[rows], Augmentation(rotate=90.0), seed=3, step=5, rows=rows)
        assert images.tobytes() == wanted.tobytes()


def test_that_step_shows_the_images_that_the_run_trains_on_next() -> None:
    with Trainer(DESIGN, TRAIN, TRAIN) as trainer:
        first = first_minibatch(trainer.network, len(TRAIN))
        for done in range(3):
            coming = trainer.upcoming()
            assert coming is not None
            source = PassSource.of_minibatch(PassKind.NEXT, coming, TRAIN)
            if not done:
                begun = PassSource.of_minibatch(PassKind.NEXT, first, TRAIN)
                assert begun.images.tobytes() == source.images.tobytes()
            next(event for event in trainer.run() if isinstance(event, MinibatchDone))
            plan = trainer.plan(len(coming.rows), train=True)
            assert source.images.tobytes() == plan.inputs[IMAGES].tobytes()
            assert np.array_equal(source.labels, plan.inputs[LABELS])
