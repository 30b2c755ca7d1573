"""Reading valid files: what comes out, how progress is told, how loading is given up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from convviz.data import LoadCancelledError, load_hdf5
from tests.data.conftest import Arrays, WriteFile, small_arrays


def test_that_a_file_in_the_courses_form_is_read(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays)
    data = load_hdf5(path)
    assert data.image_shape == (1, 28, 28)
    assert (data.x_train.dtype, data.y_train.dtype) == (np.float32, np.int64)
    assert np.array_equal(data.x_train.reshape(12, 784), arrays["x_train"])
    assert np.array_equal(data.y_train, arrays["y_train"][:, 0])
    assert np.array_equal(data.x_test.reshape(5, 784), arrays["x_test"])
    assert np.array_equal(data.y_test, arrays["y_test"][:, 0])
    assert (data.name, data.source, data.classes) == ("some", str(path), 10)


def test_that_the_image_geometry_and_the_classes_are_the_callers_choice(write_file: WriteFile) -> None:
    path = write_file(small_arrays(pixels=3 * 4 * 5, classes=100))
    data = load_hdf5(path, channels=3, height=4, width=5, classes=100)
    assert data.x_train.shape == (12, 3, 4, 5)
    assert data.classes == 100


@pytest.mark.parametrize("stored", ["<f2", "<f8", ">f4", ">f8"])
def test_that_floating_point_numbers_of_any_precision_and_byte_order_become_float32(
    write_file: WriteFile, arrays: Arrays, stored: str
) -> None:
    pixels = np.round(arrays["x_train"] * 16) / 16
    data = load_hdf5(write_file(arrays | {"x_train": pixels.astype(stored)}))
    assert data.x_train.dtype == np.float32
    assert np.array_equal(data.x_train.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("stored", ["u1", "i1", "<i4", ">i8", "<u8"])
def test_that_labels_of_any_integer_type_are_read(write_file: WriteFile, arrays: Arrays, stored: str) -> None:
    data = load_hdf5(write_file(arrays | {"y_train": arrays["y_train"].astype(stored)}))
    assert np.array_equal(data.y_train, arrays["y_train"][:, 0])


def test_that_labels_without_a_second_axis_are_read(write_file: WriteFile, arrays: Arrays) -> None:
    data = load_hdf5(write_file(arrays | {"y_train": arrays["y_train"][:, 0]}))
    assert np.array_equal(data.y_train, arrays["y_train"][:, 0])


@pytest.mark.parametrize(
    "options",
    [
        {"chunks": (5, 1)},
        {"compression": "gzip", "shuffle": True},
        {"chunks": (3, 1), "compression": "lzf"},
        {"chunks": True, "fletcher32": True},
        {"maxshape": (None, None)},
    ],
)
def test_that_every_usual_storage_layout_is_read(
    write_file: WriteFile, arrays: Arrays, options: dict[str, Any]
) -> None:
    data = load_hdf5(write_file(arrays, **options))
    assert np.array_equal(data.x_train.reshape(12, 784), arrays["x_train"])
    assert np.array_equal(data.y_test, arrays["y_test"][:, 0])


def test_that_a_file_behind_a_user_block_is_read(tmp_path: Path, arrays: Arrays) -> None:
    path = tmp_path / "block.h5"
    with h5py.File(path, "w", userblock_size=1024) as file:
        for name, values in arrays.items():
            file[name] = values
    assert np.array_equal(load_hdf5(path).x_test.reshape(5, 784), arrays["x_test"])


def test_that_other_contents_of_the_file_do_not_matter(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"notes": np.arange(3)})
    assert len(load_hdf5(path).y_train) == 12


def test_that_progress_rises_to_one_in_blocks(write_file: WriteFile) -> None:
    told: list[float] = []
    load_hdf5(write_file(small_arrays(train=4000), chunks=True), progress=told.append)
    assert len(told) > 4
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_that_loading_stops_when_it_is_cancelled(write_file: WriteFile) -> None:
    path = write_file(small_arrays(train=4000))
    told: list[float] = []
    with pytest.raises(LoadCancelledError):
        load_hdf5(path, progress=told.append, cancelled=lambda: len(told) == 2)
    assert len(told) == 2


def test_that_an_error_in_the_progress_callback_is_not_taken_for_a_bad_file(
    write_file: WriteFile, arrays: Arrays
) -> None:
    def broken(_: float) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        load_hdf5(write_file(arrays), progress=broken)


def test_that_importing_the_data_layer_imports_neither_h5py_nor_qt() -> None:
    script = "import sys, convviz.data; print(sorted({'h5py', 'PySide6', 'pyqtgraph'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_the_real_mnist_is_read_as_published(real_mnist: Path) -> None:
    data = load_hdf5(real_mnist)
    assert data.x_train.shape == (60_000, 1, 28, 28)
    assert data.x_test.shape == (10_000, 1, 28, 28)
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(data.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (data.x_train.min(), data.x_train.max()) == (0.0, 1.0)
    # The mean that everyone normalises MNIST with.
    assert data.x_train.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
