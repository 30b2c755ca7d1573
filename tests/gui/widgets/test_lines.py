"""Grid lines and outlines of maps, drawn as one image, against drawing them one by one."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.lines import lines_image
from convviz.gui.widgets.array.rects import tile_rect

GRID, FRAME = QColor(10, 20, 30), QColor(200, 100, 50)


def one_by_one(tiling: Tiling, view: Viewport, area: QRect, outside: int) -> QImage:
    """The same at one device pixel a logical pixel, opaque."""
    image = QImage(area.width(), area.height(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)

    def fill(rect: QRect, colour: QColor, within: QRect) -> None:
        part = rect.intersected(within).intersected(area)
        for y in range(part.top(), part.bottom() + 1):
            for x in range(part.left(), part.right() + 1):
                image.setPixelColor(x - area.left(), y - area.top(), colour)

    for tile in range(tiling.tiles):
        x, y = tiling.origin(tile)
        rect = tile_rect(tiling, view, tile)
        for row in range(1, tiling.height):
            fill(QRect(rect.left(), round(view.y + (y + row) * view.scale_y), rect.width(), 1), GRID, rect)
        for col in range(1, tiling.width):
            fill(QRect(round(view.x + (x + col) * view.scale_x), rect.top(), 1, rect.height()), GRID, rect)
        box = rect.adjusted(-outside, -outside, outside, outside)
        for side in (QRect(box.left(), box.top(), box.width(), 1), QRect(box.left(), box.bottom(), box.width(), 1)):
            fill(side, FRAME, box)
        for side in (QRect(box.left(), box.top(), 1, box.height()), QRect(box.right(), box.top(), 1, box.height())):
            fill(side, FRAME, box)
    return image


@pytest.mark.parametrize("seed", range(12))
def test_that_the_lines_of_all_maps_are_those_of_each(seed: int) -> None:
    draw = random.Random(seed)
    tiling = Tiling(draw.randint(1, 7), draw.randint(1, 6), draw.randint(1, 6), draw.randint(1, 4), draw.choice([0, 1]))
    scale = draw.choice([2.5, 4.0, 6.75])
    view = Viewport(scale, scale, draw.uniform(-20.0, 20.0), draw.uniform(-20.0, 20.0))
    seen = QRect(0, 0, draw.randint(30, 70), draw.randint(30, 70))
    image, left, top = lines_image(tiling, view, range(tiling.tiles), seen, 1.0, GRID, FRAME)
    outside = 1 if tiling.tiles > 1 and tiling.gap else 0
    area = QRect(left, top, image.width(), image.height())
    assert image == one_by_one(tiling, view, area, outside)


def test_that_lines_are_as_wide_as_a_logical_pixel() -> None:
    view = Viewport(4.0, 4.0)
    image, _, _ = lines_image(Tiling(1, 2, 2), view, [0], QRect(0, 0, 8, 8), 2.0, GRID, None)
    lit = [x for x in range(image.width()) if image.pixelColor(x, 0) == GRID]
    assert (image.width(), lit) == (16, [8, 9])
