"""Whatever is read, it is given up within a few megabytes once that is asked for."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.core.design import Design
from convviz.core.layers import Dense, Flatten
from convviz.core.network import Network
from convviz.data.open import open_data
from convviz.data.sources import ImageSpec
from convviz.files.cancel import BLOCK, LoadCancelledError
from convviz.files.hdf5_heaps import has_circular_heap
from convviz.storage.fingerprint import fingerprint
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress

IMAGES = 40_000
"""30 MB of pixels as bytes."""


class Asked:
    """Says yes at the question of this number, and remembers how often it was asked."""

    def __init__(self, at: int) -> None:
        self.at, self.times = at, 0

    def __call__(self) -> bool:
        self.times += 1
        return self.times >= self.at


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cancel")
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, 784), np.uint8)
    labels = np.zeros(IMAGES, np.uint8)
    for suffix, packed in (("", bytes), (".gz", partial(gzip.compress, compresslevel=1))):
        (made / f"idx{suffix}").mkdir()
        for name, head, contents in (
            ("train-images-idx3-ubyte", [0x803, IMAGES, 28, 28], pixels),
            ("train-labels-idx1-ubyte", [0x801, IMAGES], labels),
        ):
            path = made / f"idx{suffix}" / f"{name}{suffix}"
            path.write_bytes(packed(np.array(head, ">u4").tobytes() + contents.tobytes()))
    with h5py.File(made / "plain.h5", "w") as file:
        for part in ("train", "test"):
            file[f"x_{part}"] = pixels[:10_000].astype(np.float32) / 255
            file[f"y_{part}"] = labels[:10_000, None]
    design = Design(layers=(Flatten(), Dense(units=8000), Dense(units=10)))
    state = NetworkState(design.named(), Network(design).arrays, RunProgress(learning_rate=0.01))
    for name in ("model.h5", "model.npz"):
        save_model(made / name, state)
    return made


def load(path: Path) -> Callable[[Asked], object]:
    return lambda asked: open_data(path, ImageSpec(), cancelled=asked)


def ways(folder: Path) -> dict[str, tuple[Callable[[Asked], object], int]]:
    """Everything that takes long, and how many bytes it reads."""
    images = np.zeros((10_000, 1, 28, 28), np.float32), np.zeros(10_000, np.int64)
    return {
        "hdf5": (load(folder / "plain.h5"), 2 * 10_000 * 784 * 4),
        "idx": (load(folder / "idx"), IMAGES * 784),
        "packed idx": (load(folder / "idx.gz"), IMAGES * 784),
        "checkpoint": (lambda asked: load_model(folder / "model.h5", asked), 8000 * 784 * 4),
        "weights": (lambda asked: load_model(folder / "model.npz", asked), 8000 * 784 * 4),
        "fingerprint": (lambda asked: fingerprint("some", images, images, asked), 2 * images[0].nbytes),
        "heaps": (lambda asked: has_circular_heap(folder / "plain.h5", 0, asked), 2 * 10_000 * 784 * 4),
    }


@pytest.mark.parametrize("way", ways(Path()))
def test_that_it_is_asked_every_few_megabytes_and_then_given_up(folder: Path, way: str) -> None:
    act, size = ways(folder)[way]
    never = Asked(10**9)
    act(never)
    assert never.times >= size // BLOCK
    for at in (1, never.times // 2, never.times):
        asked = Asked(at)
        with pytest.raises(LoadCancelledError):
            act(asked)
        assert asked.times == at, "nothing more was read"


def test_that_a_needle_between_two_blocks_is_found(tmp_path: Path) -> None:
    contents = io.BytesIO()
    contents.write(bytes(BLOCK - 5))
    # A list of names whose first free piece follows itself.
    heap = b"HEAP\x00\x00\x00\x00" + np.array([32, 0, 0], "<u8").tobytes()
    contents.write(heap + bytes(100))
    (tmp_path / "heap").write_bytes(contents.getvalue())
    assert has_circular_heap(tmp_path / "heap")
