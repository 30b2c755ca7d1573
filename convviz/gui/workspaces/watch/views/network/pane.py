"""One picture of the network: its title, the array in colours, its scale; or the scores as bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.layout import tile_columns
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Heading
from convviz.gui.widgets.marks import Mark
from convviz.gui.widgets.score_bars import ScoreBars
from convviz.present.watch.network import ShownPanel
from convviz.present.watch.panels import Panel

HEAD_GAP = 8
"""Gap between a title and its caption, in pixels."""
WIDE = 3
"""A matrix with a larger ratio of width to height is stretched into a square."""


class PicturePane(QWidget):
    """One picture of the strip with its title and scale.

    Attributes
    ----------
    tilePicked : Signal(int)
        A filter or map was clicked.
    opened : Signal(str)
        The picture was double-clicked (or clicked, if it has no tiles): enlarge it.
    hovered : Signal(str)
        Text about the thing under the pointer; empty if there is none.
    """

    tilePicked = Signal(int)
    opened = Signal(str)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel: Panel | None = None
        self._head: tuple[str, str, int] | None = None
        """Title and caption above the picture, and the width they were fitted to."""
        self._marked: int | None = None
        self.title = Heading(level=3)
        self.caption = FittingLabel(align=Qt.AlignmentFlag.AlignRight)
        self.view = ArrayView(interactive=False, place=(0.0, 0.0), numbers=False, grid=False)
        self.scale = HeldScale(length=150)
        self.bars = ScoreBars(row_height=16)
        for changing in (self.view, self.bars, self.caption):
            Ground(changing)
        head = QHBoxLayout()
        head.setSpacing(HEAD_GAP)
        head.addWidget(self.title)
        head.addWidget(self.caption, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.view)
        layout.addWidget(self.scale)
        layout.addWidget(self.bars)
        layout.addStretch()
        self.view.tilePicked.connect(self._picked)
        self.view.cellOpened.connect(self._opened)
        self.view.cellHovered.connect(self._hovered)
        self.view.cellLeft.connect(self._left)

    def show_panel(self, shown: ShownPanel, true_class: int, names: Sequence[str]) -> None:
        """Show a picture, or the scores of an image of this class."""
        panel, end = shown.panel, shown.end
        before, self.panel = self.panel, panel
        self._show_head()
        is_scores = end is None
        if before is None or before.form != panel.form:
            self.view.setVisible(not is_scores)
            self.scale.setVisible(not is_scores)
            self.bars.setVisible(is_scores)
        if not is_scores and (before is None or before.about != panel.about):
            self.setToolTip(panel.about)
        if end is None:
            self.bars.set_scores(panel.array, names, true_class)
            return
        maps = panel.form == "maps"
        self.view.set_aspect("square" if maps or panel.array.shape[1] <= WIDE * panel.array.shape[0] else "free")
        self.view.set_picture(panel.array, panel.role, end.value, name=panel.name, gap=1 if maps else None)
        self.scale.show_end(panel.role, end)

    def mark(self, number: int | None) -> None:
        """Outline a tile; None removes the outline."""
        if number != self._marked:
            self._marked = number
            self.view.set_marks([] if number is None else [Mark.whole_tile(number)])

    @property
    def ratio(self) -> float:
        """Ratio of the picture's width to its height; 0 if any shape will do."""
        panel = self.panel
        if panel is None or panel.form == "scores":
            return 0.0
        if panel.form == "matrix":
            h, w = panel.array.shape
            return 1.0 if w > WIDE * h else w / h
        tiles, h, w = panel.array.shape
        columns = tile_columns(tiles, h, w)
        return columns * (w + 1) / (-(-tiles // columns) * (h + 1))

    def set_picture_size(self, width: int, height: int) -> None:
        """Set the size of the picture."""
        self.setFixedWidth(width)
        self._show_head()
        self.view.setFixedSize(width, height)
        self.bars.setFixedSize(width, height + self.scale.sizeHint().height() + 6)

    def _show_head(self) -> None:
        """Show title and caption in their longest forms that fit side by side; no word is cut."""
        if self.panel is None:
            return
        title = self.panel.title
        caption = self.panel.caption
        head = (title, caption, self.width())
        if head == self._head:
            return
        self._head = head
        for words, said in ((title, caption), (short(title), caption), (short(title), brief(caption))):
            if self._needed(words, said) <= self.width():
                break
        if self.title.text() != words:
            self.title.setText(words)
        self.caption.set_texts((said,), caption if said != caption else "")

    def _needed(self, title: str, caption: str) -> int:
        metrics = self.title.fontMetrics(), self.caption.fontMetrics()
        return metrics[0].horizontalAdvance(title) + HEAD_GAP + metrics[1].horizontalAdvance(caption) + 2

    def title_width(self) -> int:
        """Pixels that the short forms of title and caption need side by side."""
        return self._needed(short(self.panel.title), brief(self.panel.caption)) if self.panel is not None else 0

    @staticmethod
    def head_height() -> int:
        """Pixels above and below the picture: title, scale and the gaps between them."""
        return 50

    def _picked(self, tile: int) -> None:
        if self.panel is None:
            return
        if self.panel.filters or self.panel.form == "maps":
            self.tilePicked.emit(tile)
        else:
            self.opened.emit(self.panel.name)

    def _opened(self, _index: tuple) -> None:
        if self.panel is not None:
            self.opened.emit(self.panel.name)

    def _hovered(self, index: tuple) -> None:
        if self.panel is not None:
            value = self.panel.array[index] if len(index) == np.ndim(self.panel.array) else None
            if value is not None:
                self.hovered.emit(f"{self.panel.name}[{', '.join(map(str, index))}] = {value!s}")

    def _left(self) -> None:
        self.hovered.emit("")


def short(title: str) -> str:
    """``a = ReLU(z)`` without its formula."""
    return title.partition(" = ")[0]


def brief(caption: str) -> str:
    """``16 maps 24×24`` without the number of maps, which can be counted in the picture."""
    return caption.rpartition(" maps ")[2]
