"""Whatever is done to a checkpoint, reading it gives a checkpoint or one sentence: no other error, no crash."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.errors import ConvvizError
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.checkpoint_read import load_checkpoint
from convviz.storage.formats.checkpoint_write import is_checkpoint, save_checkpoint
from tests.storage.conftest import small_checkpoint

many = settings(max_examples=cases(80), derandomize=True)  # the same examples everywhere


def load_or_refuse(path: Path) -> bool:
    """Whether it was read."""
    refused = ""
    try:
        load_checkpoint(path)
    except ConvvizError as error:
        refused = str(error)
    assert refused.startswith(str(path)) or not refused
    assert "\n" not in refused
    return not refused


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "model.h5"
    save_checkpoint(path, small_checkpoint())
    return path.read_bytes()


@many
@given(data=st.data())
def test_that_a_truncated_file_is_refused(path: Path, good: bytes, data: st.DataObject) -> None:
    path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    assert not load_or_refuse(path)


@many
@given(data=st.data())
def test_that_turned_bits_are_refused_or_do_no_harm(path: Path, good: bytes, data: st.DataObject) -> None:
    damaged = bytearray(good)
    for at in data.draw(st.lists(st.integers(0, len(good) * 8 - 1), min_size=1, max_size=4, unique=True)):
        damaged[at // 8] ^= 1 << at % 8
    path.write_bytes(damaged)
    load_or_refuse(path)


@many
@given(data=st.data())
def test_that_overwritten_stretches_are_refused_or_do_no_harm(path: Path, good: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    rest = data.draw(st.binary(min_size=1, max_size=64))
    path.write_bytes(good[:at] + rest + good[at + len(rest) :])
    load_or_refuse(path)


@many
@given(contents=st.binary(max_size=2000))
def test_that_random_bytes_are_refused(path: Path, contents: bytes) -> None:
    for opening in (b"", b"\x89HDF\r\n\x1a\n"):
        path.write_bytes(opening + contents)
        assert not load_or_refuse(path)
        assert not is_checkpoint(path)


def test_that_a_turned_bit_of_a_weight_is_noticed(kept: Path) -> None:
    with h5py.File(kept, "r+") as file:
        file["arrays/conv1.weight"][0, 0, 0, 0] += np.float32(1e-3)
    with pytest.raises(CheckpointError, match=r"expected contents with the checksum .*: it is damaged"):
        load_checkpoint(kept)


# --- files that someone made -------------------------------------------------------------------------------------


def replaced(name: str, value: object, **options: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        if name in file:
            del file[name]
        file.create_dataset(name, data=value, **options)

    return change


def removed(name: str) -> Callable[[h5py.File], None]:
    return lambda file: file.__delitem__(name)


def attribute(name: str, value: object) -> Callable[[h5py.File], None]:
    return lambda file: file.attrs.__setitem__(name, value)


def linked(name: str, link: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = link

    return change


def declared(name: str, shape: tuple[int, ...], dtype: str = "f4", **options: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, shape, dtype, **options)

    return change


def text(words: str) -> np.ndarray:
    return np.array(words.encode(), f"S{len(words.encode())}")


WEIGHT = "arrays/conv1.weight"
HUGE = 'format = 1\nclasses = 3\n[[layers]]\ntype = "flatten"\n[[layers]]\ntype = "dense"\nunits = 65536\n'
HUGE += '[[layers]]\ntype = "dense"\nunits = 65536\n[[layers]]\ntype = "dense"\nunits = 3\n'
NAN = np.full((2, 1, 3, 3), np.nan, np.float32)

CASES: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    "no format": (
        lambda file: file.attrs.__delitem__("format"),
        "expected a convviz checkpoint, got another HDF5 file",
    ),
    "another format": (
        attribute("format", np.bytes_(b"other")),
        "expected a convviz checkpoint, got another HDF5 file",
    ),
    "format of varying length": (
        attribute("format", "convviz-checkpoint"),
        "format: expected one number or short text",
    ),
    "a newer version": (
        attribute("version", np.int64(2)),
        "version: expected 1 or older, got 2, which a newer convviz",
    ),
    "version 0": (attribute("version", np.int64(0)), "version: expected 1, got 0"),
    "a version of many numbers": (attribute("version", np.arange(9)), "version: expected one number or short text"),
    "no checksum": (lambda file: file.attrs.__delitem__("sha256"), "sha256: expected a checksum, got none"),
    "no design": (removed("design"), "expected design in it, got arrays, curves, data, run"),
    "something extra": (replaced("extra", 1.0), "expected only arrays, curves, design, run in it, got extra too"),
    "design is no text": (
        replaced("design", np.zeros(3)),
        "design: expected text of at most 262,144 bytes, got 3 float64",
    ),
    "design of varying length": (replaced("design", "format = 1"), "design: expected numbers or text, got one objects"),
    "design is no TOML": (replaced("design", text("[[[")), "design: expected TOML, got a mistake"),
    "design in other bytes": (
        replaced("design", np.array(b"\xff\xfe", "S2")),
        "design: expected text in UTF-8, got other",
    ),
    "an impossible design": (replaced("design", text("format = 1")), "design: untitled: expected at least one layer"),
    "a huge design": (replaced("design", text(HUGE)), "arrays: expected "),
    "no arrays": (removed("arrays"), "expected arrays in it, got curves, data, design, run"),
    "arrays are values": (replaced("arrays", np.zeros(3)), "arrays: expected a group, got values"),
    "a missing array": (removed(WEIGHT), "arrays: expected conv1.weight in it, got "),
    "an extra array": (replaced("arrays/conv9.weight", np.zeros(3, "f4")), "arrays: expected only "),
    "another shape": (
        replaced(WEIGHT, np.zeros((2, 1, 3, 4), "f4")),
        f"{WEIGHT}: expected 2×1×3×3 float32, got 2×1×3×4",
    ),
    "another type": (
        replaced(WEIGHT, np.zeros((2, 1, 3, 3), "i4")),
        f"{WEIGHT}: expected float32 or float64, got 2×1×3×3 int32",
    ),
    "texts": (
        replaced(WEIGHT, np.full((2, 1, 3, 3), b"x")),
        f"{WEIGHT}: expected float32 or float64, got 2×1×3×3 texts",
    ),
    "no values at all": (replaced(WEIGHT, h5py.Empty("f4")), f"{WEIGHT}: expected numbers or text, got no float32"),
    "NaN": (
        replaced(WEIGHT, NAN),
        f"{WEIGHT}: expected finite numbers, got nan in 18 of 18 cells, first at [0, 0, 0, 0]",
    ),
    "packed": (
        replaced(WEIGHT, np.zeros((2, 1, 3, 3), "f4"), compression="gzip"),
        f"{WEIGHT}: expected values in one piece in this file, got packed ones",
    ),
    "declared only": (
        declared(WEIGHT, (2, 1, 3, 3)),
        f"{WEIGHT}: expected values that the file holds, got 2×1×3×3 float32",
    ),
    "declared by the terabyte": (declared(WEIGHT, (2, 2**40)), f"{WEIGHT}: expected values that the file holds"),
    "kept elsewhere": (
        # The name of the other file lies in a list of the older kind, which is not even opened.
        declared(WEIGHT, (2, 1, 3, 3), external=[("/etc/passwd", 0, 72)]),
        "expected a convviz checkpoint, got another HDF5 file",
    ),
    "a soft link": (linked(WEIGHT, h5py.SoftLink("/run/losses")), f"{WEIGHT}: expected it in this file, got a link to"),
    "an external link": (
        linked(WEIGHT, h5py.ExternalLink("a.h5", "/x")),
        f"{WEIGHT}: expected it in this file, got a link into",
    ),
    "a linked group": (
        linked("run", h5py.ExternalLink("a.h5", "/x")),
        "run: expected it in this file, got a link into a.h5",
    ),
    "a negative epoch": (replaced("run/epoch", np.int64(-1)), "run/epoch: expected a whole number from 0 to "),
    "half an epoch": (replaced("run/epoch", np.float64(1.5)), "run/epoch: expected one int64, got one float64"),
    "too many minibatches": (
        replaced("run/minibatch", np.int64(2**60)),
        "run/losses: expected 1,152,921,504,606,846,976 ",
    ),
    "curves of unequal length": (
        replaced("curves/seconds", np.zeros(7)),
        "curves/seconds: expected 1 float64, got 7 float64",
    ),
    "an infinite rate": (replaced("run/learning_rate", np.inf), "run/learning_rate: expected finite numbers, got inf"),
    "a long name": (replaced("data/name", np.array(b"x" * 2000)), "data/name: expected text of at most 1,000 bytes"),
}


@pytest.mark.parametrize("case", CASES)
def test_that_the_sentence_names_file_and_field(kept: Path, case: str) -> None:
    change, sentence = CASES[case]
    with h5py.File(kept, "r+", libver=("v108", "latest")) as file:
        change(file)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(kept)
    assert str(caught.value).startswith(f"{kept}: {sentence}")
    assert "\n" not in str(caught.value)


def test_that_a_design_of_huge_layers_takes_no_memory(kept: Path) -> None:
    with h5py.File(kept, "r+", libver=("v108", "latest")) as file:
        replaced("design", text(HUGE))(file)
        for name in list(file["arrays"]):
            del file["arrays"][name]
        for name in ("dense1", "dense2", "dense3"):
            for part in ("weight", "bias"):
                file.create_dataset(f"arrays/{name}.{part}", (2,), "f4")
        file["arrays/lr"] = np.float32(1.0)
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match=r"arrays/dense\d\.\w+: expected "):
            load_checkpoint(kept)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (None, "expected a convviz checkpoint, found nothing there"),
        (b"", "expected a convviz checkpoint, got an empty file"),
        (b"\x80\x04\x95 a pickle", "expected a convviz checkpoint, which is an HDF5 file, got a Python pickle"),
    ],
)
def test_that_a_file_that_is_none_is_refused(path: Path, contents: bytes | None, sentence: str) -> None:
    if contents is not None:
        path.write_bytes(contents)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    assert str(caught.value) == f"{path}: {sentence}"


def test_that_a_folder_and_a_data_set_are_refused(path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a convviz checkpoint, got a folder"):
        load_checkpoint(path.parent)
    for libver in ("earliest", "latest"):
        with h5py.File(path, "w", libver=libver) as file:
            file["x_train"] = np.zeros((3, 4))
        with pytest.raises(CheckpointError, match="expected a convviz checkpoint, got another HDF5 file"):
            load_checkpoint(path)
