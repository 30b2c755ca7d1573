"""Files that are not HDF5, or not whole: one sentence each, naming the file, what was expected and what came."""

from __future__ import annotations

import gzip
import os
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.data import DataError, load_hdf5
from tests.data.conftest import Arrays, WriteFile


def message(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_hdf5(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    assert message(tmp_path / "none.h5") == "expected an HDF5 file, found nothing there"


def test_that_a_folder_is_no_file(tmp_path: Path) -> None:
    assert message(tmp_path) == "expected an HDF5 file, got a folder"


def test_that_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    path.touch()
    assert message(path) == "expected an HDF5 file, got an empty file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe.h5"
    os.mkfifo(path)
    assert message(path) == "expected an HDF5 file, got a device or pipe"


def test_that_a_path_with_a_null_byte_is_refused() -> None:
    with pytest.raises(DataError, match="expected an HDF5 file, got an unusable path: embedded null"):
        load_hdf5("a\0b")


def test_that_a_file_without_permission_says_so(
    write_file: WriteFile, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(arrays)

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Not chmod: the tests may run as a user whom no mode stops.
    monkeypatch.setattr(os, "open", denied)
    assert message(path) == "expected an HDF5 file, got one that you have no permission to read"


def idx(kind: int) -> bytes:
    return bytes([0, 0, 8, kind]) + struct.pack(f">{kind}I", *([2] * kind)) + bytes(2**kind)


def npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, x_train=np.zeros(3))


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def gzipped_hdf5(path: Path) -> None:
    inner = path.with_suffix(".inner")
    h5py.File(inner, "w").close()
    path.write_bytes(gzip.compress(inner.read_bytes()))


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


@pytest.mark.parametrize(
    ("make", "looks"),
    [
        pytest.param(content(gzip.compress(idx(3))), "a gzip archive with IDX images inside", id="gzip-idx-images"),
        pytest.param(content(gzip.compress(idx(1))), "a gzip archive with IDX labels inside", id="gzip-idx-labels"),
        pytest.param(content(gzip.compress(b"hello")), "a gzip archive", id="gzip"),
        pytest.param(content(gzip.compress(idx(3))[:14]), "a gzip archive", id="gzip-cut"),
        pytest.param(gzipped_hdf5, "a gzip archive with HDF5 inside (unpack it first)", id="gzip-hdf5"),
        pytest.param(content(idx(3)), "IDX images", id="idx-images"),
        pytest.param(content(idx(1)), "IDX labels", id="idx-labels"),
        pytest.param(npz, "a NumPy .npz archive", id="npz"),
        pytest.param(zipped, "a zip archive", id="zip"),
        pytest.param(content(b"\x93NUMPY\x01\x00"), "a NumPy .npy array", id="npy"),
        pytest.param(content(b"\x89PNG\r\n\x1a\n...."), "a PNG picture", id="png"),
        pytest.param(content(b"label,pixel0\n5,0\n"), "plain text", id="text"),
        pytest.param(content("é".encode() * 300), "plain text", id="text-cut-in-a-character"),
        pytest.param(
            content(b"\n<!DOCTYPE html><html>"),
            "a web page or XML text (was the download page saved instead of the file?)",
            id="html",
        ),
        pytest.param(
            content(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
            "a Git LFS pointer (the file itself was not fetched)",
            id="lfs",
        ),
        pytest.param(content(bytes(2000)), "nothing but zero bytes", id="zeros"),
        pytest.param(content(bytes(range(128, 256)) * 3), "data of an unknown kind", id="binary"),
    ],
)
def test_that_another_kind_of_file_is_named(tmp_path: Path, make: Callable[[Path], None], looks: str) -> None:
    path = tmp_path / "picked.h5"
    make(path)
    assert message(path) == f"expected an HDF5 file, got {looks}"


def test_that_a_truncated_file_tells_both_sizes(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays)
    whole = path.read_bytes()
    path.write_bytes(whole[:20_000])
    assert message(path) == (f"expected a whole HDF5 file of {len(whole):,} bytes, got a truncated one of 20,000 bytes")


def test_that_a_file_cut_within_its_first_bytes_is_refused(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays)
    path.write_bytes(path.read_bytes()[:40])
    assert message(path).startswith("expected a readable HDF5 file, got an error from the HDF5 library: ")


def test_that_damaged_values_are_noticed_by_their_checksum(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays, chunks=True, fletcher32=True)
    with h5py.File(path) as file:
        offset = file["x_test"].id.get_chunk_info(0).byte_offset
    damaged = bytearray(path.read_bytes())
    damaged[offset + 10] ^= 0xFF
    path.write_bytes(damaged)
    assert re.fullmatch(r"x_test: expected a readable HDF5 file, got an error from the HDF5 library: .*", message(path))


def test_that_a_name_list_that_runs_in_a_circle_does_not_take_all_memory(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays)
    damaged = bytearray(path.read_bytes())
    heap = damaged.index(b"HEAP")
    size, free, address = struct.unpack_from("<QQQ", damaged, heap + 8)
    assert free + 16 <= size
    # The first free piece names itself as the next one.
    struct.pack_into("<Q", damaged, address + free, free)
    path.write_bytes(damaged)
    assert message(path) == "expected a readable HDF5 file, got one with a damaged list of names"
