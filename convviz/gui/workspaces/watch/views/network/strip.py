"""The network as a row of pictures: padded input, im2col, filters, maps, scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from convviz.gui.widgets.pager import Pager
from convviz.gui.workspaces.watch.views.network.pane import PicturePane
from convviz.present.watch.network import ShownPanel

GAP = 20
LOWEST, HIGHEST = 96, 210
"""Height of the pictures in pixels if all fit side by side."""
PAGED = 112
"""Their height if not all fit and a page of whole pictures is shown."""
SPREAD = 28
"""Largest widening of the gaps on a page."""
SCORES_WIDTH = 124
NARROWEST = 84


def on_page(widths: Sequence[int], room: int, gap: int) -> int:
    """How many pictures of these widths fit side by side, from the first; at least one."""
    taken = np.cumsum([width + gap for width in widths]) - gap
    return max(1, int(np.searchsorted(taken, room, side="right")))


def last_page(widths: Sequence[int], room: int, gap: int) -> int:
    """Number of the first picture on the last page."""
    return len(widths) - min(on_page(widths[::-1], room, gap), len(widths))


class NetworkStrip(QWidget):
    """All pictures side by side, with the scores at the right; a deep network is shown in pages of whole pictures.

    Attributes
    ----------
    filterPicked : Signal(str, int)
        Layer and number.
    pictureOpened : Signal(str)
        The user wants to enlarge an array.
    hovered : Signal(str)
    fitAsked : Signal(str)
        The user wants to fit the scale with this name.
    """

    filterPicked = Signal(str, int)
    pictureOpened = Signal(str)
    hovered = Signal(str)
    fitAsked = Signal(str)

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
        self._selected = ("", -1)
        self._first = 0
        """Number of the first picture on the page."""

    def show_panels(self, panels: Sequence[ShownPanel], true_class: int, names: Sequence[str] = ()) -> None:
        """Show the pictures of a pass, the scores last."""
        relaid = len(panels) != len(self.panes)
        if relaid:
            self._make_panes(len(panels))
        for pane, shown in zip(self.panes, panels, strict=True):
            old, panel = pane.panel, shown.panel
            relaid = relaid or old is None or (old.array.shape, old.title) != (panel.array.shape, panel.title)
            pane.show_panel(shown, true_class, names)
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
            pane.scale.fitAsked.connect(self.fitAsked)
            self.panes.append(pane)
        for pane in self.panes[:-1]:
            self._row.addWidget(pane)
        if self.panes:
            self._last.addWidget(self.panes[-1])

    def _lay_out(self) -> None:
        """Give all pictures the largest height at which they fit side by side; else show a page of them."""
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
        """Turn a page: the next one starts after the last visible picture, the previous one ends before the first."""
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
