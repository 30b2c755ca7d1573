"""The network as a row of pictures: padded input, im2col, filters, maps, scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Heading
from convviz.gui.widgets.marks import Mark
from convviz.gui.widgets.pager import Pager
from convviz.gui.widgets.score_bars import ScoreBars
from convviz.present.scales import HeldScales
from convviz.present.watch import Panel

GAP = 20
LOWEST, HIGHEST = 96, 210
"""Height of the pictures, in pixels, where they fit side by side."""
PAGED = 112
"""Their height where not all fit: a page of whole pictures is shown."""
SPREAD = 28
"""How much wider than usual the gaps of a page may be."""
HEAD_GAP = 8
"""Between a title and its caption, in pixels."""
SCORES_WIDTH = 124
NARROWEST = 84
WIDE = 3
"""A matrix more than so many times as wide as high is stretched into a square."""


class PicturePane(QWidget):
    """One picture of the strip with its title and scale.

    Attributes
    ----------
    tilePicked : Signal(int)
        A filter or map was clicked.
    opened : Signal(str)
        The picture was double-clicked (or clicked where it has no tiles): show it large.
    hovered : Signal(str)
        What is under the pointer, in words; empty when nothing is.
    """

    tilePicked = Signal(int)
    opened = Signal(str)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel: Panel | None = None
        self._head: tuple[str, str, int] | None = None
        """Title and caption that stand above the picture, and the width they were fitted to."""
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

    def show_panel(self, panel: Panel, scales: HeldScales, true_class: int, names: Sequence[str]) -> None:
        """Show a picture."""
        before, self.panel = self.panel, panel
        self._tell_head()
        is_scores = panel.form == "scores"
        if before is None or before.form != panel.form:
            self.view.setVisible(not is_scores)
            self.scale.setVisible(not is_scores)
            self.bars.setVisible(is_scores)
        if not is_scores and (before is None or before.about != panel.about):
            self.setToolTip(panel.about)
        if is_scores:
            self.bars.set_scores(panel.array, names, true_class)
            return
        end = panel.fixed if panel.fixed is not None else scales.end(panel.name, panel.array)
        maps = panel.form == "maps"
        self.view.set_aspect("square" if maps or panel.array.shape[1] <= WIDE * panel.array.shape[0] else "free")
        columns = tile_columns(*panel.array.shape) if maps else None
        self.view.set_picture(panel.array, panel.role, end, name=panel.name, columns=columns, gap=1 if maps else None)
        self.scale.show_end(panel.role, end, panel.name, scales if panel.fixed is None else None)

    def mark(self, number: int | None) -> None:
        """Outline a tile; None takes the outline away."""
        if number != self._marked:
            self._marked = number
            self.view.set_marks([] if number is None else [Mark.whole_tile(number)])

    @property
    def ratio(self) -> float:
        """Width of the picture over its height; 0 where it has no shape of its own."""
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
        """Give the picture its place."""
        self.setFixedWidth(width)
        self._tell_head()
        self.view.setFixedSize(width, height)
        self.bars.setFixedSize(width, height + self.scale.sizeHint().height() + 6)

    def _tell_head(self) -> None:
        """Title and caption, each in the longest form in which both fit side by side; no word is cut."""
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
        """Pixels that title and caption need side by side, both in short."""
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
    """``16 maps 24×24`` without its number, which can be counted."""
    return caption.rpartition(" maps ")[2]


def tile_columns(tiles: int, height: int, width: int) -> int:
    """Maps in a row so that the block is about square."""
    best = round(np.sqrt(tiles * (height + 1) / (width + 1)))
    return int(min(max(best, 1), tiles))


def on_page(widths: Sequence[int], room: int, gap: int) -> int:
    """How many of the first so wide fit side by side; at least one."""
    taken = np.cumsum([width + gap for width in widths]) - gap
    return max(1, int(np.searchsorted(taken, room, side="right")))


def last_page(widths: Sequence[int], room: int, gap: int) -> int:
    """Where the page begins that ends with the last."""
    return len(widths) - min(on_page(widths[::-1], room, gap), len(widths))


class NetworkStrip(QWidget):
    """All pictures side by side and the scores at the right; of a deep network a page of whole pictures at a time.

    Attributes
    ----------
    filterPicked : Signal(str, int)
        Layer and number.
    pictureOpened : Signal(str)
        Array to be shown large.
    hovered : Signal(str)
    fitted : Signal()
        The user fitted a scale: what shares it has to be drawn anew.
    """

    filterPicked = Signal(str, int)
    pictureOpened = Signal(str)
    hovered = Signal(str)
    fitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self.pager = Pager("pictures")
        self.pager.moved.connect(self._page)
        self._last = QHBoxLayout()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GAP)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self.pager)
        outer.addLayout(self._last)
        self.panes: list[PicturePane] = []
        self.scales = HeldScales()
        self._selected = ("", -1)
        self._first = 0
        """Picture that the page begins with."""

    def show_panels(self, panels: Sequence[Panel], true_class: int, names: Sequence[str] = ()) -> None:
        """Show the pictures of a pass, the scores last."""
        relaid = len(panels) != len(self.panes)
        if relaid:
            self._make_panes(len(panels))
        for pane, panel in zip(self.panes, panels, strict=True):
            old = pane.panel
            relaid = relaid or old is None or (old.array.shape, old.title) != (panel.array.shape, panel.title)
            pane.show_panel(panel, self.scales, true_class, names)
        if relaid:
            self._lay_out()
        self._mark()

    def select(self, layer: str, number: int) -> None:
        """Outline a filter in every picture that shows it."""
        if (layer, number) != self._selected:
            self._selected = (layer, number)
            self._mark()

    def pane(self, name: str) -> PicturePane | None:
        """The pane of an array."""
        return next((pane for pane in self.panes if pane.panel is not None and pane.panel.name == name), None)

    def sizeHint(self) -> QSize:
        return QSize(900, 230)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, LOWEST + PicturePane.head_height())

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _make_panes(self, count: int) -> None:
        while len(self.panes) > count:
            pane = self.panes.pop()
            pane.setParent(None)
            pane.deleteLater()
        while len(self.panes) < count:
            pane = PicturePane()
            pane.tilePicked.connect(self._tile_picked)
            pane.opened.connect(self.pictureOpened)
            pane.hovered.connect(self.hovered)
            pane.scale.fitted.connect(self.fitted)
            self.panes.append(pane)
        for pane in self.panes[:-1]:
            self._row.addWidget(pane)
        if self.panes:
            self._last.addWidget(self.panes[-1])

    def _lay_out(self) -> None:
        """All pictures get one height: the largest at which they fit side by side; else a page of them is shown."""
        if not self.panes:
            return
        pictures, scores = self.panes[:-1], self.panes[-1]
        room = self.width() - SCORES_WIDTH - GAP * len(pictures)
        ratios = [pane.ratio for pane in pictures]
        height = int(min(room / max(sum(ratios), 0.1), HIGHEST))
        fits = height >= LOWEST
        if not fits:
            height = PAGED
        widths = [
            max(int(height * ratio), pane.title_width() if not fits else NARROWEST)
            for pane, ratio in zip(pictures, ratios, strict=True)
        ]
        page = range(len(pictures))
        gap, spare = GAP, max(0, room - sum(widths)) if fits else 0
        if not fits:
            room = self.width() - SCORES_WIDTH - self.pager.minimumWidth() - 2 * GAP
            self._first = min(self._first, last_page(widths, room, GAP))
            page = range(self._first, self._first + on_page(widths[self._first :], room, GAP))
            left = room - sum(widths[page.start : page.stop]) - GAP * (len(page) - 1)
            gap += min(max(0, left) // max(len(page) - 1, 1), SPREAD)
            spare = max(0, left - (gap - GAP) * (len(page) - 1))
        self._row.setSpacing(gap)
        self.pager.setVisible(not fits)
        self.pager.tell(page.start, page.stop, len(pictures))
        for number, (pane, width) in enumerate(zip(pictures, widths, strict=True)):
            pane.setVisible(number in page)
            pane.set_picture_size(width, height)
        scores.setVisible(True)
        scores.set_picture_size(SCORES_WIDTH + min(spare, 160), height)
        self.setFixedHeight(height + PicturePane.head_height())

    def _page(self, way: int) -> None:
        """Turn a page: the picture after the last in sight comes first, or the one before the first comes last."""
        shown = [number for number, pane in enumerate(self.panes[:-1]) if not pane.isHidden()]
        if not shown:
            return
        widths = [pane.width() for pane in self.panes[:-1]]
        room = self.width() - SCORES_WIDTH - self.pager.minimumWidth() - 2 * GAP
        if way > 0:
            self._first = shown[-1] + 1
        else:
            self._first = last_page(widths[: self._first], room, GAP) if self._first else 0
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.pager.isHidden():
            super().wheelEvent(event)
            return
        turned = event.angleDelta().x() or event.angleDelta().y()
        if turned:
            self._first = max(0, self._first + (1 if turned < 0 else -1))
            self._lay_out()
        event.accept()

    def _mark(self) -> None:
        layer, number = self._selected
        for pane in self.panes:
            if pane.panel is not None and pane.panel.form == "maps":
                own = pane.panel.filters == layer and number < len(pane.panel.array)
                pane.mark(number if own else None)

    def _tile_picked(self, tile: int) -> None:
        pane = self.sender()
        if isinstance(pane, PicturePane) and pane.panel is not None:
            if pane.panel.filters:
                self.filterPicked.emit(pane.panel.filters, tile)
            else:
                self.pictureOpened.emit(pane.panel.name)
