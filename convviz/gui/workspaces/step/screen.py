"""Shows the debugger's place: has its pictures made and passes them to the views."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint

from convviz.gui.widgets.turns import paint_apart
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.gui.workspaces.step.pictures import Pictures, place_of
from convviz.present.step.facts import status
from convviz.present.step.pane import Scene
from convviz.present.step.pass_words import changes_of_yours, images_of, weights_of
from convviz.training.pass_source import PassSource


class Screen:
    """Shows a place in a pass in the views.

    Parameters
    ----------
    views : Views
    debugger : Debugger
    source : PassSource
        The source of the pass.
    """

    def __init__(self, views: Views, debugger: Debugger, source: PassSource) -> None:
        self._views = views
        self.debugger = debugger
        self._source = source
        self._is_changing = False
        """Whether the views are about to show another place: until they do, nothing of it is painted."""
        self.scene: Scene | None = None
        self._pictures = Pictures(debugger, views.scale.scales, source)
        self._cell: CellPicture | None = None

    def show(self, offer: Offer) -> Iterator[None]:
        """Show the step, then its cell, with pauses between; all of it is painted at once, in the turn after that."""
        picture = self._pictures.of_step(offer)
        self._is_changing = True
        paint_apart(self._views.panes, still=lambda: self._is_changing)
        try:
            yield
            self.scene = picture.scene
            self._views.panes.forget_pointer()  # the chosen cell is explained until the pointer moves on
            self._views.show_step(picture)
            yield
            self._cell = self._pictures.of_cell(picture.scene)
            yield
            self._views.show_cell(self._cell)
        finally:
            self._is_changing = False

    def status(self, offer: Offer) -> str:
        """The line that names exactly what is shown."""
        debugger, source = self.debugger, self._source
        cell, edits = debugger.cell(), debugger.run.edits
        weights = offer.where if offer.is_edited else weights_of(source, offer.where)
        weights += f" · {changes_of_yours(len(edits))}" if edits else ""
        images = images_of(source, debugger.selection.sample)
        return status(cell.name, cell.index, images, weights, self._views.scale.scales.words)

    def show_cell(self) -> None:
        """Show the explained cell."""
        if self.scene is not None:
            self._cell = self._pictures.of_cell(self.scene)
            self._views.show_cell(self._cell)

    def settle(self) -> None:
        """Show the origins of the number, which are slow to find and can wait until the user pauses."""
        self._views.show_way(self._pictures.of_way())

    def reveal_linked(self) -> None:
        """Scroll the cells linked with the hovered one into sight; the pane under the pointer stays as it is."""
        if self._cell is not None and self.debugger.hovered is not None:
            self._views.panes.reveal_linked(self._cell, self.debugger.hovered.name)

    def anchor(self, cell: Cell) -> QPoint | None:
        """The lower left corner of a cell in global coordinates; None if it is out of sight."""
        for card in self._views.panes.cards:
            place = None if card.pane is None else place_of(card.pane, cell)
            if place is not None:
                return card.view.mapToGlobal(card.view.rect_of(place).bottomLeft())
        return None

    def point_out(self, cell: Cell | None) -> None:
        """Outline this cell, and no other, in every pane that shows it; None outlines nothing."""
        found = {}
        for number, card in enumerate(self._views.panes.cards):
            place = None if card.pane is None or cell is None else place_of(card.pane, cell)
            if place is not None:
                found[number] = place
        self._views.panes.point_out(found)
