"""Saving: the form is the course's, and a failure leaves what was there."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from convviz.data import DataError, Dataset, load_hdf5, save_hdf5
from tests.data.conftest import Arrays, WriteFile


@pytest.fixture
def data(write_file: WriteFile, arrays: Arrays) -> Dataset:
    return load_hdf5(write_file(arrays))


def test_that_a_saved_data_set_loads_again(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "saved.h5"
    save_hdf5(path, data)
    again = load_hdf5(path)
    for field in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(again, field), getattr(data, field))


def test_that_the_file_has_the_courses_form(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "saved.h5"
    save_hdf5(path, data)
    with h5py.File(path) as file:
        assert sorted(file) == ["x_test", "x_train", "y_test", "y_train"]
        assert (file["x_train"].shape, file["x_train"].dtype) == ((12, 784), np.float32)
        assert (file["y_train"].shape, file["y_train"].dtype) == ((12, 1), np.int32)


def test_that_saving_twice_gives_the_same_bytes(data: Dataset, tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        save_hdf5(tmp_path / name, data)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def broken_create(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def broken_replace(*_: Any) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("owner", "name", "broken", "reason"),
    [
        (h5py.Group, "create_dataset", broken_create, "No space left on device"),
        (os, "fsync", broken_create, "No space left on device"),
        (Path, "replace", broken_replace, "Input/output error"),
    ],
)
def test_that_a_failing_write_leaves_the_old_file_and_no_litter(
    data: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    broken: Any,
    reason: str,
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "saved.h5"
    save_hdf5(path, data)
    before = path.read_bytes()
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(DataError) as caught:
        save_hdf5(path, data)
    assert str(caught.value).startswith(f"{path}: expected to save a data set, got an error from the system: ")
    assert reason in str(caught.value)
    assert path.read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["saved.h5"]


def test_that_an_interrupted_write_leaves_no_litter(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(h5py.Group, "create_dataset", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_hdf5(folder / "saved.h5", data)
    assert list(folder.iterdir()) == []


def test_that_a_missing_folder_is_named(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "none" / "saved.h5"
    with pytest.raises(DataError) as caught:
        save_hdf5(path, data)
    assert str(caught.value) == f"{path}: expected a folder to write in, found no {path.parent}"


def test_that_a_folder_is_not_overwritten(data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a file to write, got a folder"):
        save_hdf5(tmp_path, data)


@pytest.mark.skipif(os.name != "posix", reason="modes and symbolic links are POSIX's")
def test_that_a_new_file_has_the_usual_mode_and_a_link_is_followed(data: Dataset, tmp_path: Path) -> None:
    link = tmp_path / "link.h5"
    link.symlink_to(tmp_path / "target.h5")
    plain = tmp_path / "plain"
    plain.touch()
    save_hdf5(link, data)
    assert link.is_symlink()
    assert stat.S_IMODE((tmp_path / "target.h5").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_that_names_of_classes_are_kept(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "named.h5"
    names = ("naïve", *(f"class {label}" for label in range(1, 10)))
    save_hdf5(path, replace(data, class_names=names))
    assert load_hdf5(path).class_names == names
