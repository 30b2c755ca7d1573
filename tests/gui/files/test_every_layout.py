"""Every layout opens in the window to exactly the right arrays, with what the window recognises of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.data.open import open_source
from convviz.data.sources import DataFile, ImageSpec
from convviz.gui.files.importing.reader import ImportReader, Looked
from tests.data.layouts import LAYOUTS, Made, skip_without_library


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.__name__)
def test_that_the_window_reads_a_layout(layout: Callable[[Path], Made], qtbot, tmp_path: Path) -> None:
    skip_without_library(layout)
    made = layout(tmp_path)
    channels, height, width = made.x_train.shape[1:]
    like = ImageSpec(channels, height, width, 10)
    reader = ImportReader(made.path, like)
    with qtbot.waitSignal(reader.looked, timeout=20000) as looked:
        reader.start()
    reader.close()
    seen: Looked = looked.args[0]
    assert seen.fault == ""
    assert seen.preview is not None
    data = open_source(DataFile(made.path, like, seen.recognised.recipe))
    for part in ("train", "test"):
        np.testing.assert_array_equal(getattr(data, f"x_{part}"), getattr(made, f"x_{part}") / np.float32(255))
        np.testing.assert_array_equal(getattr(data, f"y_{part}"), getattr(made, f"y_{part}"))


def test_that_a_file_without_arrays_is_one_sentence(qtbot, tmp_path: Path) -> None:
    h5py.File(tmp_path / "empty.h5", "w").close()
    reader = ImportReader(tmp_path / "empty.h5", ImageSpec())
    with qtbot.waitSignal(reader.failed, timeout=20000) as failed:
        reader.start()
    reader.close()
    assert str(failed.args[0]).endswith("expected arrays of images and labels, such as x_train and y_train, got none")
