"""Images that are in both parts are found, exactly and nearly, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.data.duplicates import duplicates
from convviz.files.cancel import LoadCancelledError

RNG = np.random.default_rng(5)


def noise(count: int, channels: int = 1, side: int = 12) -> np.ndarray:
    return RNG.random((count, channels, side, side), np.float32)


@pytest.mark.parametrize(("channels", "side"), [(1, 12), (3, 32), (1, 5)])
def test_that_exact_and_near_ones_are_told_apart(channels: int, side: int) -> None:
    train, test = noise(700, channels, side), noise(60, channels, side)
    test[3], test[40] = train[650], train[1]
    test[7] = (train[9] + RNG.normal(0, 0.02, train[9].shape)).clip(0, 1)
    found = duplicates(train, test)
    assert (found.test.tolist(), found.train.tolist()) == ([3, 40], [650, 1])
    assert (found.near_test.tolist(), found.near_train.tolist()) == ([7], [9])
    assert found.rows("test").tolist() == [3, 7, 40]
    assert found.rows("training").tolist() == [1, 9, 650]
    assert found.words == "2 test images are training images too, 1 more nearly"


def test_that_without_any_nothing_is_said() -> None:
    assert duplicates(noise(50), noise(20)).words == ""
    assert duplicates(noise(50), noise(20)).rows("test").tolist() == []


def test_that_one_that_is_nearly_the_same_is_said_alone() -> None:
    train = noise(10)
    assert duplicates(train, train[:1] * np.float32(0.97)).words == (
        "1 test image is nearly the same as training images"
    )


def test_that_a_side_that_the_grid_does_not_divide_hides_none() -> None:
    train = noise(3, side=25)
    test = train[1:2].copy()
    # Just near enough, and all of the distance in the grid, whose cells of 3 × 3 pixels leave out a row and a column.
    test[..., :24, :24] -= 0.118 * np.linalg.norm(train[1]) / 24
    assert duplicates(train, test).near_train.tolist() == [1]


def test_that_it_can_be_cancelled() -> None:
    with pytest.raises(LoadCancelledError):
        duplicates(noise(10), noise(5), lambda: True)
