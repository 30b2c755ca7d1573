"""Strokes, centring and the file of one's own drawings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convviz.data.builtin import load_builtin
from convviz.data.drawing.centring import centred
from convviz.data.drawing.collection import Collection, file_for, load_collection, save_collection
from convviz.data.drawing.pictures import file_values, sample_of
from convviz.data.drawing.strokes import Segment, add_segment
from convviz.data.errors import DataError

SHAPE = (1, 28, 28)
PLACES = [(0, 0, 5, 3), (20, 1, 8, 20), (3, 25, 25, 2), (27, 27, 1, 1)]


def test_that_a_stroke_covers_what_the_pen_passes_over() -> None:
    ink = np.zeros((28, 28), np.float32)
    add_segment(ink, Segment((5, 10.5), (20, 10.5), 1.0, 1.0))
    assert ink[10, 5:20].min() == 1
    assert ink[9, 10] == ink[11, 10] == pytest.approx(0.5)
    assert ink[7].max() == ink[14].max() == 0
    assert ink.max() <= 1
    add_segment(ink, Segment((10, 10.5), (10, 10.5), 2.0, 2.0, erases=True))
    assert ink[10, 9:11].max() == 0
    assert ink[10, 15] == 1
    add_segment(ink, Segment((-50, -50), (-40, -40), 2.0, 2.0))
    add_segment(ink, Segment((5, 20), (20, 20), 0.5, 3.0))
    assert ink[18, 18] > ink[18, 6] == 0


def test_that_built_in_digits_stay_where_they_are_when_centred() -> None:
    digits = load_builtin().x_test[:50]
    for image in digits:
        apart = np.abs(centred(image) - image).mean()
        assert apart < 0.06, "they were centred the same way"


@pytest.mark.parametrize(("top", "left", "height", "width"), PLACES)
def test_that_ink_anywhere_is_fitted_into_the_box(top: int, left: int, height: int, width: int) -> None:
    image = np.zeros(SHAPE, np.float32)
    image[0, top : top + height, left : left + width] = 1
    out = centred(image)
    rows, columns = np.flatnonzero(out[0].any(axis=1)), np.flatnonzero(out[0].any(axis=0))
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 == 20
    assert abs((rows[0] + rows[-1]) / 2 - 13.5) <= 1
    assert abs((columns[0] + columns[-1]) / 2 - 13.5) <= 1
    assert out.max() <= 1


def test_that_an_empty_pad_stays_empty() -> None:
    assert not centred(np.zeros(SHAPE, np.float32)).any()


def test_that_drawings_come_back_as_they_were(tmp_path: Path) -> None:
    path = file_for(tmp_path / "new", SHAPE, 10)
    assert len(load_collection(path, SHAPE, 10)) == 0
    image = np.random.default_rng(0).random(SHAPE, np.float32)
    drawings = Collection.empty(SHAPE).with_one(image, 4).with_one(1 - image, 9)
    save_collection(path, drawings)
    again = load_collection(path, SHAPE, 10)
    np.testing.assert_array_equal(again.images, drawings.images)
    assert again.labels.tolist() == [4, 9]
    assert again.without(0).labels.tolist() == [9]


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((2, 1, 28, 28), np.float32)},
        {"images": np.zeros((2, 1, 28, 28), np.float32), "labels": np.zeros(3, np.int64)},
        {"images": np.zeros((2, 1, 9, 9), np.float32), "labels": np.zeros(2, np.int64)},
        {"images": np.full((1, 1, 28, 28), 2, np.float32), "labels": np.zeros(1, np.int64)},
        {"images": np.full((1, 1, 28, 28), np.nan, np.float32), "labels": np.zeros(1, np.int64)},
        {"images": np.zeros((1, 1, 28, 28), np.float32), "labels": np.full(1, 10)},
        {"images": np.array([{}], object), "labels": np.zeros(1, np.int64)},
    ],
)
def test_that_other_files_are_refused_in_a_sentence(tmp_path: Path, arrays: dict) -> None:
    path = tmp_path / "drawings.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=r"drawings\.npz: expected "):
        load_collection(path, SHAPE, 10)


def test_that_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawings.npz"
    save_collection(path, Collection.empty(SHAPE).with_one(np.ones(SHAPE, np.float32), 1))
    whole = path.read_bytes()
    for contents in (b"", b"PK", whole[: len(whole) // 2], whole[:60] + b"\xff" * 20 + whole[80:]):
        path.write_bytes(contents)
        with pytest.raises(DataError, match="expected "):
            load_collection(path, SHAPE, 10)


def test_that_a_picture_of_dark_ink_becomes_a_sample(tmp_path: Path) -> None:
    paper = np.full((56, 28), 255, np.uint8)
    paper[10:46, 12:16] = 0
    path = tmp_path / "one.png"
    Image.fromarray(paper).save(path)
    sample = sample_of("one.png", file_values(path), SHAPE)
    assert sample.shape == SHAPE
    assert sample[0, 14, 14] > 0.8, "ink is large"
    assert sample[0, :, :6].max() == 0, "proportions are kept"
    Image.fromarray(np.dstack([paper, paper, 0 * paper])).save(path)
    assert sample_of("one.png", file_values(path), (3, 10, 10)).shape == (3, 10, 10)
    with pytest.raises(DataError, match="expected a network of 1 or 3 channels, got one of 2"):
        sample_of("one.png", file_values(path), (2, 10, 10))
    for contents in (b"", b"no picture", path.read_bytes()[:80]):
        path.write_bytes(contents)
        with pytest.raises(DataError, match=r"one\.png: expected"):
            file_values(path)
