"""Shows the debugger's place: has its pictures made and passes them to the views."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.gui.workspaces.step.pictures import Pictures, place_of
from convviz.present.step.pane import Scene
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
        self.scene: Scene | None = None
        self._pictures = Pictures(debugger, views.scale.scales, source)
        self._cell: CellPicture | None = None

    def show(self, offer: Offer) -> None:
        """Show the step, then its cell."""
        picture = self._pictures.of_step(offer)
        self.scene = picture.scene
        self._views.panes.forget_pointer()  # the chosen cell is explained until the pointer moves on
        self._views.show_step(picture)
        self.show_cell()

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
