"""All maps of a picture as one image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.mosaic import Mosaic
from convviz.gui.widgets.array.picture import Picture
from convviz.gui.widgets.array.scene import ArrayScene

MAPS = np.arange(5 * 3 * 4, dtype=np.float32).reshape(5, 3, 4)


def scene(viewport: Viewport, *, width: int = 200, height: int = 150, ratio: float = 1.0) -> ArrayScene:
    """Five maps of 3 × 4 cells, three in a row, one cell apart."""
    picture = Picture.of(MAPS, "activation", 60.0, None, None)
    return ArrayScene(picture, Tiling(5, 3, 4, 3, 1.0), viewport, width, height, ratio=ratio)


def colours() -> npt.NDArray[np.uint32]:
    """A colour of its own for every cell."""
    return (np.uint32(0xFF000000) + np.arange(1, 61, dtype=np.uint32)).reshape(MAPS.shape)


def pixels(image: QImage) -> npt.NDArray[np.uint32]:
    found = np.frombuffer(image.constBits(), dtype=np.uint32)
    return found.reshape(image.height(), image.bytesPerLine() // 4)[:, : image.width()]


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(
    "viewport", [Viewport(8.0, 8.0), Viewport(3.7, 5.2, 11.3, 2.6), Viewport(40.0, 40.0, -333.0, -90.5)]
)
def test_that_every_cell_is_where_the_view_says_it_is(viewport: Viewport, ratio: float) -> None:
    shown, mosaic = scene(viewport, ratio=ratio), Mosaic()
    image = mosaic.image(colours(), shown)
    found, at = pixels(image), mosaic.origin(ratio)
    seen = 0
    for tile, row, col in np.ndindex(MAPS.shape):
        x, y = shown.tiling.origin(tile)
        px, py = viewport.to_pixels(x + col + 0.5, y + row + 0.5)
        if shown.area.contains(QRect(int(px), int(py), 1, 1)):
            place = int((py - at.y()) * ratio), int((px - at.x()) * ratio)
            assert found[place] == colours()[tile, row, col]
            seen += 1
    assert seen >= 4


def test_that_gaps_and_places_without_a_map_stay_clear() -> None:
    mosaic = Mosaic()
    found = pixels(mosaic.image(colours(), scene(Viewport(8.0, 8.0))))
    assert not found[:, 32:40].any()
    assert not found[24:32].any()
    assert not found[32:, 80:].any()
    assert np.count_nonzero(found) == 60 * 64


def test_that_a_new_picture_uses_the_same_memory() -> None:
    mosaic, shown = Mosaic(), scene(Viewport(8.0, 8.0))
    first = mosaic.image(colours(), shown)
    before = pixels(first).copy()
    second = mosaic.image(colours()[::-1], shown)
    assert second is first
    assert not np.array_equal(pixels(second), before)


def test_that_maps_are_drawn_with_one_image_however_many_there_are(theme: Theme, qtbot, monkeypatch) -> None:
    from convviz.gui.widgets.array.view import ArrayView

    made: list[int] = []
    plain = Mosaic.image
    monkeypatch.setattr(Mosaic, "image", lambda self, *args: (made.append(1), plain(self, *args))[1])
    view = ArrayView(numbers=False, grid=False)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.set_picture(np.random.default_rng(0).normal(size=(32, 7, 7)), "weight", 3.0)
    view.show()
    view.grab()
    view.grab()
    assert len(made) == 1
