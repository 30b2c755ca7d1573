"""A card with several pages, one of them in sight; the first line says which there are."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl


class TabCard(QWidget):
    """Pages behind each other. With a single one its title is that of the card.

    Attributes
    ----------
    shown : Signal()
        The user chose another page.
    """

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = Card()
        self.switch: SegmentedControl | None = None
        """Chooses the page; None with a single one."""
        self.titles: list[str] = []
        self._head = QHBoxLayout()
        self._pages = QStackedLayout()
        self.card.add(self._head)
        self.card.add(self._pages, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)

    @property
    def front(self) -> QWidget | None:
        """The page in sight."""
        return self._pages.currentWidget()

    def add_tab(self, title: str, page: QWidget) -> None:
        """Add a page behind the others."""
        self.titles.append(title)
        self._pages.addWidget(page)
        self.card.setAccessibleName(self.titles[0])
        if len(self.titles) == 1:
            self.card.set_title(title)
            return
        self.card.set_title("")
        if self.switch is not None:
            self._head.removeWidget(self.switch)
            self.switch.deleteLater()
        self.switch = SegmentedControl(self.titles, small=True, name="Shown in this card")
        self.switch.selected.connect(self.go_to)
        self._head.insertWidget(0, self.switch)
        self._head.addStretch()

    @Slot(int)
    def go_to(self, number: int) -> None:
        """Show a page."""
        self._pages.setCurrentIndex(number)
        if self.switch is not None:
            self.switch.set_index(number)
        self.card.setAccessibleName(self.titles[number])
        self.shown.emit()
