"""One pane: an array in a card, with its scale and, for wide matrices, an overview."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Index
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.marks import Mark
from convviz.gui.workspaces.step.picture import PaneContent
from convviz.gui.workspaces.step.views.panes.brush import Brush
from convviz.gui.workspaces.step.views.panes.linked_strip import LinkedStrip
from convviz.gui.workspaces.step.views.panes.ticked import TickedView
from convviz.present.numbers import superscript
from convviz.present.step.pane import Pane
from convviz.present.step.ticks import rulings

COLUMNS = 84
"""Number of columns of a wide matrix that are visible at first."""
LOW = 104
"""Height in pixels below which a card has no colour scale and no overview."""
MARGIN = 10
CHROME = 58
"""Height in pixels of a card that is not :data:`ROOMY`, without its picture."""
HEAD_GAP = 8
"""Space between title and caption, in pixels."""
ROOMY = 260
"""Height in pixels above which a card has more space around its picture."""


class PaneCard(Card):
    """Shows one pane and signals which of its cells the user points at, picks or paints.

    Attributes
    ----------
    cellHovered, cellPicked : Signal(str, tuple)
        Array name and logical index.
    cellLeft : Signal()
    cellPainted : Signal(str, tuple, int, bool)
        The brush went over a cell: array, index, number of the stroke, and whether it rubs out.
    scaleAsked : Signal()
        The colour scale was clicked.
    """

    cellHovered = Signal(str, tuple)
    cellPicked = Signal(str, tuple)
    cellLeft = Signal()
    cellPainted = Signal(str, tuple, int, bool)
    scaleAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent, margin=MARGIN)
        self.pane: Pane | None = None
        self._wide: ArrayView | None = None
        self._square: ArrayView | None = None
        self.strip: LinkedStrip | None = None
        self._words = ""
        self._head_text = ""
        self._head_of: tuple[object, ...] = ()
        """What title and caption were written from."""
        self._is_drawing = False
        """Whether the caption will be written in the end: until then it is that of another picture."""
        self._brush = Brush(self)
        self._brush.painted.connect(self._painted)
        self.view: ArrayView = self._view_for(False)
        self.scale_bar = ScaleBar(length=132, clickable=True)
        self.scale_bar.clicked.connect(self.scaleAsked)
        self.body.setSpacing(6)
        self.body.addWidget(self.scale_bar, 0, Qt.AlignmentFlag.AlignHCenter)
        self._wanted_columns: tuple[int, int] | None = None

    def draw(self, pane: Pane, content: PaneContent) -> None:
        """Show a pane and its content, and redraw only what looks different."""
        picture, levels, locked = content.picture, content.levels, content.is_locked
        self._use(pane.free)
        was = self.pane
        self.pane = pane
        if was is None or was.array != pane.array or was.view != pane.view:
            self.view.forget_pointer()  # other cells are under it now
        if pane.title != self._head_text:
            self._head_text = pane.title
            self.set_title(pane.title)
        self._is_drawing = True
        shown = self.view.set_picture(
            _simple(picture.array),
            picture.role,
            levels.high,
            known=None if picture.known is None else _simple(picture.known),
            covered=None if picture.covered is None else _simple(picture.covered),
            index_of=pane.index,
            name=pane.numbers_name,
            reach=picture.vmax,
            names=picture.names,
        )
        self._holder(self.view).set_rulings(*rulings(pane.view))
        caption = picture.caption if picture.caption and pane.content != "array" else pane.caption
        if picture.caption and pane.content == "array":
            caption = f"{pane.caption.partition(' · ')[0]}, {picture.caption}"
        self._words, self._is_drawing = caption, False
        self._write()
        self.scale_bar.set_scale(picture.role, levels, locked)
        self.scale_bar.setVisible(pane.scale and self.height() >= LOW and pane.view.size > 1)
        if self.strip is not None:
            self.strip.setVisible(self._has_strip(pane) and self.height() >= LOW)
        if shown and (was is None or was.array != pane.array or was.view != pane.view):
            self._wanted_columns = None

    def reveal(self, place: tuple[int, int, int], columns: int = COLUMNS) -> None:
        """Scroll a wide matrix to a cell, with about ``columns`` columns in sight, unless the cell is in sight already.

        Parameters
        ----------
        place : tuple of int
            Tile, row and column of the cell.
        columns : int
        """
        if self.pane is None or not self.pane.strip:
            return
        _, _, wide = self.pane.view.fold
        if not self._has_strip(self.pane):
            return
        seen = self.view.visible_cells()
        col = place[2]
        fresh = self._wanted_columns is None
        if not fresh and seen.left() + 1 <= col <= seen.right() - 2:
            return
        first = max(0, min(wide - columns, col - columns // 2))
        if fresh or self.view.is_fitted():
            self.view.show_cells((0, first, self.pane.view.fold[1], columns))
        else:
            self.view.centre_on(col + 0.5)
        self._wanted_columns = first, columns

    def set_marks(self, marks: list[Mark], fade: bool) -> None:
        """Mark cells; ``fade`` mutes the rest of the picture."""
        self.view.set_marks(marks, fade)

    def set_linked_columns(self, columns: tuple[int, ...]) -> None:
        """Mark columns in the overview, including those out of sight."""
        if self.strip is not None:
            self.strip.set_columns(columns)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        roomy = self.height() > ROOMY
        self.body.setSpacing(6 if roomy else 4)
        self.set_spacing(8 if roomy else 5, MARGIN if roomy else 7)
        self._write()
        if self.pane is not None:
            room = self.height() >= LOW
            self.scale_bar.setVisible(self.pane.scale and room and self.pane.view.size > 1)
            if self.strip is not None:
                self.strip.setVisible(self._has_strip(self.pane) and room)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 48)

    def _has_strip(self, pane: Pane) -> bool:
        return pane.strip and pane.view.fold[2] > 1.5 * COLUMNS

    def _use(self, free: bool) -> None:
        wanted = self._view_for(free)
        if wanted is self.view:
            return
        self._holder(self.view).hide()
        if self.strip is not None:
            self.strip.setVisible(False)
        self.view = wanted
        self._holder(wanted).show()

    def _holder(self, view: ArrayView) -> TickedView:
        holder = view.parentWidget()
        assert isinstance(holder, TickedView)
        return holder

    def _view_for(self, free: bool) -> ArrayView:
        found = self._wide if free else self._square
        if found is not None:
            return found
        made = ArrayView(self, aspect="free" if free else "square", exponent_note=False, tile_numbers=True)
        made.setMinimumSize(24, 16)
        made.cellHovered.connect(self._hovered)
        made.cellPicked.connect(self._picked)
        made.cellOpened.connect(self._picked)
        made.cellLeft.connect(self.cellLeft)
        made.viewChanged.connect(self._write)
        made.pictureChanged.connect(self._write)
        made.installEventFilter(self._brush)
        self.body.insertWidget(0, TickedView(made, self), 1)
        if free:
            self._wide = made
            self.strip = LinkedStrip(made, height=24)
            self.body.insertWidget(1, self.strip)
        else:
            self._square = made
        return made

    def _hovered(self, index: Index) -> None:
        if self.pane is not None:
            self.cellHovered.emit(self.pane.array, tuple(index))

    def set_words(self, words: str) -> None:
        """Replace the caption."""
        self._words = words
        self._write()

    def _write(self) -> None:
        """Write the caption: the power of ten of the numbers in the cells, and which columns are in sight."""
        if self._is_drawing:
            return
        exponent = self.view.number_exponent()
        # The power comes first, where nothing cuts it off: without it the numbers would be wrong.
        power = f"×{superscript(exponent)}" if exponent else ""
        size, _, rest = self._words.partition(" · ")
        columns = ""
        if self.pane is not None and self._has_strip(self.pane) and not self.view.is_fitted():
            seen = self.view.visible_cells()
            first, last = round(seen.left()), max(round(seen.right()) - 1, round(seen.left()))
            columns = f"columns {first:,}–{last:,}"
        self._write_head(power, " · ".join(part for part in (power, size, columns, rest) if part))

    def _write_head(self, power: str, words: str) -> None:
        """Write title and caption; if room is short, omit the words, then the end of the title, but never the power."""
        of = power, words, self._head_text, self.width(), self.title.font(), self.caption.font()
        if of == self._head_of:  # a step asks several times: its picture, its size and what is seen of it change
            return
        self._head_of = of
        room = self.width() - 2 * MARGIN - HEAD_GAP
        measure, small = self.title.fontMetrics(), self.caption.fontMetrics()
        left = room - measure.horizontalAdvance(self._head_text)
        if power and left < small.horizontalAdvance(f"{power} · …") + 4:
            words = power
        if not power and left < small.horizontalAdvance("… …"):
            words = ""
        kept = small.horizontalAdvance(power) + 4 if power else 0
        title = self._head_text
        if left < kept:
            title = measure.elidedText(title, Qt.TextElideMode.ElideRight, max(0, room - kept))
        if title != self.title.text():
            self.title.setText(title)
        self.title.setToolTip("" if title == self._head_text else self._head_text)
        self.set_caption(words)

    def _painted(self, index: Index, stroke: int, rubbing: bool) -> None:
        if self.pane is not None:
            self.cellPainted.emit(self.pane.array, tuple(index), stroke, rubbing)

    def _picked(self, index: Index) -> None:
        if self.pane is not None:
            self.cellPicked.emit(self.pane.array, tuple(index))


def _simple(array):
    """The array; a single tile as a matrix, so that it is drawn without tiling and gaps."""
    return array[0] if array.shape[0] == 1 else array
