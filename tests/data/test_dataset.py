"""The Dataset value: read-only, consistent, and cut to size on request."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convviz.core.errors import ConvvizError
from convviz.data import DataError, Dataset


def make(**changes: Any) -> Dataset:
    given: dict[str, Any] = {
        "name": "toy",
        "x_train": np.linspace(0, 1, 6 * 2 * 3 * 4, dtype=np.float32).reshape(6, 2, 3, 4),
        "y_train": np.arange(6) % 3,
        "x_test": np.zeros((2, 2, 3, 4), np.float32),
        "y_test": np.array([0, 2]),
        "classes": 3,
        "source": "nowhere",
    }
    return Dataset(**(given | changes))


def test_that_a_dataset_names_its_geometry() -> None:
    data = make()
    assert (data.channels, data.height, data.width) == (2, 3, 4)
    assert data.image_shape == (2, 3, 4)
    assert data.class_names == ("0", "1", "2")


@pytest.mark.parametrize("field", ["x_train", "y_train", "x_test", "y_test"])
def test_that_the_arrays_cannot_be_written_to(field: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(make(), field)[0] = 0


def test_that_the_callers_own_array_stays_writeable_and_is_not_copied() -> None:
    mine = np.zeros((6, 2, 3, 4), np.float32)
    data = make(x_train=mine)
    assert mine.flags.writeable
    assert np.shares_memory(mine, data.x_train)


def test_that_take_keeps_the_first_images_without_copying() -> None:
    data = make()
    some = data.take(4, 1)
    assert (len(some.x_train), len(some.y_train), len(some.x_test), len(some.y_test)) == (4, 4, 1, 1)
    assert np.array_equal(some.x_train, data.x_train[:4])
    assert np.shares_memory(some.x_train, data.x_train)
    assert (some.name, some.classes, some.source) == (data.name, data.classes, data.source)


def test_that_take_without_sizes_keeps_everything() -> None:
    some = make().take()
    assert (len(some.y_train), len(some.y_test)) == (6, 2)


@pytest.mark.parametrize(
    ("sizes", "field", "message"),
    [
        (
            {"train_size": 7},
            "train_size",
            "train_size: expected a number from 1 to 6, because toy has 6 training images, got 7",
        ),
        ({"train_size": 0}, "train_size", "train_size: expected a number from 1 to 6"),
        (
            {"test_size": -1},
            "test_size",
            "test_size: expected a number from 1 to 2, because toy has 2 test images, got -1",
        ),
    ],
)
def test_that_take_refuses_sizes_that_there_are_not(sizes: dict[str, int], field: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        make().take(**sizes)
    assert str(caught.value).startswith(message)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"x_train": np.zeros((6, 2, 3, 4))},
            "toy: x_train: expected float32 of shape (N, C, H, W), got float64 of shape (6, 2, 3, 4)",
        ),
        (
            {"x_test": np.zeros((2, 24), np.float32)},
            "toy: x_test: expected float32 of shape (N, C, H, W), got float32 of shape (2, 24)",
        ),
        (
            {"x_test": np.zeros((2, 2, 4, 3), np.float32)},
            "toy: x_test: expected images of shape (2, 3, 4) as in x_train, got (2, 4, 3)",
        ),
        (
            {"y_train": np.zeros(6, np.float32)},
            "toy: y_train: expected int64 of shape (N,), got float32 of shape (6,)",
        ),
        (
            {"y_test": np.array([1])},
            "toy: y_test: expected one label for each of the 2 images in x_test, got 1 label",
        ),
        ({"class_names": ("a", "b")}, "toy: class_names: expected 3 names, got 2"),
    ],
)
def test_that_inconsistent_parts_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        make(**change)
    assert str(caught.value) == message


def test_that_data_errors_are_convviz_errors_and_value_errors() -> None:
    assert issubclass(DataError, ConvvizError)
    assert issubclass(DataError, ValueError)
