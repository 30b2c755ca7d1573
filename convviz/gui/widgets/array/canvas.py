"""A picture of an array on screen, with colours, marks and a visible part. :mod:`.view` adds the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.camera import ArrayCamera
from convviz.gui.widgets.array.layout import Aspect, TileCell, Tiling, Viewport
from convviz.gui.widgets.array.notes import shared_pixels
from convviz.gui.widgets.array.painter import ArrayPainter
from convviz.gui.widgets.array.picture import Picture
from convviz.gui.widgets.array.rects import cell_rect, tile_rect
from convviz.gui.widgets.array.scene import ArrayScene
from convviz.gui.widgets.marks import Mark
from convviz.present.colour import ColourRole
from convviz.present.numbers import format_full, format_value

IndexOf = Callable[[int, int, int], tuple[int, ...]]
"""Returns the logical index of (tile, row, col)."""


class ArrayCanvas(QWidget):
    """Shows a matrix, or maps of one size tiled into a grid, and takes no input.

    :class:`~convviz.gui.widgets.array.view.ArrayView` adds the input and describes the parameters.

    Attributes
    ----------
    viewChanged : Signal()
        Another part is visible: zoomed, panned or resized. See :meth:`visible_cells`.
    pictureChanged : Signal()
        :meth:`set_picture` has changed the picture.
    """

    viewChanged = Signal()
    pictureChanged = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        aspect: Aspect = "square",
        place: tuple[float, float] = (0.5, 0.5),
        preferred_cell: int = 8,
        numbers: bool = True,
        grid: bool = True,
        by_tile: bool = False,
        exponent_note: bool = True,
        tile_numbers: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._preferred_cell = preferred_cell
        self._by_tile = by_tile
        self._name = name
        self._picture: Picture | None = None
        self._index_of: IndexOf | None = None
        self.names: tuple[str, ...] = ()
        """Names in the corners of a row's cells."""
        self._marks: tuple[Mark, ...] = ()
        self._marks_key: object = ((), False)
        self._fade = False
        self._hovered: TileCell | None = None
        self._pointed_out: TileCell | None = None
        self._cursor: TileCell | None = None
        self.painter = ArrayPainter(self._theme, numbers=numbers, grid=grid, exponent=exponent_note, tiles=tile_numbers)
        self._lens = ArrayCamera(aspect, place, self.painter.note_room)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(24, 24)
        self.setAccessibleName(name)
        self._theme.changed.connect(self._theme_changed)

    # Contents

    def set_picture(
        self,
        array: npt.ArrayLike | None,
        role: ColourRole | str = ColourRole.ACTIVATION,
        vmax: float | None = None,
        *,
        known: npt.ArrayLike | None = None,
        covered: npt.ArrayLike | None = None,
        columns: int | None = None,
        gap: float | None = None,
        index_of: IndexOf | None = None,
        name: str | None = None,
        reach: float | None = None,
        names: tuple[str, ...] = (),
    ) -> bool:
        """Show an array; does nothing if the picture would look the same.

        Parameters
        ----------
        array : array (w,), (h, w) or (tiles, h, w), or None
            Numbers; a vector is shown as one row, maps as a grid. ``None`` shows nothing. A writeable array is copied;
            a read-only one is assumed not to change.
        role : ColourRole
            Selects the colour map.
        vmax : float, optional
            The value at the upper end of the scale; default is the array's own largest absolute value.
        known : bool array of the same shape or (h, w), optional
            Cells already computed; the others are hatched.
        covered : bool array of the same shape or (h, w), optional
            Cells that some window covers; the others are pale and hatched.
        columns : int, optional
            Maps in a row; default is as many as make all of them about square.
        gap : float, optional
            Distance between maps, in cells.
        index_of : callable, optional
            Returns the logical index of (tile, row, col) for the signals and the tooltip.
        name : str, optional
            Name of the array: ``conv1.x_col``.
        reach : float, optional
            The largest absolute value that chooses the format of numbers in cells, if the scale is not the array's own;
            default is the end of the scale.
        names : tuple of str, optional
            Names in the corners of a row's cells, if there is room.

        Returns
        -------
        bool
            Whether anything changed.

        Raises
        ------
        ValueError
            The array is empty, or isn't of 1 to 3 dimensions, or a mask doesn't fit it.
        """
        self._index_of = index_of
        if name is not None and name != self._name:
            self._name = name
            self.setAccessibleName(name)
        if array is None:
            changed = self._picture is not None
            self.names = ()
            self._picture = self.painter.picture = None
        else:
            new = Picture.of(array, role, vmax, known, covered, earlier=self._picture, reach=reach)
            changed = new is not self._picture or names != self.names
            self.names = names
            self._picture = self.painter.picture = new
            if self._camera.set_content(new.shape, columns, gap):
                self._reshaped()
                changed = True
            elif changed:
                self._moved(self._camera.lay_out())  # another scale may add or remove a note
        if changed:
            self.painter.forget_picture()
            self._describe()
            self.update()
            self.pictureChanged.emit()
        return changed

    def set_aspect(self, aspect: Aspect) -> None:
        """Keep cells square, or stretch the picture to fill the view (``free``)."""
        self._moved(self._camera.set_aspect(aspect))

    def set_marks(self, marks: Sequence[Mark] = (), fade_others: bool = False) -> bool:
        """Mark cells; with ``fade_others`` all other cells are faded. Returns whether anything changed."""
        key = (tuple(mark.key() for mark in marks), fade_others)
        if key == self._marks_key:
            return False
        self._marks_key, self._marks = key, tuple(marks)
        refade = fade_others or self._fade
        self._fade = fade_others
        if refade:
            self.painter.forget_colours()
        self.update()
        return True

    @property
    def picture(self) -> Picture | None:
        """The current picture, with its levels and its table entries."""
        return self._picture

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The current marks."""
        return self._marks

    @property
    def fades_others(self) -> bool:
        """Whether unmarked cells are faded."""
        return self._fade

    @property
    def cursor_cell(self) -> TileCell | None:
        """The cell of the keyboard's cursor, as (tile, row, col)."""
        return self._cursor

    @property
    def hovered_cell(self) -> TileCell | None:
        """The cell under the pointer, as (tile, row, col)."""
        return self._hovered

    def set_cursor_cell(self, cell: TileCell | tuple[int, int, int] | None) -> None:
        """Move the cell cursor, without a signal."""
        self._cursor = None if cell is None else TileCell(*cell)
        self._describe()
        self.update()

    def point_out(self, cell: TileCell | tuple[int, int, int] | None) -> None:
        """Outline a cell that is pointed at elsewhere; ``None`` ends that."""
        self._pointed_out = None if cell is None else TileCell(*cell)
        self.update()

    def detail_note(self) -> str:
        """Return how cells are combined if several share a pixel, else an empty text."""
        return shared_pixels(self.tiling, self.viewport) if self._picture is not None else ""

    def number_exponent(self) -> int:
        """Return the power of ten by which the numbers in the cells are divided; 0 if there are none."""
        return self.painter.number_exponent(self.viewport)

    def cell_text(self, cell: TileCell | tuple[int, int, int] | None = None) -> str:
        """Return a cell's value with all digits: ``x_col[12, 300] = 0.99607843``; default is the cursor's cell."""
        cell = TileCell(*cell) if cell is not None else self._cursor
        if cell is None or self._picture is None:
            return ""
        index = ", ".join(map(str, self.logical_index(cell)))
        picture = self._picture
        label = f"{self._name}[{index}]" if self._name else f"[{index}]"
        if not picture.is_known(cell):
            return f"{label}: not computed yet"
        text = f"{label} = {format_full(picture.value(cell))}"
        if not picture.is_covered(cell):
            text += "\nno window covers this cell"
        if picture.beyond_scale(cell):
            text += f"\nbeyond the scale, which ends at {format_value(picture.vmax)}"
        return text

    def logical_index(self, cell: TileCell) -> tuple[int, ...]:
        """Return the index that signals carry for a cell."""
        if self._index_of is not None:
            return tuple(self._index_of(*cell))
        dimensions = 3 if self._picture is None else self._picture.dimensions
        return {1: (cell.col,), 2: (cell.row, cell.col)}.get(dimensions, tuple(cell))

    # Visible part

    @property
    def tiling(self) -> Tiling:
        """The layout of the maps."""
        return self._camera.tiling

    @property
    def viewport(self) -> Viewport:
        """The current mapping of cells to pixels."""
        return self._camera.viewport

    def fit(self) -> None:
        """Show everything."""
        self._moved(self._camera.fit())

    def is_fitted(self) -> bool:
        """Return whether everything is shown, also after the view is resized."""
        return self._camera.fitted

    def show_cells(self, rect: tuple[int, int, int, int], tile: int = 0) -> None:
        """Zoom so that (row, col, height, width) fills the view; −1 means to the end.

        With free aspect only columns are zoomed: all rows stay visible.
        """
        if self._picture is not None:
            self._moved(self._camera.show_cells(rect, tile))

    def keep_in_view(self, row: int, col: int, tile: int = 0, margin: int = 1) -> None:
        """Pan as little as needed to show a cell and ``margin`` cells around it."""
        self._moved(self._camera.keep_in_view(TileCell(tile, row, col), margin))

    def centre_on(self, x: float, y: float | None = None) -> None:
        """Pan so that a position, in cells, is in the middle."""
        self._moved(self._camera.centre_on(x, y))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a pixel; default is the middle of the view."""
        at = QPointF(self._camera.width / 2, self._camera.height / 2) if at is None else at
        self._moved(self._camera.zoom_by(factor, at.x(), at.y()))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by pixels, within its limits."""
        self._moved(self._camera.pan_by(dx, dy))

    def visible_cells(self) -> QRectF:
        """Return the visible part, in cells of the content: x and width are columns."""
        left, top, right, bottom = self._camera.visible()
        return QRectF(left, top, right - left, bottom - top)

    def picture_area(self) -> QRect:
        """Return the area for the picture: everything except the line for a note below it, if there is one."""
        return QRect(0, 0, self._camera.width, self._camera.height)

    def content_height_in(self, width: int, height: int) -> int:
        """Return the height in pixels of the whole contents, fitted into a view of some size."""
        return 0 if self._picture is None else self._camera.content_height_in(width, height)

    def cell_at(self, position: QPoint | QPointF) -> TileCell | None:
        """Return the cell (tile, row, col) at a pixel; ``None`` in a gap or outside."""
        if self._picture is None or position.y() >= self._camera.height:
            return None
        return self.tiling.cell_at(*self.viewport.to_cells(position.x(), position.y()))

    def rect_of(self, cell: TileCell | tuple[int, int, int]) -> QRect:
        """Return the pixels of a cell (tile, row, col)."""
        tile, row, col = cell
        return cell_rect(self.tiling, self.viewport, tile, row, col, row + 1, col + 1)

    def pointed_rect(self, cell: TileCell) -> QRect:
        """Return the area to outline under the pointer: the cell's or, with ``by_tile``, its tile's."""
        if not self._by_tile:
            return self.rect_of(cell)
        return tile_rect(self.tiling, self.viewport, cell.tile)

    # Qt

    def sizeHint(self) -> QSize:
        if self._picture is None:
            return QSize(160, 120)
        side = self._preferred_cell
        width, height = self.tiling.content_width * side, self.tiling.content_height * side
        return QSize(round(min(max(width, 48), 480)), round(min(max(height, 32), 360)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            return
        painter = QPainter(self)
        self.painter.paint(painter, self.scene(self._picture))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._moved(self._lens.set_size(self.width(), self.height()))
        super().resizeEvent(event)

    # Details

    def scene(self, picture: Picture) -> ArrayScene:
        """Return the current view, as a value."""
        camera, cursor, pointed = self._camera, self._cursor, self._hovered or self._pointed_out
        tiling = camera.tiling
        there = cursor is not None and self.hasFocus() and cursor.tile < tiling.tiles
        return ArrayScene(
            picture,
            tiling,
            camera.viewport,
            width=self.width(),
            height=self.height(),
            foot=self.height() - camera.height,
            ratio=self.devicePixelRatioF(),
            marks=self._marks,
            fades_others=self._fade,
            names=self.names,
            pointed=None if pointed is None else self.pointed_rect(pointed),
            cursor=self.pointed_rect(cursor) if there and cursor is not None else None,
        )

    @property
    def _camera(self) -> ArrayCamera:
        """The camera, with its size updated: a hidden widget gets no resize event."""
        self._moved(self._lens.set_size(self.width(), self.height()))
        return self._lens

    def _moved(self, moved: bool) -> None:
        if moved:
            self.update()
            self.viewChanged.emit()

    def _reshaped(self) -> None:
        """Forget hovered and cursor cells that the new picture doesn't have."""
        self._hovered = self._pointed_out = None
        if self._cursor is not None and self._picture is not None:
            tiles, height, width = self._picture.shape
            inside = self._cursor.tile < tiles and self._cursor.row < height and self._cursor.col < width
            self._cursor = self._cursor if inside else None
        self.updateGeometry()
        self._moved(True)

    def _describe(self) -> None:
        if self._picture is None:
            self.setAccessibleDescription("nothing to show yet")
            return
        size = "×".join(map(str, self._picture.given_shape))
        cell = self.cell_text()
        self.setAccessibleDescription(f"{size}, {self._picture.role.value}" + (f"; {cell}" if cell else ""))

    def _theme_changed(self) -> None:
        self.painter.forget()
        self.update()
