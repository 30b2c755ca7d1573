"""What was chosen for a file is known when it is opened again, as long as the file is the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from convviz.data.importing.recipe import Recipe
from convviz.data.importing.remembered import MOST, RememberedRecipes, print_of

RECIPE = Recipe("mine", ("x", "y"), None, "HWC", (3, 4, 4), -1.0, 1.0, class_names=("a", "b"), size=(28, 28))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.npz"
    np.savez(path, x=np.zeros(4))
    return path


def test_that_a_recipe_comes_back_from_the_disk(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "folder" / "imports.json"
    RememberedRecipes(kept).add(file, RECIPE)
    assert RememberedRecipes(kept).of(file) == RECIPE
    assert RememberedRecipes(kept).of(tmp_path / "other.npz") is None


def test_that_another_file_of_the_same_name_is_asked_about(file: Path) -> None:
    known = RememberedRecipes(None)
    known.add(file, RECIPE)
    assert known.of(file) == RECIPE
    os.utime(file, ns=(1, 1))
    assert known.of(file) is None
    file.unlink()
    assert known.of(file) is None


def test_that_a_folder_with_another_picture_is_another_folder(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.png").write_bytes(b"1")
    before = print_of(folder)
    assert print_of(folder) == before
    (folder / "a" / "2.png").write_bytes(b"2")
    os.utime(folder / "a", ns=(5, 10**18))
    assert print_of(folder) != before


def test_that_only_the_last_files_are_remembered(tmp_path: Path) -> None:
    known = RememberedRecipes(None)
    paths = [tmp_path / f"{number}.npz" for number in range(MOST + 1)]
    for path in paths:
        path.write_bytes(b"")
        known.add(path, RECIPE)
    assert known.of(paths[0]) is None
    assert known.of(paths[-1]) == RECIPE


WRONG = {"name": "", "train": ["x", "y"], "test": None, "axes": "HW", "image": [1, 2, 2], "low": 2.0, "high": 1.0}
DAMAGED = json.dumps([{"path": "a", "size": 1, "changed": 1, "recipe": WRONG}]).encode()


@pytest.mark.parametrize("held", [b"", b"{", b'[{"path": 1}]', b"\xff\xfe", DAMAGED])
def test_that_a_damaged_list_is_no_list(held: bytes, file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "imports.json"
    kept.write_bytes(held)
    known = RememberedRecipes(kept)
    assert known.of(file) is None
    known.add(file, RECIPE)
    assert RememberedRecipes(kept).of(file) == RECIPE
