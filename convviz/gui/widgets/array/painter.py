"""Paints an array view, layer on layer: hatching, colours, grid, numbers, marks, cursor, notes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap

from convviz.gui.theme import Theme
from convviz.gui.widgets.array import numbers as array_numbers
from convviz.gui.widgets.array.cells import CellColours
from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.lines import lines_image
from convviz.gui.widgets.array.marks import paint_marks
from convviz.gui.widgets.array.notes import note_width, paint_names, paint_note, paint_tile_numbers, shared_pixels
from convviz.gui.widgets.array.numbers import Form
from convviz.gui.widgets.array.picture import Picture
from convviz.gui.widgets.array.raster import CellState
from convviz.gui.widgets.array.rects import cell_rect
from convviz.gui.widgets.array.scene import ArrayScene
from convviz.present.colour import NOT_FINITE_ENTRY, text_is_white
from convviz.present.numbers import superscript

GRID_STARTS, GRID_FULL = 6.0, 12.0
"""Cell sizes between which grid lines fade in, in pixels."""
HATCH = 8
"""Distance of the lines of the hatching from each other, in pixels."""
_MOST_NUMBERS = 4000
"""Most numbers that are written into one map."""
_MOST_KEPT = 64
"""Most images of numbers that are kept."""


class ArrayPainter:
    """Draws scenes, and caches images and glyphs until something changes."""

    def __init__(
        self, theme: Theme, *, numbers: bool = True, grid: bool = True, exponent: bool = True, tiles: bool = False
    ) -> None:
        self._theme = theme
        self.picture: Picture | None = None
        """The picture to paint next, which decides whether room is reserved for a note."""
        self._with_numbers = numbers
        self._with_grid = grid
        self._tells_exponent = exponent
        self._numbers_tiles = tiles
        self._cells = CellColours(theme)
        self._numbers: dict[object, QImage] = {}
        self._hatch: QPixmap | None = None
        self._lines: tuple[object, QImage, int, int] | None = None

    def forget(self) -> None:
        """Discard everything cached, because the theme has changed."""
        self._hatch = None
        self._lines = None
        self.forget_picture()

    def forget_picture(self) -> None:
        """Discard all images of the picture, because its numbers or its role have changed."""
        self._cells.forget(bank=True)
        self._numbers.clear()

    def forget_colours(self) -> None:
        """Discard the images of cells, because other cells are faded."""
        self._cells.forget(bank=False)
        self._numbers.clear()

    def numbers_shown(self, view: Viewport) -> bool:
        """Return whether cells are large enough for numbers."""
        large = view.scale_x >= array_numbers.MIN_WIDTH and view.scale_y >= array_numbers.MIN_HEIGHT
        return self._with_numbers and large

    def number_exponent(self, view: Viewport) -> int:
        """Return the power of ten by which the numbers in the cells are divided."""
        picture = self.picture
        return 0 if picture is None or not self.numbers_shown(view) else self._form(picture, view).exponent

    @staticmethod
    def _form(picture: Picture, view: Viewport) -> Form:
        if picture.values.dtype.kind in "bui":
            return Form(0)
        return Form.of(picture.exponent, picture.reach, picture.role.diverging, view.scale_x, signs=picture.has_signs)

    def grid_strength(self, view: Viewport) -> float:
        """Return the opacity of grid lines, 0 to 1."""
        if not self._with_grid:
            return 0.0
        scale = min(view.scale_x, view.scale_y)
        return min(1.0, max(0.0, (scale - GRID_STARTS) / (GRID_FULL - GRID_STARTS)))

    def paint(self, painter: QPainter, scene: ArrayScene) -> None:
        """Paint a scene."""
        area, view = scene.area, scene.viewport
        painter.setClipRect(area)
        self._paint_hatch(painter, scene)
        self._cells.paint(painter, scene)
        self._paint_lines(painter, scene)
        numbers = self.numbers_shown(view)
        # Cells with numbers show NaN as text; smaller cells are hatched.
        if scene.picture.has_bad_cells and min(view.scale_x, view.scale_y) >= 5 and not numbers:
            self._paint_bad(painter, scene)
        if numbers:
            self._paint_numbers(painter, scene)
            paint_names(painter, self._theme, scene)
        if scene.marks:
            halo = self._theme.colour("panel", 0.75)
            paint_marks(painter, scene.marks, scene.tiling, view, area, self._theme.colour("accent"), halo)
        if self._numbers_tiles:
            paint_tile_numbers(painter, self._theme, scene)
        self._paint_cursor(painter, scene)
        paint_note(painter, self._theme, scene, self.note(scene.tiling, view))

    # Layers

    def _paint_hatch(self, painter: QPainter, scene: ArrayScene) -> None:
        if scene.picture.states is None:
            return
        if self._hatch is None:
            self._hatch = hatch_pixmap(self._theme.colour("hover"), self._theme.colour("line"))
        painter.setBrushOrigin(QPointF(0, 0))
        for tile in scene.visible_tiles():
            painter.fillRect(scene.tile_rect(tile).intersected(scene.area), QBrush(self._hatch))

    def _paint_lines(self, painter: QPainter, scene: ArrayScene) -> None:
        """Draw grid lines, and outlines of tiles if their border would be invisible otherwise."""
        tiling, view, area = scene.tiling, scene.viewport, scene.area
        strength = self.grid_strength(view)
        framed = tiling.tiles > 1 or not scene.overflows
        framed &= min(tiling.width * view.scale_x, tiling.height * view.scale_y) >= 12
        if not (framed or strength > 0):
            return
        key = (tiling, view, area.size().toTuple(), scene.ratio)
        if self._lines is None or self._lines[0] != key:
            tiles = scene.visible_tiles()
            if not tiles:
                return
            ink = QColor("#ffffff" if self._theme.dark else "#000000")
            ink.setAlphaF((0.09 if self._theme.dark else 0.08) * strength)
            grid = ink if strength > 0 else None
            frame = self._theme.colour("line") if framed else None
            self._lines = (key, *lines_image(tiling, view, tiles, area, scene.ratio, grid, frame))
        _, image, left, top = self._lines
        painter.drawImage(QPointF(left, top), image)

    def _paint_bad(self, painter: QPainter, scene: ArrayScene) -> None:
        """Hatch cells that aren't finite, so that they also stand out for people who don't see their colour."""
        lines = []
        for tile in scene.visible_tiles():
            part = scene.visible_part(tile)
            shown = scene.picture.entries[tile, part.row0 : part.row1, part.col0 : part.col1]
            rows, cols = np.nonzero(shown == NOT_FINITE_ENTRY)
            rows, cols = rows[:2000] + part.row0, cols[:2000] + part.col0
            for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
                area = QRectF(cell_rect(scene.tiling, scene.viewport, tile, row, col, row + 1, col + 1))
                lines.append(QLineF(area.bottomLeft(), area.topRight()))
                lines.append(QLineF(area.left(), area.center().y(), area.center().x(), area.top()))
                lines.append(QLineF(area.center().x(), area.bottom(), area.right(), area.center().y()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
        painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_numbers(self, painter: QPainter, scene: ArrayScene) -> None:
        picture, tiling, view, ratio = scene.picture, scene.tiling, scene.viewport, scene.ratio
        states = self._cells.states(scene)
        white = text_is_white(picture.role, self._theme.dark)
        dim = np.uint32(self._theme.colour("muted").rgb() & 0xFFFFFF)
        if len(self._numbers) > _MOST_KEPT:
            self._numbers.clear()
        for tile in scene.visible_tiles():
            part = scene.visible_part(tile)
            rows, cols = part.row1 - part.row0, part.col1 - part.col0
            if rows <= 0 or cols <= 0 or rows * cols > _MOST_NUMBERS:
                continue
            key = (tile, part, view.scale_x, view.scale_y, ratio)
            image = self._numbers.get(key)
            if image is None:
                where = (tile, slice(part.row0, part.row1), slice(part.col0, part.col1))
                colours = np.where(white[picture.entries[where]], np.uint32(0xFFFFFF), np.uint32(0))
                hidden = None
                if states is not None:
                    shown = states[where]
                    colours[(shown == CellState.FADED) | (shown == CellState.UNCOVERED)] = dim
                    hidden = shown == CellState.UNKNOWN
                image = self._numbers[key] = array_numbers.set_numbers(
                    picture.values[where],
                    colours,
                    view.scale_x,
                    view.scale_y,
                    self._theme.mono(11),
                    self._form(picture, view),
                    hidden,
                    ratio,
                )
            x, y = tiling.origin(tile)
            left, top = view.to_pixels(x + part.col0, y + part.row0)
            # Whole device pixels, or the glyphs would blur.
            painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), image)

    def _paint_cursor(self, painter: QPainter, scene: ArrayScene) -> None:
        """Outline the cell or tile under the pointer, and the keyboard's cell."""
        pointed, cursor = scene.pointed, scene.cursor
        if pointed is not None and pointed.width() >= 3:
            self._outline(painter, pointed, "ink", 1)
        if cursor is not None:
            area = cursor.adjusted(-1, -1, 1, 1)
            if area.width() < 6 or area.height() < 6:
                area.adjust(-2, -2, 2, 2)
            self._outline(painter, area, "focus", 2)

    def _outline(self, painter: QPainter, area: QRect, token: str, width: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("panel", 0.8), width + 2))
        painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.setPen(QPen(self._theme.colour(token), width))
        painter.drawRect(area.adjusted(0, 0, -1, -1))

    def note(self, tiling: Tiling, view: Viewport) -> str:
        """Return the note: how cells share pixels, or the power of ten by which numbers are divided."""
        text = shared_pixels(tiling, view) if self.picture is not None else ""
        exponent = self.number_exponent(view)
        return text or (f"numbers × {superscript(exponent)}" if exponent and self._tells_exponent else "")

    def note_room(self, tiling: Tiling, view: Viewport) -> int:
        """Return the width that the note needs, in pixels; 0 if there is none."""
        text = self.note(tiling, view)
        return note_width(self._theme, text) if text else 0


def hatch_pixmap(ground: QColor, line: QColor) -> QPixmap:
    """Return a tile of faint diagonal hatching, for cells that are unknown or take no part."""
    pitch = HATCH
    pixmap = QPixmap(pitch, pitch)
    pixmap.fill(ground)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1.2))
    for shift in (-pitch, 0, pitch):
        painter.drawLine(QPointF(shift, pitch), QPointF(shift + pitch, 0))
    painter.end()
    return pixmap
