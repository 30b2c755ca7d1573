"""The colours of the cells as images, cached until the picture, the faded cells or the theme changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.mosaic import Mosaic
from convviz.gui.widgets.array.raster import (
    CellBox,
    CellState,
    colour_bank,
    colours,
    shrink,
    shrink_states,
    to_image,
)
from convviz.gui.widgets.array.scene import ArrayScene

MOST_SHARED = 4_000_000
"""Pictures with more cells than this are drawn map by map, and only their visible parts."""
_MOST_KEPT = 64
"""Most images of parts that are kept."""

States = npt.NDArray[np.uint8]


class CellColours:
    """Draws the cells of a scene."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._bank: npt.NDArray[np.uint32] | None = None
        self._parts: dict[object, QImage] = {}
        self._mosaic = Mosaic()
        self._mosaic_of: object = None
        self._mosaic_image = QImage()
        self._states: States | None = None
        self._states_made = False

    def forget(self, *, bank: bool) -> None:
        """Discard the images; with ``bank``, the colour tables too."""
        if bank:
            self._bank = None
        self._parts.clear()
        self._mosaic_of = None
        self._states_made = False

    def states(self, scene: ArrayScene) -> States | None:
        """The state of each cell, including fading; ``None`` if all are normal."""
        if not self._states_made:
            self._states_made = True
            self._states = scene.picture.states
            if scene.fades_others and scene.marks:
                mask = np.zeros(scene.picture.shape, dtype=bool)
                for mark in scene.marks:
                    mark.paint_on(mask)
                faded = np.where(mask, np.uint8(CellState.NORMAL), np.uint8(CellState.FADED))
                self._states = faded if scene.picture.states is None else np.maximum(faded, scene.picture.states)
        return self._states

    def paint(self, painter: QPainter, scene: ArrayScene) -> None:
        """Draw the cells: all maps as one image, or only the visible parts of a large picture."""
        if self._bank is None:
            self._bank = colour_bank(scene.picture.role, self._theme.dark, self._theme.palette.panel)
        if scene.tiling.tiles > 1 and scene.picture.entries.size <= MOST_SHARED:
            self._paint_mosaic(painter, scene, self._bank)
        else:
            self._paint_parts(painter, scene, self._bank)

    def _paint_mosaic(self, painter: QPainter, scene: ArrayScene, bank: npt.NDArray[np.uint32]) -> None:
        tiling, view, ratio = scene.tiling, scene.viewport, scene.ratio
        key = (tiling, view, scene.width, scene.height, scene.foot, ratio)
        if key != self._mosaic_of:
            height = min(tiling.height, max(1, round(tiling.height * view.scale_y * ratio)))
            width = min(tiling.width, max(1, round(tiling.width * view.scale_x * ratio)))
            found = shrink(scene.picture.entries, height, width, scene.picture.role.diverging)
            states = self.states(scene)
            shown = None if states is None else shrink_states(states, height, width)
            self._mosaic_image = self._mosaic.image(colours(found, shown, bank), scene)
            self._mosaic_of = key
        painter.drawImage(self._mosaic.origin(ratio), self._mosaic_image)

    def _paint_parts(self, painter: QPainter, scene: ArrayScene, bank: npt.NDArray[np.uint32]) -> None:
        tiling, view, ratio = scene.tiling, scene.viewport, scene.ratio
        for tile in scene.visible_tiles():
            part = scene.visible_part(tile)
            if part.row1 <= part.row0 or part.col1 <= part.col0:
                continue
            x, y = tiling.origin(tile)
            left, top = view.to_pixels(x + part.col0, y + part.row0)
            area = QRectF(left, top, (part.col1 - part.col0) * view.scale_x, (part.row1 - part.row0) * view.scale_y)
            size = (max(1, round(area.height() * ratio)), max(1, round(area.width() * ratio)))
            painter.drawImage(area, self._part(scene, tile, part, size, bank))

    def _part(
        self, scene: ArrayScene, tile: int, part: CellBox, size: tuple[int, int], bank: npt.NDArray[np.uint32]
    ) -> QImage:
        size = (min(part.row1 - part.row0, size[0]), min(part.col1 - part.col0, size[1]))
        key = (tile, part, size)
        image = self._parts.get(key)
        if image is None:
            if len(self._parts) > _MOST_KEPT:
                self._parts.clear()
            where = (tile, slice(part.row0, part.row1), slice(part.col0, part.col1))
            found = shrink(scene.picture.entries[where], *size, scene.picture.role.diverging)
            states = self.states(scene)
            shown = None if states is None else shrink_states(states[where], *size)
            image = self._parts[key] = to_image(found, shown, bank)
        return image
