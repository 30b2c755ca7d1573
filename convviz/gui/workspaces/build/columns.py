"""The columns of numbers at the right of the cards, and the header above them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.present.build_text import layer_tip, short_count, written_shape
from convviz.present.costs import LayerCosts

MARGIN = 10
GRIP = 16
NAME = 100
OUTPUT, PARAMS, ADDS = 82, 70, 56
GAP = 4
NUMBERS = OUTPUT + PARAMS + ADDS + 2 * GAP
MORE = 30


class CostColumns(QWidget):
    """Output shape, parameters and multiply-adds of a layer, right-aligned; the rest is in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._texts = ("–", "", "")
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def text(self) -> str:
        """Return what is shown, in words."""
        output, params, adds = self._texts
        return f"output {output}, {params or 'no'} parameters, {adds or 'no'} multiply-adds"

    def show_costs(self, costs: LayerCosts | None) -> None:
        """Show what a layer costs; None shows dashes."""
        if costs is None:
            texts, tip = ("–", "", ""), "Not known: a layer before it, or this one, does not fit."
        else:
            texts = (
                written_shape(costs.output),
                f"{costs.parameters:,}" if costs.parameters < 1e7 else short_count(costs.parameters),
                short_count(costs.mult_adds) if costs.mult_adds else "",
            )
            if not costs.parameters:
                texts = (texts[0], "", texts[2])
            tip = layer_tip(costs)
        if texts != self._texts or tip != self.toolTip():
            self._texts = texts
            self.setToolTip(tip)
            self.setAccessibleName(self.text())
            self.update()

    def show_shape(self, shape: tuple[int, ...]) -> None:
        """Show a shape alone."""
        self._texts = (written_shape(shape), "", "")
        self.setAccessibleName(f"{self._texts[0]} images")
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show the output alone, where there is no room for more; the tooltip has the rest."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(OUTPUT if self._compact else NUMBERS, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.mono(12))
        x = 0
        columns = list(zip(self._texts, (OUTPUT, PARAMS, ADDS), ("ink", "muted", "muted"), strict=True))
        for text, width, token in columns[:1] if self._compact else columns:
            painter.setPen(self._theme.colour("faint" if text == "–" else token))
            painter.drawText(QRectF(x, 0, width, self.height()), _RIGHT, text)
            x += width + GAP


class ColumnHeader(QWidget):
    """The names of the columns, where the cards have them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._inset = 0
        self._compact = False
        self.setFixedHeight(18)
        self._theme.changed.connect(self.update)

    @Slot(int, bool)
    def set_inset(self, inset: int, compact: bool) -> None:
        """How much narrower the cards are than this line, and whether they show the output alone."""
        self._inset, self._compact = inset, compact
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(11))
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(QRectF(MARGIN + GRIP, 0, 200, self.height()), Qt.AlignmentFlag.AlignVCenter, "layer")
        columns = (("output", OUTPUT), ("params", PARAMS), ("mult-adds", ADDS))[: 1 if self._compact else 3]
        x = self.width() - self._inset - (MARGIN - 6) - MORE - (OUTPUT if self._compact else NUMBERS)
        for text, width in columns:
            painter.drawText(QRectF(x, 0, width, self.height()), _RIGHT, text)
            x += width + GAP


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
