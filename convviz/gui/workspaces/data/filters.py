"""What the grid shows: which split, only the wrong ones, in which order, how large."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.data.chips import Chip
from convviz.present.data_set import SIDE

SPLITS = {"training": "Training", "test": "Test", "drawings": "My drawings"}
TIPS = {
    "training": "Images that the network is trained on (T)",
    "test": "Images that it is not trained on (T)",
    "drawings": "Images that you have drawn or pasted",
}
SIDES = (28, 56, 112)
WIDE = 640
"""Least width of the row with which chips show their numbers, in pixels."""


class FilterBar(QWidget):
    """A row of chips above the grid.

    Attributes
    ----------
    splitChosen : Signal(str)
    changed : Signal()
        The filter of wrong answers or the order has changed.
    sideChosen : Signal(int)
        Pixels of an image.
    """

    splitChosen = Signal(str)
    changed = Signal()
    sideChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.split = "test"
        self.chips = {name: Chip(title, TIPS[name]) for name, title in SPLITS.items()}
        self.wrong = Chip("Wrong only", "Only images that the network takes for another class", mark="danger")
        self.order = Combo(
            [("File order", "file"), ("Least certain", "least certain"), ("By class", "by class")],
            name="Order",
            tip="The order of the images",
        )
        self.side = QSlider(Qt.Orientation.Horizontal)
        self.side.setRange(0, len(SIDES) - 1)
        self.side.setPageStep(1)
        self.side.setValue(SIDES.index(SIDE))
        self.side.setFixedWidth(72)
        self.side.setAccessibleName("Size of the images")
        self.side.setToolTip("Size of the images: 28, 56 or 112 pixels")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for chip in (*self.chips.values(), self.wrong):
            row.addWidget(chip)
        row.addWidget(self.order)
        row.addStretch(1)
        self._size_word = Caption("size")
        row.addWidget(self._size_word)
        row.addWidget(self.side)
        self.chips["test"].setChecked(True)
        for name, chip in self.chips.items():
            chip.clicked.connect(lambda _on, name=name: self._choose(name))
        self.wrong.clicked.connect(lambda _on: self.changed.emit())
        self.order.edited.connect(lambda _value: self.changed.emit())
        self.side.valueChanged.connect(lambda at: self.sideChosen.emit(SIDES[at]))

    def set_split(self, name: str) -> None:
        """Choose a split, without a signal."""
        self.split = name
        for other, chip in self.chips.items():
            chip.setChecked(other == name)

    def set_judged(self, wrong: int | None, why: str) -> None:
        """Say how many are wrong; None if no network has judged them, and why."""
        self.wrong.setEnabled(wrong is not None)
        self.wrong.set_count("" if wrong is None else f"{wrong:,}")
        self.wrong.setToolTip(why or "Only images that the network takes for another class")
        if wrong is None:
            self.wrong.setChecked(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for chip in (*self.chips.values(), self.wrong):
            chip.set_compact(event.size().width() < WIDE)
        self._size_word.setVisible(event.size().width() >= WIDE)

    def _choose(self, name: str) -> None:
        self.set_split(name)
        self.splitChosen.emit(name)
