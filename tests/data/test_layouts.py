"""Every layout in which data sets are spread opens to exactly the right images and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convviz.data.dataset import Dataset
from convviz.data.open import import_data, open_data
from convviz.data.sources import ImageSpec
from tests.data.layouts import LAYOUTS, Made, skip_without_library


def check(data: Dataset, made: Made) -> None:
    for part in ("train", "test"):
        assert np.array_equal(getattr(data, f"x_{part}"), getattr(made, f"x_{part}") / np.float32(255))
        assert np.array_equal(getattr(data, f"y_{part}"), getattr(made, f"y_{part}"))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_that_a_layout_opens_to_the_right_arrays(layout: Callable[[Path], Made], tmp_path: Path) -> None:
    skip_without_library(layout)
    made = layout(tmp_path)
    channels, height, width = made.x_train.shape[1:]

    data = open_data(made.path, ImageSpec(channels, height, width, 10))

    check(data, made)
    assert data.classes == 10
    check(import_data(made.path).data, made)
