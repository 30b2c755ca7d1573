"""The heaps of a file's groups are found by following them, as by reading all of it."""

from __future__ import annotations

import mmap
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.files import hdf5_heaps
from convviz.files.hdf5_groups import heaps_of
from convviz.files.hdf5_heaps import has_circular_heap


def made(path: Path, **options: object) -> Path:
    with h5py.File(path, "w", **options) as file:
        for name in ("a", "b/c/d", "b/e"):
            group = file.create_group(name)
            for number in range(60):  # more than one node of names
                group[f"values {number}"] = np.arange(number + 1)
        for number in range(40):  # more than one block of messages
            file["a"].attrs[f"note {number}"] = "x" * 50
    return path


def found_in(path: Path, base: int = 0) -> list[int] | None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return heaps_of(data, base)


@pytest.mark.parametrize("block", [0, 512])
def test_that_all_heaps_are_found(tmp_path: Path, block: int) -> None:
    path = made(tmp_path / "groups.h5", **({"userblock_size": block} if block else {}))
    whole, at, places = path.read_bytes(), -1, []
    while (at := whole.find(b"HEAP\0\0\0\0", at + 1)) >= 0:
        places.append(at)
    assert found_in(path, block) == places
    assert len(places) == 6, "the root, a, b, b/c, b/c/d and b/e"


def test_that_newer_forms_are_left_to_the_reading_of_all(tmp_path: Path) -> None:
    assert found_in(made(tmp_path / "new.h5", libver="latest")) is None
    assert found_in(made(tmp_path / "tracked.h5", track_order=True)) is None


def test_that_a_circle_is_found_in_a_large_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5_heaps, "LARGE", 1)
    path = made(tmp_path / "groups.h5")
    assert not has_circular_heap(path)
    whole = bytearray(path.read_bytes())
    at = found_in(path)[3]
    segment = int.from_bytes(whole[at + 24 : at + 32], "little")
    whole[at + 16 : at + 24] = (0).to_bytes(8, "little")  # the first free piece is at the beginning …
    whole[segment : segment + 8] = (0).to_bytes(8, "little")  # … and says that the next one is there too
    path.write_bytes(whole)
    assert has_circular_heap(path)


def test_that_damaged_groups_are_left_to_the_reading_of_all_or_end(tmp_path: Path) -> None:
    path = made(tmp_path / "groups.h5")
    whole = path.read_bytes()
    draw = np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(whole)
        for at in draw.integers(0, 4000, 5):
            broken[at] = draw.integers(256)
        path.write_bytes(broken[: draw.integers(100, len(broken))])
        found = found_in(path)
        assert found is None or all(isinstance(at, int) for at in found)
