"""Paints an array view, layer on layer: hatching, colours, grid, numbers, marks, cursor, notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap

from convviz.gui.theme import Theme
from convviz.gui.widgets.array import numbers as array_numbers
from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.lines import lines_image
from convviz.gui.widgets.array.marks import cell_rect, paint_marks
from convviz.gui.widgets.array.notes import note_width, paint_names, paint_note, shared_pixels
from convviz.gui.widgets.array.numbers import Form
from convviz.gui.widgets.array.picture import Picture
from convviz.gui.widgets.array.raster import (
    Slice,
    State,
    colour_bank,
    shrink,
    shrink_states,
    to_image,
)
from convviz.present.colour import NOT_FINITE_ENTRY, text_is_white
from convviz.present.numbers import superscript

if TYPE_CHECKING:
    from convviz.gui.widgets.array.canvas import ArrayCanvas

GRID_STARTS, GRID_FULL = 6.0, 12.0
"""Grid lines fade in between these sizes of a cell, in pixels."""
_MOST_NUMBERS = 4000


class ArrayPainter:
    """Draws what is visible, and keeps images and glyphs until something changes."""

    def __init__(self, theme: Theme, *, numbers: bool = True, grid: bool = True, exponent: bool = True) -> None:
        self._theme = theme
        self.picture: Picture | None = None
        """What is painted."""
        self._with_numbers = numbers
        self._with_grid = grid
        self._tells_exponent = exponent
        self._bank: npt.NDArray[np.uint32] | None = None
        self._images: dict[object, QImage] = {}
        self._numbers: dict[object, QImage] = {}
        self._states: npt.NDArray[np.uint8] | None = None
        self._states_made = False
        self._hatch: QPixmap | None = None
        self._lines: tuple[object, QImage, int, int] | None = None

    def forget(self) -> None:
        """Draw everything anew: another theme."""
        self._hatch = None
        self._lines = None
        self.forget_picture()

    def forget_picture(self) -> None:
        """Draw anew what comes from the numbers: they are others, or have another role."""
        self._bank = None
        self.forget_colours()

    def forget_colours(self) -> None:
        """Draw anew: other cells are faded."""
        self._images.clear()
        self._numbers.clear()
        self._states_made = False

    def numbers_shown(self, view: Viewport) -> bool:
        """Return whether cells are large enough for numbers."""
        large = view.scale_x >= array_numbers.MIN_WIDTH and view.scale_y >= array_numbers.MIN_HEIGHT
        return self._with_numbers and large

    def number_exponent(self, view: Viewport) -> int:
        """Return the power of ten that the numbers in the cells are divided by."""
        picture = self.picture
        return 0 if picture is None or not self.numbers_shown(view) else self._form(picture, view).exponent

    @staticmethod
    def _form(picture: Picture, view: Viewport) -> Form:
        if picture.values.dtype.kind in "bui":
            return Form(0)
        return Form.of(picture.exponent, picture.reach, picture.role.diverging, view.scale_x)

    def grid_strength(self, view: Viewport) -> float:
        """Return how strong grid lines are, 0 to 1."""
        if not self._with_grid:
            return 0.0
        scale = min(view.scale_x, view.scale_y)
        return min(1.0, max(0.0, (scale - GRID_STARTS) / (GRID_FULL - GRID_STARTS)))

    def paint(self, widget: ArrayCanvas) -> None:
        """Paint the view."""
        picture = self.picture
        if picture is None:
            return
        tiling, view = widget.tiling, widget.viewport
        painter = QPainter(widget)
        seen = widget.picture_area()
        painter.setClipRect(seen)
        ratio = widget.devicePixelRatioF()
        states = self._states_of(picture, widget)
        tiles = self._visible_tiles(tiling, view, seen)
        if states is not None:
            self._paint_hatch(painter, picture, tiling, view, tiles, seen)
        self._paint_cells(painter, picture, states, tiling, view, tiles, seen, ratio)
        self._paint_lines(painter, tiling, view, tiles, seen, ratio)
        # Where there are numbers, NaN is written out; smaller cells are hatched.
        if picture.has_bad_cells and min(view.scale_x, view.scale_y) >= 5 and not self.numbers_shown(view):
            self._paint_bad(painter, picture, tiling, view, tiles, seen)
        if self.numbers_shown(view):
            self._paint_numbers(painter, picture, states, tiling, view, tiles, seen)
            paint_names(painter, self._theme, widget, picture)
        if widget.marks:
            halo = self._theme.colour("panel", 0.75)
            paint_marks(painter, widget.marks, tiling, view, seen, self._theme.colour("accent"), halo)
        self._paint_cursor(painter, widget)
        paint_note(painter, self._theme, widget, self.note(tiling, view))
        painter.end()

    # Which part

    @staticmethod
    def _visible_tiles(tiling: Tiling, view: Viewport, seen: QRect) -> list[int]:
        pitch_x, pitch_y = tiling.width + tiling.gap, tiling.height + tiling.gap
        left, top = view.to_cells(0, 0)
        right, bottom = view.to_cells(seen.width(), seen.height())
        cols = range(max(0, math.floor(left / pitch_x)), min(tiling.columns, math.floor(right / pitch_x) + 1))
        rows = range(max(0, math.floor(top / pitch_y)), min(tiling.rows, math.floor(bottom / pitch_y) + 1))
        found = (row * tiling.columns + col for row in rows for col in cols)
        return [tile for tile in found if tile < tiling.tiles]

    @staticmethod
    def _visible_slice(tiling: Tiling, view: Viewport, tile: int, seen: QRect) -> Slice:
        x, y = tiling.origin(tile)
        left, top = view.to_cells(seen.left(), seen.top())
        right, bottom = view.to_cells(seen.right() + 1, seen.bottom() + 1)
        return Slice(
            max(0, math.floor(top - y)),
            max(0, min(tiling.height, math.ceil(bottom - y))),
            max(0, math.floor(left - x)),
            max(0, min(tiling.width, math.ceil(right - x))),
        )

    @staticmethod
    def _fills(tiling: Tiling, view: Viewport, seen: QRect) -> bool:
        return (
            tiling.content_width * view.scale_x > seen.width() + 1
            or tiling.content_height * view.scale_y > seen.height() + 1
        )

    def _states_of(self, picture: Picture, widget: ArrayCanvas) -> npt.NDArray[np.uint8] | None:
        if not self._states_made:
            self._states_made = True
            self._states = picture.states
            if widget.fades_others and widget.marks:
                mask = np.zeros(picture.shape, dtype=bool)
                for mark in widget.marks:
                    mark.paint_on(mask)
                faded = np.where(mask, np.uint8(State.NORMAL), np.uint8(State.FADED))
                self._states = faded if picture.states is None else np.maximum(faded, picture.states)
        return self._states

    # Layers

    def _paint_cells(
        self,
        painter: QPainter,
        picture: Picture,
        states: npt.NDArray[np.uint8] | None,
        tiling: Tiling,
        view: Viewport,
        tiles: list[int],
        seen: QRect,
        ratio: float,
    ) -> None:
        if self._bank is None:
            self._bank = colour_bank(picture.role, self._theme.dark, self._theme.palette.panel)
        tile_w, tile_h = tiling.width * view.scale_x, tiling.height * view.scale_y
        # Maps that are small on screen share one image; of a large one only the visible part becomes an image.
        if tiling.tiles > 1 and tile_w * tile_h * len(tiles) <= 4e6 and picture.entries.size <= 4e6:
            self._paint_shared(painter, picture, states, tiling, view, tiles, ratio)
            return
        for tile in tiles:
            part = self._visible_slice(tiling, view, tile, seen)
            if part.row1 <= part.row0 or part.col1 <= part.col0:
                continue
            x, y = tiling.origin(tile)
            left, top = view.to_pixels(x + part.col0, y + part.row0)
            area = QRectF(left, top, (part.col1 - part.col0) * view.scale_x, (part.row1 - part.row0) * view.scale_y)
            size = (max(1, round(area.height() * ratio)), max(1, round(area.width() * ratio)))
            painter.drawImage(area, self._part_image(picture, states, tile, part, size))

    def _part_image(
        self,
        picture: Picture,
        states: npt.NDArray[np.uint8] | None,
        tile: int,
        part: Slice,
        size: tuple[int, int],
    ) -> QImage:
        rows, cols = part.row1 - part.row0, part.col1 - part.col0
        size = (min(rows, size[0]), min(cols, size[1]))
        key = (tile, part, size)
        image = self._images.get(key)
        if image is None:
            if len(self._images) > 64:
                self._images.clear()
            where = (tile, slice(part.row0, part.row1), slice(part.col0, part.col1))
            found = shrink(picture.entries[where], *size, picture.role.diverging)
            shown = None if states is None else shrink_states(states[where], *size)
            assert self._bank is not None
            image = self._images[key] = to_image(found, shown, self._bank)
        return image

    def _paint_shared(
        self,
        painter: QPainter,
        picture: Picture,
        states: npt.NDArray[np.uint8] | None,
        tiling: Tiling,
        view: Viewport,
        tiles: list[int],
        ratio: float,
    ) -> None:
        height = min(tiling.height, max(1, round(tiling.height * view.scale_y * ratio)))
        width = min(tiling.width, max(1, round(tiling.width * view.scale_x * ratio)))
        key = ("shared", height, width)
        image = self._images.get(key)
        if image is None:
            found = shrink(picture.entries, height, width, picture.role.diverging)
            shown = None if states is None else shrink_states(states, height, width)
            assert self._bank is not None
            flat = None if shown is None else shown.reshape(-1, width)
            image = self._images[key] = to_image(found.reshape(-1, width), flat, self._bank)
        for tile in tiles:
            area = cell_rect(tiling, view, tile, 0, 0, tiling.height, tiling.width)
            painter.drawImage(area, image, QRect(0, tile * height, width, height))

    def _paint_hatch(
        self,
        painter: QPainter,
        picture: Picture,
        tiling: Tiling,
        view: Viewport,
        tiles: list[int],
        seen: QRect,
    ) -> None:
        if picture.states is None:
            return
        if self._hatch is None:
            self._hatch = hatch_pixmap(self._theme.colour("hover"), self._theme.colour("line"))
        painter.setBrushOrigin(QPointF(0, 0))
        for tile in tiles:
            area = cell_rect(tiling, view, tile, 0, 0, tiling.height, tiling.width)
            painter.fillRect(area.intersected(seen), QBrush(self._hatch))

    def _paint_lines(
        self, painter: QPainter, tiling: Tiling, view: Viewport, tiles: list[int], seen: QRect, ratio: float
    ) -> None:
        """Draw grid lines and, where zero is near the panel and nothing else shows where a tile ends, outlines."""
        strength = self.grid_strength(view)
        framed = tiling.tiles > 1 or not self._fills(tiling, view, seen)
        framed &= min(tiling.width * view.scale_x, tiling.height * view.scale_y) >= 12
        if not tiles or not (framed or strength > 0):
            return
        key = (tiling, view, seen.size().toTuple(), ratio)
        if self._lines is None or self._lines[0] != key:
            ink = QColor("#ffffff" if self._theme.dark else "#000000")
            ink.setAlphaF((0.09 if self._theme.dark else 0.08) * strength)
            grid = ink if strength > 0 else None
            frame = self._theme.colour("line") if framed else None
            self._lines = (key, *lines_image(tiling, view, tiles, seen, ratio, grid, frame))
        _, image, left, top = self._lines
        painter.drawImage(QPointF(left, top), image)

    def _paint_bad(
        self,
        painter: QPainter,
        picture: Picture,
        tiling: Tiling,
        view: Viewport,
        tiles: list[int],
        seen: QRect,
    ) -> None:
        """Hatch cells that aren't finite: they must stand out for eyes that don't see their colour, too."""
        lines = []
        for tile in tiles:
            part = self._visible_slice(tiling, view, tile, seen)
            shown = picture.entries[tile, part.row0 : part.row1, part.col0 : part.col1]
            rows, cols = np.nonzero(shown == NOT_FINITE_ENTRY)
            for row, col in zip(rows[:2000].tolist(), cols[:2000].tolist(), strict=True):
                area = QRectF(
                    cell_rect(
                        tiling,
                        view,
                        tile,
                        part.row0 + row,
                        part.col0 + col,
                        part.row0 + row + 1,
                        part.col0 + col + 1,
                    )
                )
                lines.append(QLineF(area.bottomLeft(), area.topRight()))
                lines.append(QLineF(area.left(), area.center().y(), area.center().x(), area.top()))
                lines.append(QLineF(area.center().x(), area.bottom(), area.right(), area.center().y()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
        painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_numbers(
        self,
        painter: QPainter,
        picture: Picture,
        states: npt.NDArray[np.uint8] | None,
        tiling: Tiling,
        view: Viewport,
        tiles: list[int],
        seen: QRect,
    ) -> None:
        white = text_is_white(picture.role, self._theme.dark)
        ratio = painter.device().devicePixelRatioF()
        dim = np.uint32(self._theme.colour("muted").rgb() & 0xFFFFFF)
        if len(self._numbers) > 64:
            self._numbers.clear()
        for tile in tiles:
            part = self._visible_slice(tiling, view, tile, seen)
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
                    colours[(shown == State.FADED) | (shown == State.UNCOVERED)] = dim
                    hidden = shown == State.UNKNOWN
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
            # Whole device pixels, or the glyphs blur.
            painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), image)

    def _paint_cursor(self, painter: QPainter, widget: ArrayCanvas) -> None:
        tiling = widget.tiling
        painter.setBrush(Qt.BrushStyle.NoBrush)
        hovered = widget.hovered_cell
        if hovered is not None and widget.pointed_rect(hovered).width() >= 3:
            area = widget.pointed_rect(hovered)
            painter.setPen(QPen(self._theme.colour("panel", 0.8), 3))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
            painter.setPen(QPen(self._theme.colour("ink"), 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        cursor = widget.cursor_cell
        if cursor is not None and widget.hasFocus() and cursor.tile < tiling.tiles:
            area = widget.pointed_rect(cursor).adjusted(-1, -1, 1, 1)
            if area.width() < 6 or area.height() < 6:
                area.adjust(-2, -2, 2, 2)
            painter.setPen(QPen(self._theme.colour("panel", 0.8), 4))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def note(self, tiling: Tiling, view: Viewport) -> str:
        """Return what the picture itself can't say: that pixels are shared, that numbers have a power of ten."""
        text = shared_pixels(tiling, view) if self.picture is not None else ""
        exponent = self.number_exponent(view)
        return text or (f"numbers × {superscript(exponent)}" if exponent and self._tells_exponent else "")

    def note_room(self, tiling: Tiling, view: Viewport) -> int:
        """Return the width that the note needs, in pixels; 0 if there is none."""
        text = self.note(tiling, view)
        return note_width(self._theme, text) if text else 0


def hatch_pixmap(ground: QColor, line: QColor, pitch: int = 8) -> QPixmap:
    """Return a tile of faint diagonal hatching: what isn't there yet, or takes no part."""
    pixmap = QPixmap(pitch, pitch)
    pixmap.fill(ground)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1.2))
    for shift in (-pitch, 0, pitch):
        painter.drawLine(QPointF(shift, pitch), QPointF(shift + pitch, 0))
    painter.end()
    return pixmap
