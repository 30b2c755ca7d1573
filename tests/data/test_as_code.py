"""An import as lines of Python and as a command: both are run, and give the arrays that the window gives."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.__main__ import main
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.importing.as_code import as_command, as_python
from convviz.data.importing.choices import with_choice
from convviz.data.importing.recipe import Recipe
from convviz.data.importing.recognise import recognise
from convviz.data.open import import_data, opened, reader_of
from convviz.data.sources import ImageSpec
from tests.data import layouts


def recipe_of(path: Path, **choices: object) -> Recipe:
    with reader_of(path).contents(path, None) as contents:
        found = recognise(path, contents, guess=True)
        contents = contents if contents.parts else replace(contents, parts=found.recipe.parts)
        for key, value in choices.items():
            found = with_choice(path, contents, found, key, value)
    return found.recipe


def ran_as_python(path: Path, recipe: Recipe) -> Dataset:
    held: dict[str, Dataset] = {}
    exec(as_python(path, recipe), held)
    return held["data"]


def ran_as_command(path: Path, recipe: Recipe, out: Path) -> Dataset:
    program, *words = shlex.split(as_command(path, recipe, str(out)).replace("\\\n", " "))
    assert program == "convviz"
    assert main(words) == 0
    return import_data(out, ImageSpec(*recipe.shape, recipe.classes)).data


def same(one: Dataset, other: Dataset) -> None:
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.class_names == other.class_names


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda one: one.__name__)
def test_that_both_give_the_same_arrays(layout: Callable[[Path], layouts.Made], tmp_path: Path) -> None:
    layouts.skip_without_library(layout)
    path = layout(tmp_path).path
    recipe = recipe_of(path)
    data = import_data(path, recipe=recipe).data
    same(ran_as_python(path, recipe), data)
    same(ran_as_command(path, recipe, tmp_path / "out" / "again.h5"), data)


@pytest.fixture(autouse=True)
def out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()


def test_that_every_choice_is_in_both(tmp_path: Path) -> None:
    path = tmp_path / "it's odd.npz"
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (30, 6, 8, 3)).astype(np.uint8)
    np.savez(path, pictures=colours, kinds=np.arange(30) % 3 + 1, small=colours[:, :4, :4, 0])
    choices = {"images": "pictures", "labels": "kinds", "values": (0.0, 300.0), "invert": True, "test": 0.2}
    recipe = recipe_of(path, **choices, size=(5, 7), fit="crop", colour="grey", first=1, called=("a b", "c", "d"))
    data = import_data(path, recipe=recipe).data
    assert data.x_train.shape == (24, 1, 5, 7)
    assert data.class_names == ("a b", "c", "d")
    assert data.y_train.min() == 0
    same(ran_as_python(path, recipe), data)
    same(ran_as_command(path, recipe, tmp_path / "out" / "odd.h5"), data)


def test_that_another_file_gives_the_test_images(tmp_path: Path) -> None:
    path, other = tmp_path / "mine.npz", tmp_path / "yours.npz"
    images = np.random.default_rng(0).integers(0, 256, (20, 5, 5)).astype(np.uint8)
    np.savez(path, x_train=images[:12], y_train=np.arange(12) % 2, x_test=images[:2], y_test=np.zeros(2, int))
    np.savez(other, pictures=images[12:], labels=np.arange(8) % 3)
    with opened(path, str(other)) as contents:
        found = recognise(path, contents)
    recipe = replace(found.recipe, test_file=str(other))
    data = convviz.load_data(path, recipe=recipe)
    np.testing.assert_array_equal(data.x_test[:, 0], images[12:] / np.float32(255))
    assert (len(data.x_train), data.y_test.tolist(), data.classes) == (12, [0, 1, 2, 0, 1, 2, 0, 1], 3)
    same(ran_as_python(path, recipe), data)
    same(ran_as_command(path, recipe, tmp_path / "out" / "both.h5"), data)
    assert main(["data", "show", str(path), "--test-file", str(other)]) == 0


def test_that_a_test_file_that_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    path, other = tmp_path / "mine.npz", tmp_path / "yours.npz"
    images = np.random.default_rng(0).integers(0, 256, (12, 5, 5)).astype(np.uint8)
    np.savez(path, x=images, y=np.arange(12) % 2)
    for arrays, words in (
        ({"x": images[:, :4], "y": np.arange(12) % 2}, "expected images of (1, 5, 5) as in x, got (1, 4, 5)"),
        ({"x": images}, "yours.npz: expected labels beside the test images, found none"),
        ({"x": images / 255, "y": np.arange(12) % 2}, "expected values in 0…255 as in x, got values in 0…1"),
    ):
        np.savez(other, **arrays)
        with pytest.raises(DataError) as caught, opened(path, str(other)) as contents:
            recognise(path, contents)
        assert words in str(caught.value)
    with pytest.raises(DataError, match="nowhere"):
        convviz.load_data(path, recipe=replace(recipe_of(path), test_file=str(tmp_path / "nowhere.npz")))


def test_that_names_have_to_be_as_many_as_classes(tmp_path: Path) -> None:
    path = tmp_path / "few.npz"
    np.savez(path, x=np.zeros((4, 3, 3), np.uint8), y=np.arange(4) % 2)
    with pytest.raises(DataError, match="expected a name for each of the 2 classes, got 1: a"):
        recipe_of(path, called=("a",))
