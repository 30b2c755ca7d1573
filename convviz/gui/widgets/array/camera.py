"""The visible part of an array and its scale: fitting, zooming, panning. Arithmetic only, no Qt."""

from __future__ import annotations

import math
from collections.abc import Callable

from convviz.gui.widgets.array.layout import (
    MAX_SCALE,
    Aspect,
    TileCell,
    Tiling,
    Viewport,
    clamp,
    fit,
    reveal,
    tile_columns,
    zoom,
)

FOOT = 20
"""Height of the line for a note below the picture, in pixels."""

NoteWidth = Callable[[Tiling, Viewport], int]
"""Returns the width in pixels of the note for such a view; 0 if there is none."""


class ArrayCamera:
    """Maps cells to positions in a view of some size.

    Every method that may move something returns whether it did.

    Parameters
    ----------
    aspect : str
        ``square`` or ``free``.
    place : (float, float)
        Alignment of the picture if there is spare room: 0 left or top, 0.5 centred, 1 right or bottom.
    note_width : callable
        Called before room is reserved for a note. It must not refer to the widget, which the cycle would keep alive.

    Attributes
    ----------
    tiling : Tiling
        How the maps are laid out.
    viewport, home : Viewport
        The current mapping of cells to pixels, and the one in which everything is visible.
    fitted : bool
        Whether the view shows everything, and goes on doing so when it is resized.
    foot : int
        Height of the line reserved for a note, in pixels.
    """

    def __init__(self, aspect: Aspect, place: tuple[float, float], note_width: NoteWidth) -> None:
        self._aspect: Aspect = aspect
        self._place = place
        self._note_width = note_width
        self._shape = (1, 1, 1)
        self._columns: int | None = None
        self._gap: float | None = None
        self._size = (1, 1)
        self._framed = (1, 1)
        self.tiling = Tiling(1, 1, 1)
        self.viewport = self.home = Viewport(1.0, 1.0)
        self.fitted = True
        self.foot = 0

    @property
    def width(self) -> int:
        """Width of the view, in pixels."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Height that the picture may use, in pixels."""
        return max(1, self._size[1] - self.foot)

    # Contents

    def set_content(self, shape: tuple[int, int, int], columns: int | None, gap: float | None) -> bool:
        """Set the maps (tiles, height, width) to show; if anything changes, all of them are fitted."""
        if (shape, columns, gap) == (self._shape, self._columns, self._gap):
            return False
        self._shape, self._columns, self._gap = shape, columns, gap
        self.fitted = True
        self.lay_out()
        return True

    def set_aspect(self, aspect: Aspect) -> bool:
        """Keep cells square, or stretch them to fill the view."""
        if aspect == self._aspect:
            return False
        self._aspect = aspect
        self.fitted = True
        self.lay_out()
        return True

    def set_size(self, width: int, height: int) -> bool:
        """Resize the view; the visible part stays the same."""
        if (max(1, width), max(1, height)) == self._size:
            return False
        self._size = (max(1, width), max(1, height))
        return self.lay_out()

    def lay_out(self) -> bool:
        """Lay out again, because the size or the presence of a note may have changed."""
        width, height = self._size
        self.foot = 0
        self.tiling, self.home = self._fitted_into(width, height)
        if self._wants_foot(self.home if self.fitted else self.viewport):
            lower = max(1, height - FOOT)
            tiling, home = self._fitted_into(width, lower)
            # This makes square cells smaller, perhaps so small that the note is no longer needed.
            if not self.fitted or self._has_note(tiling, home):
                self.foot, self.tiling, self.home, height = FOOT, tiling, home, lower
        moved = self._move(self.home if self.fitted else self._rescaled(width, height))
        self._framed = (width, height)
        return moved

    def content_height_in(self, width: int, height: int) -> int:
        """Return the height in pixels of the whole contents, fitted into a view of some size."""
        tiling, home = self._fitted_into(max(1, width), max(1, height))
        return min(height, math.ceil(tiling.content_height * home.scale_y))

    # Moving

    def fit(self) -> bool:
        """Make everything visible."""
        self.fitted = True
        return self.lay_out()

    def zoom_by(self, factor: float, px: float, py: float) -> bool:
        """Zoom about a pixel."""
        new = zoom(self.viewport, factor, px, py, self.home, self._aspect)
        if new.scale_x <= self.home.scale_x and new.scale_y <= self.home.scale_y:
            return self.fit()
        self.fitted = False
        return self._move(new)

    def pan_by(self, dx: float, dy: float) -> bool:
        """Move the picture by pixels."""
        view = self.viewport
        return self._move(Viewport(view.scale_x, view.scale_y, view.x + dx, view.y + dy))

    def centre_on(self, x: float, y: float | None) -> bool:
        """Pan so that a position, in cells, is in the middle; with ``y=None``, only horizontally."""
        view = self.viewport
        new_y = view.y if y is None else self.height / 2 - y * view.scale_y
        self.fitted = False
        return self._move(Viewport(view.scale_x, view.scale_y, self.width / 2 - x * view.scale_x, new_y))

    def show_cells(self, rect: tuple[int, int, int, int], tile: int) -> bool:
        """Zoom so that (row, col, height, width) fills the view; with free aspect only columns are zoomed."""
        row, col, rows, cols = rect
        rows = self.tiling.height - row if rows < 0 else rows
        cols = self.tiling.width - col if cols < 0 else cols
        x, y = self.tiling.origin(tile)
        sx, sy = self.width / max(cols, 1), self.height / max(rows, 1)
        if self._aspect == "square":
            sx = sy = max(self.home.scale_x, min(sx, sy, MAX_SCALE))
        else:
            sx, sy = max(self.home.scale_x, min(sx, MAX_SCALE)), self.home.scale_y
        centre_x, centre_y = x + col + cols / 2, y + row + rows / 2
        self.fitted = False
        return self._move(Viewport(sx, sy, self.width / 2 - centre_x * sx, self.height / 2 - centre_y * sy))

    def keep_in_view(self, cell: TileCell, margin: int) -> bool:
        """Pan as little as needed to show a cell and ``margin`` cells around it."""
        x, y = self.tiling.origin(cell.tile)
        left, top = x + max(0, cell.col - margin), y + max(0, cell.row - margin)
        right = x + min(self.tiling.width, cell.col + 1 + margin)
        bottom = y + min(self.tiling.height, cell.row + 1 + margin)
        return self._move(reveal(self.viewport, left, top, right, bottom, self.width, self.height))

    def visible(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the visible part, in cells of the content."""
        left, top = self.viewport.to_cells(0, 0)
        right, bottom = self.viewport.to_cells(self.width, self.height)
        wide, high = self.tiling.content_width, self.tiling.content_height
        return max(0.0, left), max(0.0, top), min(wide, right), min(high, bottom)

    # Details

    def _move(self, view: Viewport) -> bool:
        new = clamp(self.tiling, view, self.width, self.height, self._place)
        if new == self.viewport:
            return False
        self.viewport = new
        if not self.fitted and self._wants_foot(new) != bool(self.foot):
            self.lay_out()
        return True

    def _wants_foot(self, view: Viewport) -> bool:
        """Return whether to reserve room for a note below the picture, because over it the note would hide cells."""
        if not self.fitted and self._aspect == "square":
            return False  # otherwise zooming would make the picture jump
        return self._has_note(self.tiling, view)

    def _has_note(self, tiling: Tiling, view: Viewport) -> bool:
        """Return whether the picture has a note, and room for it."""
        width, height = self._size
        return height >= 100 and 0 < self._note_width(tiling, view) <= width

    def _fitted_into(self, width: int, height: int) -> tuple[Tiling, Viewport]:
        tiles, rows, cols = self._shape
        gap = self._gap
        if gap is None:
            gap = 0.0 if tiles == 1 else max(0.4, 0.08 * max(rows, cols))
        columns = self._columns or tile_columns(tiles, rows, cols)
        tiling = Tiling(tiles, rows, cols, min(columns, tiles), gap)
        return tiling, fit(tiling, width, height, self._aspect, self._place)

    def _rescaled(self, width: int, height: int) -> Viewport:
        """Return the viewport that shows the same part in a view of another size."""
        view, (old_width, old_height) = self.viewport, self._framed
        wider, higher = width / old_width, height / old_height
        if self._aspect == "square":
            wider = higher = min(wider, higher)
        sx = max(self.home.scale_x, view.scale_x * wider)
        sy = max(self.home.scale_y, view.scale_y * higher)
        x, y = view.to_cells(old_width / 2, old_height / 2)
        return Viewport(sx, sy, width / 2 - x * sx, height / 2 - y * sy)
