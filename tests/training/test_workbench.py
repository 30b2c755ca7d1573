"""Runs at one workbench are what they are alone, bit for bit, whatever was trained there before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from small_run import DESIGN, noise_data

import convviz
from convviz.core.design import Design
from convviz.sweeps.fields import with_values
from convviz.training.workbench import Workbench

DATA = noise_data()
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"training.seed": 3},
    {"training.optimiser.lr": 0.2, "training.seed": 1},
    {"training.optimiser.type": "momentum"},
    {"training.batch_size": 32},
    {"training.label_smoothing": 0.1},
    {"training.augmentation.shift": 1},
    {"training.augmentation.shift": 1, "training.seed": 2},
    {"training.train_size": 40},
    {},
)


@pytest.fixture
def bench() -> Iterator[Workbench]:
    made = Workbench(1)
    yield made
    made.close()


def designs() -> list[Design]:
    return [with_values(DESIGN, values) for values in SETTINGS]


def test_that_runs_at_one_workbench_are_what_they_are_alone(bench: Workbench) -> None:
    for design in designs():
        there, alone = convviz.train(design, DATA, threads=1, bench=bench), convviz.train(design, DATA, threads=1)
        for name, array in alone.network.arrays.items():
            assert np.array_equal(there.network.arrays[name], array), (design.training, name)
        assert [one.test_loss for one in there.history] == [one.test_loss for one in alone.history]
        assert there.data == alone.data


def test_that_a_run_that_differs_in_its_seed_takes_over_what_is_bound(bench: Workbench) -> None:
    first = convviz.train(DESIGN, DATA, threads=1, bench=bench)
    size = DESIGN.training.batch_size
    bound = bench.bound(size, train=True)
    assert bound is not None
    second = convviz.train(with_values(DESIGN, {"training.seed": 3}), DATA, threads=1, bench=bench)
    assert bench.bound(size, train=True) is bound
    assert second.network.arrays["conv1.weight"] is first.network.arrays["conv1.weight"]


def test_that_other_images_have_their_own_fingerprint(bench: Workbench) -> None:
    other = DATA.take(train_size=30)
    assert convviz.train(DESIGN, DATA, threads=1, bench=bench).data == convviz.train(DESIGN, DATA, threads=1).data
    assert convviz.train(DESIGN, other, threads=1, bench=bench).data == convviz.train(DESIGN, other, threads=1).data
