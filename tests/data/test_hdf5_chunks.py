"""Large chunks are read as the HDF5 library reads them, and reading them can be cancelled."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from convviz.data import load_hdf5
from convviz.data.readers import hdf5_chunks
from convviz.data.readers.hdf5_chunks import read_rows
from convviz.files.cancel import LoadCancelledError

ROWS, COLUMNS = 50, 12
FORMS: dict[str, dict[str, Any]] = {
    "gzip": {"compression": "gzip"},
    "shuffled gzip": {"compression": "gzip", "shuffle": True},
    "with a checksum": {"compression": "gzip", "fletcher32": True},
    "lzf": {"compression": "lzf"},
    "bare": {},
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large for these tests."""
    monkeypatch.setattr(hdf5_chunks, "SMALL", 64)
    monkeypatch.setattr(hdf5_chunks, "SLICE", 128)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("chunks", [(50, 12), (7, 12), (50, 5), (16, 1)])
@pytest.mark.parametrize("form", FORMS)
def test_that_rows_are_those_of_the_library(form: str, chunks: tuple[int, int], tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((ROWS, COLUMNS)).round(1)
    for dtype in ("<f4", ">f8", "<i2", "u1"):
        with h5py.File(tmp_path / f"{dtype[1:]}.h5", "w") as file:
            found = file.create_dataset("x", data=(values * 9).astype(dtype), chunks=chunks, **FORMS[form])
            for start in range(0, ROWS, chunks[0] * 2):
                block = np.empty((min(chunks[0] * 2, ROWS - start), COLUMNS), np.dtype(dtype).newbyteorder("="))
                read_rows(found, block, start, lambda: None)
                assert (block == found[start : start + len(block)]).all()


@pytest.mark.usefixtures("small")
def test_that_a_chunk_is_cancelled_in_the_middle(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "one.h5", "w") as file:
        for part in ("train", "test"):
            x = np.zeros((ROWS, 784), np.float32)
            file.create_dataset(f"x_{part}", data=x, chunks=x.shape, compression="gzip", shuffle=True)
            file[f"y_{part}"] = np.zeros((ROWS, 1), np.int64)
    asked = itertools.count()
    load_hdf5(tmp_path / "one.h5", cancelled=lambda: next(asked) < 0)
    times = next(asked)
    assert times > 100
    for last in (5, times // 4, times // 2):
        asked = itertools.count()
        with pytest.raises(LoadCancelledError):
            load_hdf5(tmp_path / "one.h5", cancelled=lambda last=last, asked=asked: next(asked) >= last)
        assert next(asked) == last + 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", ["short", "long", "no gzip"])
def test_that_a_damaged_chunk_is_an_error(damage: str, tmp_path: Path) -> None:
    import zlib

    contents = {"short": zlib.compress(b"\0" * 100), "long": zlib.compress(b"\0" * 2**20), "no gzip": b"?" * 100}
    with h5py.File(tmp_path / "d.h5", "w") as file:
        found = file.create_dataset("x", (ROWS, COLUMNS), "u1", chunks=(ROWS, COLUMNS), compression="gzip")
        found.id.write_direct_chunk((0, 0), contents[damage])
        block = np.empty((ROWS, COLUMNS), np.uint8)
        if damage == "long":
            read_rows(found, block, 0, lambda: None)
            assert not block.any()
            return
        with pytest.raises(ValueError, match="chunk"):
            read_rows(found, block, 0, lambda: None)


def test_that_rows_of_large_chunks_are_right_in_any_order_and_unpacked_once(tmp_path: Path, monkeypatch) -> None:
    values = np.random.default_rng(0).integers(0, 256, (70, 64, 1024)).astype(np.uint8)
    unpacked: list[int] = []
    plain = hdf5_chunks.read_rows

    def counted(found: object, block: np.ndarray, start: int, go_on: object) -> None:
        unpacked.append(start)
        plain(found, block, start, go_on)

    monkeypatch.setattr(hdf5_chunks, "read_rows", counted)
    with h5py.File(tmp_path / "large.h5", "w") as file:
        found = file.create_dataset("x", data=values, chunks=(32, 64, 1024), compression="gzip", compression_opts=1)
        rows = hdf5_chunks.ChunkRows(found, lambda: None)
        for start in range(0, 70, 5):
            np.testing.assert_array_equal(rows.rows(start, start + 5), values[start : start + 5])
        assert unpacked == [0, 32, 64]
        np.testing.assert_array_equal(rows.rows(3, 68), values[3:68])
        assert rows.rows(70, 80).shape == (0, 64, 1024)


def test_that_unpacking_can_be_cancelled(tmp_path: Path) -> None:
    def stop() -> None:
        raise LoadCancelledError("stopped")

    with h5py.File(tmp_path / "large.h5", "w") as file:
        values = np.zeros((20, 1024, 1024), np.uint8)
        found = file.create_dataset("x", data=values, chunks=(20, 1024, 1024), compression="gzip", compression_opts=1)
        with pytest.raises(LoadCancelledError):
            hdf5_chunks.ChunkRows(found, stop).rows(0, 1)
