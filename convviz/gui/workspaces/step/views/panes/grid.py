"""The panes of a step, in rows."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QSize, Signal
from PySide6.QtGui import QEnterEvent, QHideEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.array.numbers import MIN_WIDTH
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import CellPicture, StepPicture
from convviz.gui.workspaces.step.views.panes.card import CHROME, MARGIN, PaneCard
from convviz.present.step.pane import Pane, Scene

GAP = 12
LOWEST = 66
LOW_ROW = 190
"""Largest height in pixels of a row in a scene of few numbers."""
FEW = 9
"""Largest number of rows and columns of a picture whose numbers should be readable: a filter, a window."""
READABLE = MIN_WIDTH + 2
"""Smallest size in pixels for cells whose numbers should be readable."""
GIVES = 132, 140
"""Smallest height of a row and width of a pane, in pixels, that may give room to a readable picture."""
SCALAR = 0.42
"""Share of a row's width for a column of single numbers beside pictures."""


class PaneGrid(QWidget):
    """Lays cards out in rows. Cards are kept from step to step, so that a step makes no widgets.

    Attributes
    ----------
    cellHovered, cellPicked : Signal(str, tuple)
        Array name and logical index.
    cellLeft : Signal()
    cellPainted : Signal(str, tuple, int, bool)
        Array, index, number of the stroke, whether it rubs out.
    scaleAsked : Signal()
        A colour scale was clicked.
    cardsMade : Signal()
        There are more cards than before.
    pointerEntered, pointerLeft : Signal()
        The pointer entered or left the pictures and the space between them.
    """

    cellHovered = Signal(str, tuple)
    cellPicked = Signal(str, tuple)
    cellLeft = Signal()
    cellPainted = Signal(str, tuple, int, bool)
    scaleAsked = Signal()
    cardsMade = Signal()
    pointerEntered = Signal()
    pointerLeft = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[PaneCard] = []
        self._scene: Scene | None = None

    @property
    def cards(self) -> tuple[PaneCard, ...]:
        """The cards in use, in the order of the scene's panes."""
        return tuple(self._cards[: len(self._scene.panes)]) if self._scene is not None else ()

    def set_scene(self, scene: Scene) -> tuple[PaneCard, ...]:
        """Lay out cards for the panes of a scene, and return one for each pane."""
        before = len(self._cards)
        while len(self._cards) < len(scene.panes):
            card = PaneCard(self)
            card.cellHovered.connect(self.cellHovered)
            card.cellPicked.connect(self.cellPicked)
            card.cellLeft.connect(self.cellLeft)
            card.cellPainted.connect(self.cellPainted)
            card.scaleAsked.connect(self.scaleAsked)
            self._cards.append(card)
        if len(self._cards) > before:
            self.cardsMade.emit()
        self._scene = scene
        self._lay_out()
        for number, card in enumerate(self._cards):
            card.setVisible(number < len(scene.panes))
        return self.cards

    def show_step(self, picture: StepPicture) -> None:
        """Show the panes of another step."""
        for card, pane in zip(self.set_scene(picture.scene), picture.scene.panes, strict=True):
            card.draw(pane, picture.draw(pane))

    def show_cell(self, picture: CellPicture) -> None:
        """Mark in every pane the cells linked with another one and, unless it is hovered, scroll them into sight."""
        for card, shown in zip(self.cards, picture.panes, strict=True):
            if card.pane != shown.pane:
                card.draw(shown.pane, picture.draw(shown.pane))
            card.set_marks(list(shown.marks), False)
            if shown.words:
                card.set_words(shown.words)
            card.set_linked_columns(() if shown.place is None else (shown.place[2],))
            if shown.place is not None and not picture.is_hovered:
                card.reveal(shown.place)

    def reveal_linked(self, picture: CellPicture, array: str) -> None:
        """Scroll linked cells into sight, except in the panes of ``array``: the pointer is over one of them."""
        for card, shown in zip(self.cards, picture.panes, strict=True):
            if shown.pane.array != array and shown.place is not None:
                card.reveal(shown.place)

    def forget_pointer(self) -> None:
        """Point at no cell until the pointer moves again."""
        for card in self._cards:
            card.view.forget_pointer()

    def point_out(self, places: Mapping[int, tuple[int, int, int]]) -> None:
        """Outline cells: ``places`` has tile, row and column by number of the pane. The other panes outline none."""
        for number, card in enumerate(self._cards):
            card.view.point_out(places.get(number))

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._look_again()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointerEntered.emit()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointerLeft.emit()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.pointerLeft.emit()
        super().hideEvent(event)

    def _look_again(self) -> None:
        for card in self.cards:
            card.view.look_again()

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
            columns = in_columns(scene, numbers)
            left = 0
            for column, wide in zip(columns, self._widths(scene, columns, heights[row]), strict=True):
                above = top
                for place, number in enumerate(column):
                    high = (heights[row] - GAP * (len(column) - 1)) // len(column)
                    if place == len(column) - 1:
                        high = top + heights[row] - above
                    self._cards[number].setGeometry(QRect(left, above, max(1, wide), max(1, high)))
                    above += high + GAP
                left += wide + GAP
            top += heights[row] + GAP
        self._look_again()

    def _widths(self, scene: Scene, columns: list[list[int]], height: int) -> list[int]:
        room = self.width() - GAP * (len(columns) - 1)
        stacked = len(columns) > 1 and any(scene.panes[n].view.size > 1 for column in columns for n in column)
        shares = [
            SCALAR if stacked and scene.panes[column[0]].view.size == 1 else scene.panes[column[0]].width
            for column in columns
        ]
        widths = [round(room * share / sum(shares)) for share in shares]
        widths[-1] += room - sum(widths)
        for place, column in enumerate(columns):
            pane = scene.panes[column[0]]
            if not is_readable(pane):
                continue
            cell = max(READABLE, min((height - CHROME) / pane.view.fold[1], 1.5 * READABLE))
            wanted = round(pane.view.fold[2] * cell) + 2 * MARGIN + 2
            _give(widths, place, wanted, GIVES[1], [is_readable(scene.panes[one[0]]) for one in columns])
        return widths

    def _heights(self, scene: Scene) -> list[int]:
        room = self.height() - GAP * (len(scene.heights) - 1)
        if scene.low:
            room = min(room, LOW_ROW * len(scene.heights))
        total = sum(scene.heights)
        lowest = min(LOWEST, room // len(scene.heights))
        heights = [max(lowest, round(room * share / total)) for share in scene.heights]
        over = sum(heights) - room
        while over > 0 and max(heights) > lowest:
            largest = heights.index(max(heights))
            taken = min(over, heights[largest] - lowest)
            heights[largest] -= taken
            over -= taken
        wishes = [0] * len(heights)
        for pane in scene.panes:
            if is_readable(pane):
                wishes[pane.row] = max(wishes[pane.row], round(pane.view.fold[1] * READABLE) + CHROME)
        for row, wanted in enumerate(wishes):
            _give(heights, row, wanted, GIVES[0], [bool(wish) for wish in wishes])
        return heights


def in_columns(scene: Scene, numbers: list[int]) -> list[list[int]]:
    """The panes of a row by column; beside pictures, single numbers are stacked in one column."""
    columns: list[list[int]] = []
    pictures = any(scene.panes[n].view.size > 1 for n in numbers)
    for number in numbers:
        single = scene.panes[number].view.size == 1
        if pictures and single and columns and scene.panes[columns[-1][-1]].view.size == 1:
            columns[-1].append(number)
        else:
            columns.append([number])
    return columns


def is_readable(pane: Pane) -> bool:
    """Whether a pane shows so few cells that their numbers should be readable."""
    tiles, rows, columns = pane.view.fold
    return tiles == 1 and 1 < rows <= FEW and columns <= FEW and not pane.free


def _give(sizes: list[int], place: int, wanted: int, least: int, spared: list[bool]) -> None:
    """Grow one size towards ``wanted`` at the expense of the others, largest first; spared ones give nothing."""
    givers = sorted((i for i in range(len(sizes)) if i != place and not spared[i]), key=lambda i: -sizes[i])
    for giver in givers:
        given = min(wanted - sizes[place], sizes[giver] - least)
        if given > 0:
            sizes[place] += given
            sizes[giver] -= given


if __name__ == "__main__":
    run_view(PaneGrid)
