"""The columns of the cards: titles at the left, two lines of numbers per layer at the right, and the header above."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.labels import ThemedLabel
from convviz.present.design.build_text import CostCells, cost_cells, layer_tip, written_shape
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.words import counted

MARGIN = 10
GRIP = 16
NAME = 92
OUTPUT, PARAMS, ADDS = 82, 84, 56
WIDTHS = (OUTPUT, PARAMS, ADDS)
GAP = 4
NUMBERS = OUTPUT + PARAMS + ADDS + 2 * GAP
MORE = 30
LINE = 17
"""Height of each of the two lines, in pixels."""
TITLE, LEAST = 13.0, 10.0
"""Font sizes of a title: the usual one, and the smallest, for long titles; in pixels."""
_UNKNOWN = CostCells(("–", "", ""), ("", "", ""))


def titled(text: str) -> ThemedLabel:
    """A title; a long one is a little smaller, so that all of it fits beside the fields."""
    label = ThemedLabel(text, size=TITLE, weight=QFont.Weight.DemiBold)
    wide = label.fontMetrics().horizontalAdvance(text)
    if wide <= NAME:
        return label
    return ThemedLabel(text, size=max(TITLE * (NAME - 1) / wide, LEAST), weight=QFont.Weight.DemiBold)


class CostColumns(QWidget):
    """A layer's costs, right-aligned: output, parameters and multiply-adds.

    Below them, smaller: bytes of the output for a minibatch, bytes of the im2col matrix, and a cell's receptive field.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._cells = _UNKNOWN
        self._said = ""
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def text(self) -> str:
        """Return the contents as text."""
        return self._said

    def show_costs(self, costs: LayerCosts | None) -> None:
        """Show a layer's costs; None shows dashes."""
        if costs is None:
            cells, tip, said = _UNKNOWN, "Unknown: this layer or an earlier one does not fit.", "output –"
        else:
            cells, tip = cost_cells(costs), layer_tip(costs)
            output, parameters, adds = cells.layer
            said = f"output {output}, {parameters or 'no'} parameters, {adds or 'no'} multiply-adds"
        if cells != self._cells or tip != self.toolTip():
            self._cells, self._said = cells, said
            self.setToolTip(tip)
            self.setAccessibleName(said)
            self.setAccessibleDescription(tip)
            self.update()

    def show_shape(self, shape: tuple[int, ...], below: str = "") -> None:
        """Show only a shape, and a word below it."""
        self._cells = CostCells((written_shape(shape), "", ""), (below, "", ""))
        self._said = f"{written_shape(shape)} images"
        self.setAccessibleName(self._said)
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show only the output if there is no room for more; the tooltip contains the rest."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(OUTPUT if self._compact else NUMBERS, 2 * LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        count = 1 if self._compact else len(WIDTHS)
        lines = ((self._cells.layer, 12, ("ink", "muted", "muted")), (self._cells.minibatch, 11, ("muted",) * 3))
        alone = not any(self._cells.minibatch)
        for number, (texts, size, tokens) in enumerate(lines):
            painter.setFont(self._theme.mono(size))
            top = (self.height() - LINE) / 2 if alone else (self.height() - 2 * LINE) / 2 + number * LINE
            x = 0
            for text, width, token in list(zip(texts, WIDTHS, tokens, strict=True))[:count]:
                painter.setPen(self._theme.colour("faint" if text == "–" else token))
                painter.drawText(QRectF(x, top, width, LINE), _RIGHT, text)
                x += width + GAP


class ColumnHeader(QWidget):
    """The names of the columns, aligned with the cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._inset = 0
        self._compact = False
        self._batch = 0
        self.setFixedHeight(30)
        self._theme.changed.connect(self.update)

    @Slot(int, bool)
    def set_inset(self, inset: int, compact: bool) -> None:
        """Set how many pixels narrower the cards are than this line, and whether they show only the output."""
        self._inset, self._compact = inset, compact
        self.update()

    def set_batch(self, batch: int) -> None:
        """Set the number of images that the sizes in bytes are for."""
        if batch != self._batch:
            self._batch = batch
            self.update()

    def explain(self, x: int) -> str:
        """The meaning of the column at ``x``; empty if there is none."""
        left = self._left
        field = "the receptive field, the part of the image that one cell of the output was computed from"
        images = counted(self._batch, "image")
        tips = (
            f"Above: shape of the output for one image.\nBelow: its memory for a minibatch of {images}.",
            f"Above: numbers that training changes.\nBelow: shape of the im2col matrix of {images}.",
            f"Above: multiply-adds of one image's forward pass.\nBelow: {field}.",
        )
        for tip, width in list(zip(tips, WIDTHS, strict=True))[: self._count]:
            if left <= x < left + width:
                return tip
            left += width + GAP
        return ""

    @property
    def _count(self) -> int:
        return 1 if self._compact else len(WIDTHS)

    @property
    def _left(self) -> int:
        return self.width() - self._inset - (MARGIN - 6) - MORE - (OUTPUT if self._compact else NUMBERS)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.explain(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(11))
        painter.setPen(self._theme.colour("muted"))
        line = self.height() / 2
        painter.drawText(QRectF(MARGIN + GRIP, line, 200, line), Qt.AlignmentFlag.AlignVCenter, "layer")
        above = ("output", "parameters", "mult-adds")
        below = (f"at batch {self._batch:,}", "im2col", "rec. field")
        columns = list(zip(above, below, WIDTHS, strict=True))[: self._count]
        x = self._left
        for first, second, width in columns:
            painter.drawText(QRectF(x, 0, width, line), _RIGHT, first)
            painter.drawText(QRectF(x, line, width, line), _RIGHT, second)
            x += width + GAP


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
