"""Reading can be cancelled at any moment, whatever the format: the window closes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE
from PIL import Image

from convviz.data.importing import copies
from convviz.data.importing.copies import chosen, end_to_end, filled
from convviz.data.open import open_data
from convviz.data.readers import csv, mat
from convviz.data.sources import ImageSpec
from convviz.files.cancel import LoadCancelledError

COUNT = 60
LIKE = ImageSpec(1, 6, 6, 3)
DRAW = np.random.default_rng(0)
PIXELS = DRAW.integers(0, 256, (COUNT, 6, 6), dtype=np.uint8)
LABELS = np.arange(COUNT) % 3


def table(folder: Path, heading: bool = True) -> Path:
    path = folder / "all.csv"
    head = ",".join(["label", *(f"p{i}" for i in range(36))]) + "\n" if heading else ""
    rows = zip(LABELS, PIXELS.reshape(COUNT, -1), strict=True)
    path.write_text(head + "".join(f"{label},{','.join(map(str, row))}\n" for label, row in rows))
    return path


def bare_table(folder: Path) -> Path:
    return table(folder, heading=False)


def pictures(folder: Path) -> Path:
    for number, (label, values) in enumerate(zip(LABELS, PIXELS, strict=True)):
        place = folder / "pictures" / "abc"[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values).save(place / f"{number:03}.png")
    return folder / "pictures"


def archive(folder: Path) -> Path:
    path = folder / "all.npz"
    np.savez_compressed(path, images=PIXELS, labels=LABELS)
    return path


def matlab(folder: Path) -> Path:
    io = pytest.importorskip("scipy.io", reason="needs SciPy: pip install 'convviz[mat]'")
    path = folder / "all.mat"
    io.savemat(path, {"images": PIXELS.astype(float), "labels": LABELS})
    return path


FORMATS = pytest.mark.parametrize("made", [table, bare_table, pictures, archive, matlab])


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few kilobytes are read in as many pieces as ones of gigabytes, and in as many each time."""
    monkeypatch.setattr(copies, "PIECE", 300)
    monkeypatch.setattr(csv, "NUMBERS", 100)
    monkeypatch.setattr(mat, "BLOCK", 0)
    # Nor is it asked while another process reads: how often that is depends on how long it takes.
    monkeypatch.setattr(mat, "POLL", PATIENCE)


@FORMATS
def test_that_every_question_can_be_answered_with_yes(made: Callable[[Path], Path], tmp_path: Path) -> None:
    path, asked = made(tmp_path), 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    whole = open_data(path, LIKE, cancelled=count)
    assert len(whole.y_train) + len(whole.y_test) == COUNT
    # At least once for every two images, whether they are read, converted, or divided into two parts.
    assert asked > COUNT / 2
    for last in sorted({1, 2, asked // 3, asked // 2, asked - 1, asked} - {0}):
        left = iter([False] * (last - 1) + [True])
        with pytest.raises(LoadCancelledError):
            open_data(path, LIKE, cancelled=lambda left=left: next(left))


@FORMATS
def test_that_pieces_are_put_together_as_they_were(made: Callable[[Path], Path], tmp_path: Path, monkeypatch) -> None:
    path = made(tmp_path)
    found = open_data(path, LIKE)
    monkeypatch.undo()
    whole = open_data(path, LIKE)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
        assert getattr(found, name).flags.c_contiguous == getattr(whole, name).flags.c_contiguous


@pytest.mark.parametrize("shape", [(0, 4), (1,), (7, 3, 2), (50, 200)])
def test_that_copies_in_pieces_are_those_of_numpy(shape: tuple[int, ...]) -> None:
    values = DRAW.normal(size=shape).astype(np.float32)
    which = DRAW.random(shape[0]) < 0.5
    np.testing.assert_array_equal(chosen(values, which, None), values[which])
    np.testing.assert_array_equal(filled(np.empty_like(values), values, None), values)
    parts = [values, values[: shape[0] // 2], values]
    np.testing.assert_array_equal(end_to_end(parts, None), np.concatenate(parts))
