"""Array views for tests."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.view import ArrayView


@pytest.fixture
def view(qtbot, theme: Theme) -> ArrayView:
    """A 10 × 10 matrix at 20 px a cell, whose value is 10 · row + column."""
    made = ArrayView(name="x")
    qtbot.addWidget(made)
    made.resize(200, 200)
    made.set_picture(np.arange(100, dtype=np.float32).reshape(10, 10), "activation")
    made.show()
    return made


@pytest.fixture
def maps(qtbot, theme: Theme) -> ArrayView:
    """6 maps of 4 × 4, three in a row, 10 px a cell and one cell between them."""
    made = ArrayView(name="z")
    qtbot.addWidget(made)
    made.resize(140, 90)
    made.set_picture(np.arange(96, dtype=np.float32).reshape(6, 4, 4), "preactivation", columns=3, gap=1.0)
    made.show()
    return made
