"""Follows the pointer: explains the cell under it and, once it rests, scrolls the linked cells into sight."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.arrays import Index
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.player import Player
from convviz.gui.workspaces.step.screen import Screen
from convviz.present.step.terms import Part

REST = 150
"""Milliseconds that the pointer must rest on a cell before panes scroll to the cells linked with it."""


class Pointer(QObject):
    """Follows the pointer over panes and equation.

    Parameters
    ----------
    parent : QObject
    views : Views
    player : Player
        While it plays, the pointer explains nothing.

    Attributes
    ----------
    moved : Signal()
        Another cell is explained.
    """

    moved = Signal()

    def __init__(self, parent: QObject, views: Views, player: Player) -> None:
        super().__init__(parent)
        self._screen: Screen | None = None
        self._player = player
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST)
        self._resting.timeout.connect(self._rested)
        views.panes.cellHovered.connect(self._hovered)
        views.panes.cellLeft.connect(self._left)
        views.equation.partHovered.connect(self._part_hovered)
        views.equation.partLeft.connect(self._part_left)

    def set_screen(self, screen: Screen) -> None:
        """Explain the cells of another pass from now on."""
        self._screen = screen

    def stop(self) -> None:
        """Cancel a pending scroll to linked cells."""
        self._resting.stop()

    def _hovered(self, name: str, index: Index) -> None:
        screen = self._screen
        if screen is not None and not self._player.playing and screen.debugger.has(name, tuple(index)):
            self._explain(screen, Cell(name, tuple(index)))
            self._resting.start()

    def _left(self) -> None:
        if self._screen is not None and self._screen.debugger.hovered is not None:
            self._explain(self._screen, None)

    def _explain(self, screen: Screen, cell: Cell | None) -> None:
        screen.debugger.hovered = cell
        screen.show_cell()
        self.moved.emit()

    def _rested(self) -> None:
        if self._screen is not None:
            self._screen.reveal_linked()

    def _part_hovered(self, part: Part) -> None:
        if self._screen is not None:
            self._screen.point_out(Cell(part.name, part.index))

    def _part_left(self) -> None:
        if self._screen is not None:
            self._screen.point_out(None)
