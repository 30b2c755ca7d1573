"""Pixels and labels from Python are refused in the same sentences as those of files, whatever takes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import convviz


@cache
def digits() -> convviz.Dataset:
    return convviz.load_data().take(40, 20)


NETWORK = convviz.Network(convviz.preset("course-7x7"))


def training(x: Any, y: Any) -> object:
    x, y = np.asarray(x, np.float32), np.asarray(y).astype(np.int64)
    data = convviz.Dataset("mine", x, y, x, y, 10, "memory")
    return convviz.train(convviz.preset("course-7x7"), data, epochs=1)


def of_data_set(x: Any, y: Any) -> object:
    data = dataclasses.replace(digits(), name="mine", x_test=np.asarray(x, np.float32), y_test=np.asarray(y, np.int64))
    return convviz.predict(NETWORK, data)


WAYS: dict[str, Callable[[Any, Any], object]] = {
    "train": training,
    "predict": lambda x, y: convviz.predict(NETWORK, x, y),
    "predict a data set": of_data_set,
    "step_through": lambda x, y: list(convviz.step_through(NETWORK, x, y)),
}


@pytest.mark.parametrize("way", WAYS)
def test_that_pixels_of_0_to_255_are_refused_everywhere(way: str) -> None:
    with pytest.raises(convviz.DataError, match=r"expected values in 0…1, got 0…255; divide them by 255$"):
        WAYS[way](np.rint(digits().x_test * 255), digits().y_test)
    with pytest.raises(convviz.DataError, match="expected finite pixels, got one value that is NaN or infinite"):
        WAYS[way](np.where(np.arange(784).reshape(28, 28) == 5, np.inf, digits().x_test[:1]), digits().y_test[:1])
    assert WAYS[way](digits().x_test, digits().y_test) is not None


def test_that_bytes_are_refused_and_zeros_and_ones_are_not() -> None:
    with pytest.raises(convviz.DataError, match=r"images: expected values in 0…1, got 0…255; divide them by 255$"):
        convviz.predict(NETWORK, np.rint(digits().x_test * 255).astype(np.uint8))
    ink = digits().x_test > 0.5
    found = [convviz.predict(NETWORK, ink.astype(kind)).probabilities for kind in (bool, int, np.uint8, float)]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_that_small_images_worked_out_by_hand_hold_any_finite_numbers() -> None:
    toy = convviz.Network(convviz.preset("toy-4x4"))
    numbers = np.arange(16.0).reshape(1, 1, 4, 4) - 7
    assert convviz.predict(toy, numbers).probabilities.shape == (1, 2)
    with pytest.raises(convviz.DataError, match="expected finite pixels, got one value that is NaN"):
        list(convviz.step_through(toy, np.where(numbers == 3, np.nan, numbers), [0]))


@pytest.mark.parametrize(
    ("images", "labels", "told"),
    [
        ([["a", "b"]], [0], "images: expected an array of numbers, got one of <U1"),
        ([[1, 2], [3]], [0], "images: expected an array of numbers, got something else: "),
        (digits().x_test[:2], [0.5, 1], "labels: expected whole numbers, got 0.5"),
        (digits().x_test[:2], [np.nan, 1], "labels: expected whole numbers, got nan"),
        (digits().x_test[:2], ["zero", "one"], "labels: expected an array of numbers, got one of <U4"),
    ],
)
@pytest.mark.parametrize("way", ["predict", "step_through"])
def test_that_what_is_no_number_is_one_sentence(way: str, images: Any, labels: Any, told: str) -> None:
    with pytest.raises(convviz.DataError) as caught:
        WAYS[way](images, labels)
    assert str(caught.value).startswith(told)


def test_that_labels_may_be_stored_as_floats() -> None:
    found = convviz.predict(NETWORK, digits().x_test, digits().y_test.astype(np.float64)[:, None])
    np.testing.assert_array_equal(found.labels, digits().y_test)
