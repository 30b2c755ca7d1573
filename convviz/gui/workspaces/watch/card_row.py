"""The cards under the map: side by side if there is room; otherwise the first ones share a place, with tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.fields.segmented import SegmentedControl

GAP = 12
"""Space between two cards, in pixels."""
TABS = 34
"""Height of the tabs above cards that share a place, in pixels."""


def shared(widths: Sequence[int], room: int, gap: int = GAP) -> int:
    """Count the first cards that must share one place for all places to fit side by side.

    Parameters
    ----------
    widths : sequence of int
        Smallest width of each card, in pixels.
    room : int
        Width of the row.
    gap : int
        Pixels between two places.

    Returns
    -------
    int
        At least 1 (no card shares); the number of cards if nothing else fits.
    """
    for count in range(1, len(widths)):
        places = [max(widths[:count]), *widths[count:]]
        if sum(places) + gap * (len(places) - 1) <= room:
            return count
    return len(widths)


class CardRow(QWidget):
    """Lays out cards according to the available width.

    Parameters
    ----------
    cards : sequence of (str, QWidget, int)
        Title on the tab, card, and smallest width in pixels.

    Attributes
    ----------
    tabbed : Signal()
        Cards share a place, and there are other tabs to choose between them.
    shown : Signal()
        Another card came into sight.
    """

    shown = Signal()
    tabbed = Signal()

    def __init__(self, cards: Sequence[tuple[str, QWidget, int]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.titles = tuple(title for title, _, _ in cards)
        self.cards = tuple(card for _, card, _ in cards)
        self._widths = tuple(width for _, _, width in cards)
        self._shared = 0
        self._front = 0
        """Number of the card in sight, among those that share a place."""
        self.switch: SegmentedControl | None = None
        """The tabs; None while every card has its own place."""
        for card in self.cards:
            card.setParent(self)
            card.installEventFilter(self)

    @property
    def in_sight(self) -> tuple[QWidget, ...]:
        """The cards that are not hidden behind another."""
        return tuple(card for number, card in enumerate(self.cards) if self._is_in_sight(number))

    def go_to(self, title: str) -> None:
        """Bring a card into sight."""
        number = self.titles.index(title)
        if number < self._shared:
            self._front = number
            if self.switch is not None:
                self.switch.set_index(number)
            self._lay_out()
            self.updateGeometry()
            self.shown.emit()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths) + GAP * (len(self._widths) - 1), self.minimumSizeHint().height() + 120)

    def minimumSizeHint(self) -> QSize:
        tabs = TABS if self._shared > 1 else 0
        heights = [
            card.minimumSizeHint().height() + (tabs if number < self._shared else 0)
            for number, card in enumerate(self.cards)
            if self._is_in_sight(number)
        ]
        return QSize(max(self._widths, default=0), max(heights, default=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False

    def _is_in_sight(self, number: int) -> bool:
        return number >= self._shared or number == self._front

    def _lay_out(self) -> None:
        if not self.cards:
            return
        before, count = self._shared, shared(self._widths, self.width())
        if count != before:
            self._share(count)
        widths = [max(self._widths[:count]), *self._widths[count:]]
        spare = self.width() - sum(widths) - GAP * (len(widths) - 1)
        wanted = sum(widths)
        x, top = 0, TABS if count > 1 else 0
        if self.switch is not None:
            self.switch.move(0, 0)
        for place, width in enumerate(widths):
            given = self.width() - x if place == len(widths) - 1 else width + spare * width // wanted
            number = self._front if place == 0 else count + place - 1
            above = top if place == 0 else 0
            self.cards[number].setGeometry(QRect(x, above, max(given, 1), max(1, self.height() - above)))
            x += given + GAP
        for number, card in enumerate(self.cards):
            card.setVisible(self._is_in_sight(number))
        if count != before:
            self.updateGeometry()
            self.shown.emit()

    def _share(self, count: int) -> None:
        self._shared = count
        self._front = min(self._front, count - 1)
        if self.switch is not None:
            self.switch.hide()
            self.switch.deleteLater()
            self.switch = None
        if count > 1:
            self.switch = SegmentedControl(self.titles[:count], self, small=True, name="Shown in this place")
            self.switch.selected.connect(lambda number: self.go_to(self.titles[number]))
            self.switch.set_index(self._front)
            self.switch.adjustSize()
            self.switch.show()
        self.tabbed.emit()
