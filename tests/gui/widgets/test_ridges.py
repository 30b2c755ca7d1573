"""Histograms in front of each other, as an image."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from convviz.gui.widgets.ridges import RidgeColumn, RidgeStyle, ridge_image

STYLE = RidgeStyle(QColor("#ffffff"), QColor("#808080"), QColor("#ff8000"), opacity=1.0, later=0.5)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def column(*heights: float, left: int = 0, fill: tuple[int, int, int] = RED) -> RidgeColumn:
    """Flat ridges of these heights, 20 pixels wide."""
    flat = np.repeat(np.array(heights, float)[:, np.newaxis], 4, axis=1)
    return RidgeColumn(left, flat, np.tile(np.array(fill, np.uint8), (20, 1)))


def drawn(*columns: RidgeColumn, bases: tuple[float, ...], here: int | None = None, width: int = 20) -> np.ndarray:
    """Red, green and blue of every pixel, 40 pixels high."""
    last = len(bases) - 1 if here is None else here
    image = ridge_image(columns, (width, 40), np.array(bases, float), last, STYLE)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(40, width, 4)
    return pixels[:, :, 2::-1].astype(int)


def test_that_a_ridge_is_filled_below_its_line_and_above_its_base() -> None:
    seen = drawn(column(20), bases=(30,))
    assert (seen[5, 10] == 255).all()
    assert seen[20, 10].tolist() == list(RED)
    assert (seen[35, 10] == 255).all()


def test_that_the_ridge_in_front_hides_those_behind() -> None:
    behind, both = drawn(column(25, np.nan), bases=(30, 39)), drawn(column(25, 30), bases=(30, 39))
    assert behind[5, 10].tolist() != [255, 255, 255]
    assert behind[35, 10].tolist() == [255, 255, 255]
    assert both[35, 10].tolist() == list(RED)
    assert both[30, 10].tolist() == list(RED), "the base of the one behind is hidden"


def test_that_the_ridge_that_is_looked_at_has_another_line_and_later_ones_are_pale() -> None:
    seen = drawn(column(8, 8, 8), bases=(12, 24, 36), here=1)
    assert seen[3, 10, 0] == seen[3, 10, 2] < 255, "grey"
    assert seen[15, 10, 0] > seen[15, 10, 2] + 100, "orange"
    assert seen[8, 10].tolist() == list(RED)
    assert seen[32, 10].tolist() == [255, 128, 128]


def test_that_columns_keep_to_themselves() -> None:
    seen = drawn(column(20), column(10, left=30, fill=BLUE), bases=(30,), width=50)
    assert (seen[:, 20:30] == 255).all()
    assert seen[20, 10].tolist() == list(RED)
    assert seen[25, 40].tolist() == list(BLUE)
    assert (seen[15, 40] == 255).all()


def test_that_a_steep_line_has_no_gaps() -> None:
    spike = RidgeColumn(0, np.array([[0.0, 30.0, 0.0]]), np.full((20, 3), 255, np.uint8))
    seen = drawn(spike, bases=(35,))
    assert (seen.min(axis=2)[6:35] < 250).any(axis=1).all(), "the line is in every row that it passes"


def test_that_a_ridge_without_counts_is_left_out() -> None:
    assert (drawn(column(np.nan), bases=(30,)) == 255).all()
