"""Whatever is done to a file, loading it gives a data set or a DataError: no other error, no crash, no hang."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import h5py
import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.data import DataError, load_hdf5
from tests.data.conftest import small_arrays

# The same examples everywhere: a file that kills the HDF5 library should be met by whoever changes the loader.
many = settings(max_examples=cases(60), derandomize=True)


def valid_file(libver: str, compression: str | None) -> bytes:
    memory = BytesIO()
    with h5py.File(memory, "w", libver=libver) as file:
        for name, values in small_arrays(train=4, test=2, pixels=16).items():
            file.create_dataset(name, data=values, chunks=True, compression=compression)
    return memory.getvalue()


FILES = {
    "old": valid_file("earliest", None),
    "old packed": valid_file("earliest", "gzip"),
    "new packed": valid_file("latest", "gzip"),
}


def load_or_refuse(path: Path) -> None:
    refused = ""
    try:
        data = load_hdf5(path, height=4, width=4)
    except DataError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(str(path))
        assert "\n" not in refused
    else:
        assert 0 <= data.x_train.min() <= data.x_train.max() <= 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fuzzed.h5"


@pytest.mark.parametrize("form", FILES)
def test_that_the_unharmed_file_loads(path: Path, form: str) -> None:
    path.write_bytes(FILES[form])
    assert load_hdf5(path, height=4, width=4).x_train.shape == (4, 1, 4, 4)


@many
@given(content=st.binary(max_size=3000))
def test_that_random_bytes_are_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DataError):
        load_hdf5(path)


@many
@given(content=st.binary(max_size=3000))
def test_that_random_bytes_behind_a_signature_are_refused(path: Path, content: bytes) -> None:
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + content)
    with pytest.raises(DataError):
        load_hdf5(path)


@pytest.mark.parametrize("form", FILES)
def test_that_a_file_cut_anywhere_is_refused(path: Path, form: str) -> None:
    whole = FILES[form]
    for length in range(0, len(whole), max(1, len(whole) // 150)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            load_hdf5(path, height=4, width=4)


@pytest.mark.parametrize("form", FILES)
@many
@given(data=st.data())
def test_that_flipped_bits_give_a_data_set_or_a_sentence(path: Path, form: str, data: st.DataObject) -> None:
    content = bytearray(FILES[form])
    places = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 7))
    for place, bit in data.draw(st.lists(places, min_size=1, max_size=12)):
        content[place] ^= 1 << bit
    path.write_bytes(content)
    load_or_refuse(path)


@pytest.mark.parametrize("form", FILES)
@many
@given(data=st.data())
def test_that_overwritten_pieces_give_a_data_set_or_a_sentence(path: Path, form: str, data: st.DataObject) -> None:
    content = bytearray(FILES[form])
    start = data.draw(st.integers(0, len(content) - 1))
    piece = data.draw(st.binary(min_size=1, max_size=32))
    content[start : start + len(piece)] = piece
    path.write_bytes(content)
    load_or_refuse(path)
