"""The panes of a step, in rows."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.gui.workspaces.step.pane_card import PaneCard
from convviz.present.step.pane import Scene

GAP = 12
LOWEST = 66
LOW_ROW = 190
"""Rows of a few numbers are not made higher than this."""


class PaneGrid(QWidget):
    """Lays cards out in rows. Cards are kept from step to step, so that a step makes no widgets.

    Attributes
    ----------
    cellHovered, cellPicked : Signal(str, tuple)
        Array name and logical index.
    cellLeft : Signal()
    cellPainted : Signal(str, tuple, int, bool)
        Array, index, number of the stroke, whether it rubs out.
    """

    cellHovered = Signal(str, tuple)
    cellPicked = Signal(str, tuple)
    cellLeft = Signal()
    cellPainted = Signal(str, tuple, int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[PaneCard] = []
        self._scene: Scene | None = None

    @property
    def cards(self) -> tuple[PaneCard, ...]:
        """The cards in use, in the order of the scene's panes."""
        return tuple(self._cards[: len(self._scene.panes)]) if self._scene is not None else ()

    def set_scene(self, scene: Scene) -> tuple[PaneCard, ...]:
        """Make room for the panes of a scene; returns a card for each."""
        while len(self._cards) < len(scene.panes):
            card = PaneCard(self)
            card.cellHovered.connect(self.cellHovered)
            card.cellPicked.connect(self.cellPicked)
            card.cellLeft.connect(self.cellLeft)
            card.cellPainted.connect(self.cellPainted)
            self._cards.append(card)
        self._scene = scene
        self._lay_out()
        for number, card in enumerate(self._cards):
            card.setVisible(number < len(scene.panes))
        return self.cards

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        scene = self._scene
        if scene is None:
            return
        rows: dict[int, list[int]] = {}
        for number, pane in enumerate(scene.panes):
            rows.setdefault(pane.row, []).append(number)
        heights = self._heights(scene)
        top = 0
        for row, numbers in sorted(rows.items()):
            left = 0
            room = self.width() - GAP * (len(numbers) - 1)
            total = sum(scene.panes[n].width for n in numbers)
            for place, number in enumerate(numbers):
                wide = round(room * scene.panes[number].width / total)
                if place == len(numbers) - 1:
                    wide = self.width() - left
                self._cards[number].setGeometry(QRect(left, top, max(1, wide), heights[row]))
                left += wide + GAP
            top += heights[row] + GAP

    def _heights(self, scene: Scene) -> list[int]:
        room = self.height() - GAP * (len(scene.heights) - 1)
        if scene.low:
            room = min(room, LOW_ROW * len(scene.heights))
        total = sum(scene.heights)
        heights = [max(LOWEST, round(room * share / total)) for share in scene.heights]
        over = sum(heights) - room
        if over > 0 and heights:
            largest = heights.index(max(heights))
            heights[largest] = max(LOWEST, heights[largest] - over)
        return heights
