"""MNIST's own files are read as they are, whichever way they are named; damaged ones are refused in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.data import DataError, LoadCancelledError
from convviz.data.open import open_data
from convviz.data.sources import ImageSpec
from tests.support.idx_files import idx_bytes, names, write_pair

LIKE = ImageSpec(1, 6, 5, 4)
RNG = np.random.default_rng(0)
PIXELS = {"train": RNG.integers(0, 256, (21, 6, 5), np.uint8), "t10k": RNG.integers(0, 256, (7, 6, 5), np.uint8)}
LABELS = {part: RNG.integers(0, 4, len(images), np.uint8) for part, images in PIXELS.items()}


def written(folder: Path, packed: bool = False, parts=("train", "t10k"), **naming: str) -> Path:
    for part in parts:
        write_pair(folder, part, PIXELS[part], LABELS[part], packed=packed, **naming)
    return folder


def checked(found: convviz.Dataset) -> None:
    assert found.x_train.dtype == np.float32
    np.testing.assert_array_equal(found.x_train[:, 0], PIXELS["train"].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(found.x_test[:, 0], PIXELS["t10k"].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(found.y_train, LABELS["train"])
    np.testing.assert_array_equal(found.y_test, LABELS["t10k"])
    assert (found.classes, found.image_shape) == (4, (1, 6, 5))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("file", ["", "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_that_a_folder_or_any_of_its_files_opens_the_set(tmp_path: Path, packed: bool, file: str) -> None:
    folder = written(tmp_path, packed)
    checked(open_data(folder / (file + ".gz" * packed) if file else folder, LIKE))


def test_that_python_opens_it_too(tmp_path: Path) -> None:
    checked(convviz.load_data(written(tmp_path), height=6, width=5, classes=4))


@pytest.mark.parametrize("ending", ["-idx{}-ubyte", ".idx{}-ubyte", ".idx{}", ".idx"])
def test_that_other_usual_names_are_known(tmp_path: Path, ending: str) -> None:
    checked(open_data(written(tmp_path, ending=ending), LIKE))


def test_that_one_of_several_sets_in_a_folder_is_chosen_by_its_file(tmp_path: Path) -> None:
    written(tmp_path, prefix="kuzushiji-")
    written(tmp_path, parts=("train",), prefix="fashion-")
    checked(open_data(tmp_path / "kuzushiji-train-images-idx3-ubyte", LIKE))
    with pytest.raises(DataError, match="expected the files of one data set, got several"):
        open_data(tmp_path, LIKE)


def test_that_the_last_seventh_of_a_pair_alone_is_tested_with(tmp_path: Path) -> None:
    found = open_data(written(tmp_path, parts=("train",)), LIKE)
    assert (len(found.y_train), len(found.y_test)) == (18, 3)
    np.testing.assert_array_equal(found.y_test, LABELS["train"][18:])


def test_that_colours_are_read_from_four_axes(tmp_path: Path) -> None:
    written(tmp_path)
    coloured = RNG.integers(0, 256, (21, 3, 6, 5), np.uint8)
    for part, count in (("train", 21), ("t10k", 7)):
        (tmp_path / names(part)[0]).write_bytes(idx_bytes(coloured[:count]))
    found = open_data(tmp_path, ImageSpec(3, 6, 5, 4))
    np.testing.assert_array_equal(found.x_train, coloured.astype(np.float32) / np.float32(255))


def test_that_reading_can_be_given_up(tmp_path: Path) -> None:
    asked: list[int] = []
    with pytest.raises(LoadCancelledError):
        open_data(written(tmp_path), LIKE, cancelled=lambda: bool(asked.append(0)) or len(asked) > 1)
    assert len(asked) == 2


IMAGES, LABEL_FILE = names("train")
HEAD = idx_bytes(PIXELS["train"])[:16]
DAMAGE = {
    "short": (IMAGES, lambda b: b[:-3], "expected as many bytes as its header says, got a file that lacks 3 or more"),
    "long": (IMAGES, lambda b: b + b"!", "expected a file as long as its header says, got a longer one"),
    "short header": (IMAGES, lambda b: b[:9], "expected IDX images, got a file that ends in its header"),
    "floats": (IMAGES, lambda b: b"\0\0\x0d" + b[3:], r"of unsigned bytes \(type 0x08\), got type 0x0D"),
    "labels as images": (IMAGES, lambda _: idx_bytes(LABELS["train"]), "images with 3 or 4 axes, got 1"),
    "no images": (IMAGES, lambda b: b[:4] + bytes(4) + b[8:], "expected IDX images, got 0×6×5 of them"),
    "other size": (IMAGES, lambda _: idx_bytes(np.zeros((21, 7, 5), np.uint8)), "expected 1×6×5 images, got 1×7×5"),
    "very many": (
        IMAGES,
        lambda b: b[:4] + b"\xff" * 4 + b[8:],
        "expected at most 4 GiB of values, got 480.0 GiB",
    ),
    "too many labels": (
        LABEL_FILE,
        lambda _: idx_bytes(LABELS["t10k"]),
        "one label for each of the 21 images",
    ),
    "no such class": (LABEL_FILE, lambda b: b[:-1] + b"\x04", r"expected at most 4 classes, got 5: 0, 1"),
    "a cut archive": (IMAGES, lambda b: gzip.compress(b)[:-9], "expected a whole gzip archive, got a truncated one"),
    "a turned archive": (IMAGES, lambda b: gzip.compress(b)[:-6] + b"123456", "expected a readable file, got: CRC"),
    "text": (IMAGES, lambda _: b"<html>", "expected IDX images, got a file that does not begin as one"),
    "empty": (IMAGES, lambda _: b"", "expected IDX images, got a file that does not begin as one"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_that_damage_is_named_in_one_sentence(tmp_path: Path, case: str) -> None:
    written(tmp_path)
    name, spoil, sentence = DAMAGE[case]
    path = tmp_path / name
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError, match=sentence) as caught:
        open_data(tmp_path, LIKE)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", [IMAGES, LABEL_FILE])
def test_that_a_missing_half_of_a_pair_is_named(tmp_path: Path, missing: str) -> None:
    written(tmp_path)
    (tmp_path / missing).unlink()
    kind = "images" if "images" in missing else "labels"
    with pytest.raises(DataError, match=f"expected the {kind} that belong to it beside it, found none"):
        open_data(tmp_path, LIKE)


def test_that_a_name_that_says_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pictures.bin"
    path.write_bytes(idx_bytes(PIXELS["train"]))
    with pytest.raises(DataError, match="expected a name such as train-images-idx3-ubyte"):
        open_data(path, LIKE)


def test_that_a_folder_without_such_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="expected a data set: a file of a known format or a folder of pictures, got a folder"
    ):
        open_data(tmp_path, LIKE)


@pytest.mark.parametrize("packed", [False, True])
def test_that_no_damage_does_more_than_a_sentence(tmp_path: Path, packed: bool) -> None:
    """Bytes turned, cut off and put in at random: it is read, or refused with one sentence."""
    folder = written(tmp_path, packed)
    whole = {file: file.read_bytes() for file in sorted(folder.iterdir())}
    rng = np.random.default_rng(1)
    refused: list[str] = []
    for _ in range(300):
        file = list(whole)[rng.integers(len(whole))]
        spoilt = bytearray(whole[file])
        for _ in range(rng.integers(1, 4)):
            at = int(rng.integers(min(len(spoilt), 24 if rng.random() < 0.7 else len(spoilt))))
            match rng.integers(3):
                case 0:
                    spoilt[at] = rng.integers(256)
                case 1:
                    del spoilt[at : at + int(rng.integers(1, 9))]
                case _:
                    spoilt[at:at] = rng.bytes(3)
            spoilt = spoilt or bytearray(b"!")
        file.write_bytes(spoilt)
        try:
            found = open_data(folder, LIKE)
            assert found.image_shape == LIKE.shape
        except DataError as error:
            refused.append(str(error))
        file.write_bytes(whole[file])
    assert len(refused) > 100
    assert all("\n" not in sentence and "expected" in sentence for sentence in refused)
