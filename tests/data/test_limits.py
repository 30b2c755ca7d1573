"""A few megabytes of a file that declare gigabytes are refused before any of it is read or allocated."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from child import child

from convviz.data import DataError, load_hdf5
from convviz.data.checks import DENSEST, LARGEST_DATA, LARGEST_PACKED
from convviz.data.open import import_data, open_data
from convviz.data.readers.hdf5_declared import LARGEST_CHUNK
from convviz.data.sources import ImageSpec
from tests.data.conftest import small_arrays

ROW = 4 * 784


def packed_zeros(path: Path, rows: dict[str, int], chunk: int = 1000) -> Path:
    """A file whose images are all black, in chunks of so many rows that are packed once and written again and again."""
    zeros = zlib.compress(bytes(chunk * ROW))
    with h5py.File(path, "w") as file:
        for name, values in small_arrays().items():
            if name.startswith("y"):
                file[name] = np.zeros((rows[f"x_{name[2:]}"], 1), np.int32)
            elif name in rows:
                images = file.create_dataset(name, (rows[name], 784), "f4", chunks=(chunk, 784), compression="gzip")
                for start in range(0, rows[name], chunk):
                    images.id.write_direct_chunk((start, 0), zeros)
            else:
                file[name] = values
    return path


def message(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_hdf5(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_that_nothing_but_zeros_is_no_data_set_of_a_gigabyte(tmp_path: Path) -> None:
    rows = 1000 * (LARGEST_PACKED // (1000 * ROW) + 1)
    path = packed_zeros(tmp_path / "zeros.h5", {"x_train": rows, "x_test": 1000})
    assert path.stat().st_size * 50 < rows * ROW
    assert message(path).startswith(
        "x_train: expected images, got 257 MiB of values declared by shape (86000, 784) in 0."
    )


def test_that_black_images_of_a_usual_size_load(tmp_path: Path) -> None:
    path = packed_zeros(tmp_path / "zeros.h5", {"x_train": 10000, "x_test": 1000})
    assert load_hdf5(path).x_train.shape == (10000, 1, 28, 28)


def test_that_both_parts_together_have_to_fit(tmp_path: Path) -> None:
    half = 1000 * (LARGEST_DATA // (2 * 1000 * ROW) + 1)
    rows = {"x_train": half, "x_test": half}
    with h5py.File(tmp_path / "two.h5", "w") as file:
        for name, count in rows.items():
            # Declared and counted, never unpacked: what is in the chunks is no matter.
            images = file.create_dataset(name, (count, 784), "f4", chunks=(10000, 784), compression="gzip")
            for start in range(0, count, 10000):
                images.id.write_direct_chunk((start, 0), bytes(10000 * ROW // DENSEST + 1))
            file[f"y_{name[2:]}"] = np.zeros((count, 1), np.int8)
    told = message(tmp_path / "two.h5")
    assert told == f"x_test: expected at most 4 GiB of values, got 4.0 GiB declared by shape ({half}, 784)"


def test_that_one_huge_chunk_is_refused(tmp_path: Path) -> None:
    rows = LARGEST_CHUNK // ROW + 1
    path = tmp_path / "chunk.h5"
    with h5py.File(path, "w") as file:
        for name, values in small_arrays().items():
            if name != "x_train":
                file[name] = values
        images = file.create_dataset("x_train", (rows, 784), "f4", chunks=(rows, 784), compression="gzip")
        images.id.write_direct_chunk((0, 0), bytes(rows * ROW // DENSEST + 1))
    assert message(path).startswith("x_train: expected chunks of at most 256 MiB, and no larger than all values, got ")


def test_that_a_packed_idx_file_of_zeros_is_refused(tmp_path: Path) -> None:
    count = LARGEST_PACKED // ROW + 1
    head = np.array([0x803, count, 28, 28], ">u4").tobytes()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(head) + gzip.compress(bytes(1000)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(np.array([0x801, count], ">u4").tobytes() + bytes(count))
    with pytest.raises(DataError, match="expected images, got 256 MiB of values declared by its header in "):
        open_data(tmp_path, ImageSpec())


@pytest.mark.parametrize("recognised", [False, True])
def test_that_too_many_images_are_refused_before_any_is_read(tmp_path: Path, recognised: bool) -> None:
    count = 1000 * (LARGEST_DATA // (1000 * ROW) + 1)
    with h5py.File(tmp_path / "broken.h5", "w") as file:
        images = file.create_dataset("x_train", (count, 784), "f4", chunks=(10000, 784), compression="gzip")
        for start in range(0, count, 10000):
            images.id.write_direct_chunk((start, 0), b"can't be unpacked")
        file["y_train"] = np.zeros(count, np.int8)
        file["x_test"], file["y_test"] = np.zeros((2, 784), "f4"), np.zeros(2, np.int8)
    with pytest.raises(DataError) as caught:
        (import_data if recognised else load_hdf5)(tmp_path / "broken.h5")
    told = str(caught.value)
    assert told.endswith(f"x_train: expected at most 4 GiB of values, got 4.0 GiB declared by shape ({count}, 784)")


def packed_labels(path: Path, shape: tuple[int, ...]) -> Path:
    """A few megabytes of labels that would take gigabytes; a thousandth of the columns is packed once."""
    chunk = (shape[0], *(length // 1000 for length in shape[1:])) if len(shape) > 1 else (shape[0] // 1000,)
    zeros = zlib.compress(bytes(4 * int(np.prod(chunk))))
    with h5py.File(path, "w") as file:
        file["x"] = np.random.default_rng(0).random((1000, 8, 8), np.float32)
        labels = file.create_dataset("y", shape, "f4", chunks=chunk, compression="gzip")
        for number in range(1000):
            at = number * chunk[-1]
            labels.id.write_direct_chunk((0, at) if len(shape) > 1 else (at,), zeros)
    return path


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((1000, 2_000_000), "expected at most 4 GiB of values, got 7.5 GiB declared by shape (1000, 2000000)"),
        ((1000, 100_000), "expected labels, got 381 MiB of values declared by shape (1000, 100000) in 0."),
        ((600_000_000,), "expected at most 4 GiB of values, got 4.5 GiB declared by shape (600000000,)"),
    ],
)
def test_that_labels_that_declare_gigabytes_are_refused(tmp_path: Path, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(DataError) as caught:
        import_data(packed_labels(tmp_path / "labels.h5", shape))
    assert str(caught.value).startswith(f"{tmp_path / 'labels.h5'}: y: {told}")


def test_that_names_of_any_length_are_no_names_of_classes(tmp_path: Path) -> None:
    zeros = zlib.compress(bytes(10_000_000))
    with h5py.File(tmp_path / "names.h5", "w") as file:
        for name, values in small_arrays().items():
            file[name.replace("x_", "images_").replace("y_", "labels_")] = values
        names = file.create_dataset("class_names", (10,), "S10000000", chunks=(1,), compression="gzip")
        for number in range(10):
            names.id.write_direct_chunk((number,), zeros)
    assert import_data(tmp_path / "names.h5").data.class_names[0] == "0"


def test_that_a_packed_archive_of_next_to_nothing_is_refused(tmp_path: Path) -> None:
    count = LARGEST_DATA // (2 * ROW) + 1
    with zipfile.ZipFile(tmp_path / "two.npz", "w") as archive:
        for name in ("x_train", "x_test"):
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array_header_1_0(
                    file, {"descr": "<f4", "fortran_order": False, "shape": (count, 28, 28)}
                )
        for name in ("y_train", "y_test"):
            with archive.open(f"{name}.npy", "w") as file:
                np.save(file, np.zeros(count, np.int8))
    with pytest.raises(DataError, match="x_train: expected images, got 2,048 MiB of values declared by shape"):
        import_data(tmp_path / "two.npz")


LIMITED = """
import resource, sys
from pathlib import Path
import h5py, numpy
from convviz.data import DataError, load_hdf5
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000,) * 2)
try:
    load_hdf5(sys.argv[1])
except DataError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited another way on this system")
def test_that_data_that_does_not_fit_in_the_free_memory_is_refused(tmp_path: Path) -> None:
    path = packed_zeros(tmp_path / "zeros.h5", {"x_train": 30000, "x_test": 1000})
    with child("-c", LIMITED, str(path), env=dict(os.environ)) as process:
        found, errors = process.communicate()
    assert errors == ""
    assert found.startswith(f"{path}: x_train: expected data that fits in the ")
    assert found.endswith("MB of memory that are free, got 0.1 GiB declared by shape (30000, 784)\n")
