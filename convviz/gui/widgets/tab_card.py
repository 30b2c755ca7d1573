"""A card with several pages, one of them visible; its first line lists them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl


class TabCard(Card):
    """Pages behind each other. If there is only one, its title is the card's.

    Attributes
    ----------
    shown : Signal()
        Another page is visible.
    """

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self.switch: SegmentedControl | None = None
        """Chooses the page; None if there is only one."""
        self.titles: list[str] = []
        self._pages = QStackedLayout()
        self.add(self._pages, 1)

    @property
    def front(self) -> QWidget | None:
        """The visible page."""
        return self._pages.currentWidget()

    def add_tab(self, title: str, page: QWidget) -> None:
        """Add a page after the others."""
        self.titles.append(title)
        self._pages.addWidget(page)
        if len(self.titles) == 1:
            self.set_title(title)
            return
        if self.switch is not None:
            self.switch.hide()
            self.switch.deleteLater()
        self.title.hide()
        self.switch = SegmentedControl(self.titles, small=True, name="Shown in this card")
        self.switch.selected.connect(self.go_to)
        self.add_first(self.switch)

    @Slot(int)
    def go_to(self, number: int) -> None:
        """Show a page."""
        self._pages.setCurrentIndex(number)
        self.setAccessibleName(self.titles[number])
        if self.switch is not None:
            self.switch.set_index(number)
        self.shown.emit()
