"""Every point of an import can be chosen, and the preview shows exactly what will be made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convviz.data.errors import DataError
from convviz.data.importing.choices import change_words, choices_of, with_choice
from convviz.data.importing.preview import preview_of
from convviz.data.importing.recognise import recognise
from convviz.data.open import import_data, reader_of, with_names
from convviz.data.sources import ImageSpec
from tests.data import layouts


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda one: one.__name__)
def test_that_the_preview_is_what_will_be_made(layout: Callable[[Path], layouts.Made], tmp_path: Path) -> None:
    layouts.skip_without_library(layout)
    path = layout(tmp_path).path
    with reader_of(path).contents(path, None) as read:
        contents = with_names(path, read)
        found = recognise(path, contents)
        choices = choices_of(path, contents, found, ImageSpec())
        assert all(one.value in [value for _, value in one.options] for one in choices)
        preview = preview_of(path, contents, found.recipe)
    data = import_data(path).data
    assert (preview.train, preview.test) == (len(data.x_train), len(data.x_test))
    np.testing.assert_array_equal(preview.images, data.x_train[: len(preview.images)])
    assert preview.labels == tuple(data.class_names[label] for label in data.y_train[: len(preview.labels)])
    assert preview.counts.tolist() == np.bincount(data.y_train, minlength=len(preview.counts)).tolist()
    assert preview.mean == pytest.approx(float(data.x_train.mean()), abs=1e-5)
    assert preview.histogram.sum() == data.x_train.size
    assert preview.bytes == (data.x_train.nbytes + data.x_test.nbytes)


def test_that_what_depends_on_a_choice_is_found_anew(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    small, large = np.zeros((6, 4, 4), np.uint8), np.full((6, 8, 8), 7.0, np.float32)
    small[0], large[0] = 255, 0
    np.savez(path, x_train=small, y_train=np.arange(6) % 3, other=large, letters=np.array(list("aabbcc")))
    with reader_of(path).contents(path, None) as contents:
        found = recognise(path, contents)
        assert (found.recipe.image, found.recipe.high, found.recipe.classes) == ((1, 4, 4), 255.0, 3)
        found = with_choice(path, contents, found, "name", "mine")
        found = with_choice(path, contents, found, "images", "other")
        assert (found.recipe.image, found.recipe.high, found.recipe.name) == ((1, 8, 8), 255.0, "mine")
        found = with_choice(path, contents, found, "labels", "letters")
        assert found.recipe.class_names == ("a", "b", "c")
        found = with_choice(path, contents, found, "size", (5, 5))
        preview = preview_of(path, contents, found.recipe)
        assert (preview.images.shape, preview.labels) == ((6, 1, 5, 5), tuple("aabbcc"))
        assert change_words(found.recipe)[-2:] == ("resized to 5×5", "14 % of every class held back for testing")
        with pytest.raises(DataError, match="expected one of the choices"):
            with_choice(path, contents, found, "colour of the sky", 1)
        with pytest.raises(DataError, match="expected one of the file's arrays"):
            with_choice(path, contents, found, "images", "missing")


def test_that_remarks_say_what_is_odd(tmp_path: Path) -> None:
    path = tmp_path / "odd.npz"
    images = np.random.default_rng(0).integers(0, 256, (60, 6, 6)).astype(np.uint8)
    images[1] = images[0]
    labels = np.array([0] * 56 + [1, 1, 3, 3])
    np.savez(path, images=images, labels=labels)
    like = ImageSpec(1, 6, 6, 2)
    with reader_of(path).contents(path, None) as contents:
        remarks = preview_of(path, contents, recognise(path, contents).recipe, like=like).remarks
    assert remarks == (
        ("warning", "The network knows 2 classes: with 4 its last layer is changed."),
        ("warning", "1 of 4 classes has no training image."),
        ("warning", "The largest class has 28 times as many images as the smallest."),
        ("info", "Values are 0…255: divided by 255, so that the network sees 0…1."),
        ("info", "1 of the first 60 images repeats an earlier one."),
    )
