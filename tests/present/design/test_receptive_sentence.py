"""What one cell sees of the image, in words that count right."""

from __future__ import annotations

import pytest

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten
from convviz.present.design.build_text import receptive_sentence
from convviz.present.design.costs import costs


@pytest.mark.parametrize(
    ("kernel", "stride", "sentence"),
    [
        (7, 1, "7×7 pixels of the image; neighbours are 1 column apart and share 6 columns, 7×6 = 42 cells."),
        (3, 2, "3×3 pixels of the image; neighbours are 2 columns apart and share 1 column, 3×1 = 3 cells."),
        (2, 2, "2×2 pixels of the image; neighbours touch."),
    ],
)
def test_that_shared_cells_are_counted(kernel: int, stride: int, sentence: str) -> None:
    layers = (Conv2D(filters=2, kernel=kernel, stride=stride), Flatten(), Dense(units=10))
    found = costs(Design(name="one", input=Input(), layers=layers).named())
    assert receptive_sentence(found.layers[0], (28, 28)) == sentence
