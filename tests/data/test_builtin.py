"""The built-in digits: there, small, balanced, and drawn by the script in the repository."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.data import DataError, Dataset, builtin, load_builtin
from convviz.data.digits.draw import SEED, TEST_SIZE, TRAIN_SIZE, Part, draw_images, draw_labels, main
from convviz.data.digits.shapes import DIGITS
from convviz.data.open import open_data
from convviz.data.sources import ImageSpec
from convviz.paths import builtin_data


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_builtin()


def test_that_the_file_is_at_most_6_mb() -> None:
    assert builtin_data("digits.h5").stat().st_size <= 6_000_000


def test_that_the_built_in_set_has_the_announced_sizes(digits: Dataset) -> None:
    assert digits.x_train.shape == (TRAIN_SIZE, 1, 28, 28)
    assert digits.x_test.shape == (TEST_SIZE, 1, 28, 28)
    assert (digits.name, digits.source, digits.classes) == ("built-in digits", "built-in", 10)


def test_that_the_file_holds_bytes_and_opens_like_any_other(digits: Dataset) -> None:
    path = builtin_data("digits.h5")
    with h5py.File(path) as file:
        assert (file["x_train"].shape, file["x_train"].dtype) == ((TRAIN_SIZE, 784), np.uint8)
        assert (file["y_train"].shape, file["y_train"].dtype) == ((TRAIN_SIZE, 1), np.int32)
    found = open_data(path, ImageSpec())
    for name in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(found, name), getattr(digits, name))


def as_stored(pixels: np.ndarray) -> np.ndarray:
    """What comes out of a file of bytes."""
    return np.rint(pixels * np.float32(255)).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("part", ["train", "test"])
def test_that_every_class_is_as_frequent_as_the_others(digits: Dataset, part: str) -> None:
    counts = np.bincount(getattr(digits, f"y_{part}"))
    assert len(counts) == 10
    assert counts.max() - counts.min() <= 1


def test_that_the_first_images_are_mixed(digits: Dataset) -> None:
    assert set(digits.y_train[:100].tolist()) == set(range(10))


def test_that_pixels_have_seventeen_levels_and_reach_both_ends(digits: Dataset) -> None:
    assert np.array_equal(np.unique(digits.x_train), as_stored(np.arange(17, dtype=np.float32) / 16))


def test_that_the_ink_fills_a_box_of_20_pixels_around_its_centre_of_mass(digits: Dataset) -> None:
    images = digits.x_test[:, 0]
    inked = images > 0
    height, width = np.ptp(spans(inked.any(axis=2)), axis=1) + 1, np.ptp(spans(inked.any(axis=1)), axis=1) + 1
    longest = np.maximum(height, width)
    assert longest.max() <= 20
    assert np.mean(longest >= 19) > 0.99
    at = np.arange(28)
    centres = (images.sum(axis=2) @ at) / images.sum(axis=(1, 2))
    assert np.mean(np.abs(centres - 14) <= 0.5 + 1e-6) > 0.99


def spans(touched: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """(N, 2) first and last index of True in every row."""
    return np.stack([touched.argmax(axis=1), touched.shape[1] - 1 - touched[:, ::-1].argmax(axis=1)], axis=1)


def test_that_no_image_occurs_twice(digits: Dataset) -> None:
    everything = np.concatenate([digits.x_train, digits.x_test]).reshape(TRAIN_SIZE + TEST_SIZE, -1)
    assert len({image.tobytes() for image in everything}) == len(everything)


@pytest.mark.parametrize("part", ["train", "test"])
def test_that_the_script_draws_the_shipped_images(digits: Dataset, part: Part) -> None:
    shipped_labels, shipped = getattr(digits, f"y_{part}"), getattr(digits, f"x_{part}")
    labels = draw_labels(SEED, part, len(shipped_labels))
    assert np.array_equal(labels, shipped_labels)
    drawn = as_stored(draw_images(SEED, part, labels[:24]))
    # Another processor may round the last bit of a sine otherwise, and so move a cell at the very edge.
    assert np.mean(drawn == shipped[:24]) > 0.999
    assert np.abs(drawn - shipped[:24]).max() <= 17 / 255


def test_that_an_image_can_be_drawn_alone() -> None:
    labels = draw_labels(3, "train", 20)
    together = draw_images(3, "train", labels)
    alone = draw_images(3, "train", labels[13:14], start=13)
    assert np.array_equal(alone[0], together[13])


def test_that_seed_and_part_change_the_drawing() -> None:
    labels = np.arange(4)
    base = draw_images(3, "train", labels)
    assert not np.array_equal(base, draw_images(4, "train", labels))
    assert not np.array_equal(base, draw_images(3, "test", labels))


@pytest.mark.parametrize("label", range(len(DIGITS)))
def test_that_a_digit_is_written_in_many_ways_and_always_with_ink(label: int) -> None:
    images = draw_images(11, "train", np.full(40, label))
    coverage = (images > 0.5).mean(axis=(1, 2, 3))
    assert (coverage > 0.015).all()
    assert (coverage < 0.4).all()
    flat = images.reshape(40, -1)
    apart = np.sqrt(((flat[:, None] - flat[None]) ** 2).sum(axis=2))
    different = apart[np.triu_indices(40, 1)]
    assert different.min() > 0.5
    assert np.median(different) > 4.0


def test_that_classes_can_be_told_apart_but_not_by_their_mean_alone(digits: Dataset) -> None:
    means = np.stack([digits.x_train[digits.y_train == label].mean(axis=0).ravel() for label in range(10)])
    images = digits.x_test.reshape(TEST_SIZE, -1)
    nearest = ((images[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    accuracy = np.mean(nearest == digits.y_test)
    # The nearest class mean reaches 82 % on MNIST.
    assert 0.65 < accuracy < 0.9


def test_that_the_script_writes_a_file_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "drawn.h5"
    assert main(["--out", str(path), "--seed", "5", "--train-size", "20", "--test-size", "10"]) == 0
    data = open_data(path, ImageSpec())
    assert (len(data.y_train), len(data.y_test)) == (20, 10)


def test_that_the_script_refuses_impossible_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--out", str(tmp_path / "x.h5"), "--test-size", "0"])
    assert caught.value.code == 2
    assert "--test-size: expected at least 1, got 0" in capsys.readouterr().err


def test_that_the_script_says_where_it_could_not_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "x.h5"
    assert main(["--out", str(path), "--train-size", "1", "--test-size", "1"]) == 2
    assert capsys.readouterr().err == f"{path}: expected a folder to write in, found no {path.parent}\n"


def test_that_an_installation_without_the_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: str) -> Path:
        raise FileNotFoundError

    monkeypatch.setattr(builtin, "builtin_data", nothing)
    with pytest.raises(DataError) as caught:
        load_builtin()
    assert str(caught.value) == (
        "built-in digits: expected digits.h5 in convviz's data folder, found nothing; install convviz again"
    )
