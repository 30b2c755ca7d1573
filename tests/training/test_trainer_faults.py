"""What the trainer refuses, in words; and NaN reported at the step where it arises."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.design import Input, Training, course_design
from convviz.core.errors import DesignError, NonFiniteError
from convviz.core.network import Network
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

DESIGN = course_design(filters=3, kernel=(3, 3), image=Input(height=8, width=8), training=Training(batch_size=4))


def data(count: int = 12, side: int = 8, top: int = 10) -> Split:
    rng = np.random.default_rng(0)
    return Split(rng.random((count, 1, side, side), np.float32), rng.integers(0, top, count))


def test_that_images_of_another_size_are_refused() -> None:
    with pytest.raises(DesignError, match=r"training images: the network expects 1×8×8 .* got 1×9×9"):
        Trainer(DESIGN, data(side=9), data())


def test_that_labels_beyond_the_classes_are_refused() -> None:
    split = data()
    wrong = Split(split.images, np.full(12, 10))
    with pytest.raises(DesignError, match="test labels: the network expects 0 to 9, got 10"):
        Trainer(DESIGN, split, wrong)


def test_that_more_images_than_there_are_is_refused() -> None:
    design = course_design(
        filters=3, kernel=(3, 3), image=Input(height=8, width=8), training=Training(batch_size=4, train_size=13)
    )
    with pytest.raises(DesignError, match="train_size: expected at most the 12 images of the data set, got 13"):
        Trainer(design, data(), data())


def test_that_no_images_are_refused() -> None:
    with pytest.raises(DesignError, match="test images: expected at least one, got none"):
        Trainer(DESIGN, data(), data().first(0))


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_that_a_learning_rate_that_is_no_positive_number_is_refused(rate: float) -> None:
    with Trainer(DESIGN, data(), data()) as trainer, pytest.raises(DesignError, match="learning rate: expected"):
        trainer.set_learning_rate(rate)


def test_that_nan_is_reported_at_the_step_where_it_arises_and_nothing_is_updated() -> None:
    network = Network(DESIGN)
    network.arrays["dense1.weight"][5, 2] = np.nan
    before = {name: array.copy() for name, array in network.arrays.items()}
    with Trainer(DESIGN, data(), data(), network=network) as trainer:
        with pytest.raises(NonFiniteError, match=r"dense1\.matmul: dense1\.xw became NaN") as caught:
            trainer.train_on(np.arange(4))
        assert caught.value.step == "dense1.matmul"
        assert trainer.position.step == 0
    for name, array in before.items():
        np.testing.assert_array_equal(network.arrays[name], array)


def test_that_a_run_that_overflows_stops_with_the_step_named() -> None:
    network = Network(DESIGN)
    network.arrays["conv1.weight"][...] = 3e38
    with (
        Trainer(DESIGN, data(), data(), network=network) as trainer,
        pytest.raises(NonFiniteError, match=r"conv1\.matmul: conv1\.wx_row became infinity in [\d,]+ of [\d,]+ cells"),
    ):
        next(event for event in trainer.run() if isinstance(event, MinibatchDone))
