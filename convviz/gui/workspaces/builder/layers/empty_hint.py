"""The hint below the palette while there are no layers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption
from convviz.present.design.repairs import Repair


class EmptyHint(QWidget):
    """Offers ways to start a design.

    Attributes
    ----------
    presetsAsked : Signal()
    repairPicked : Signal(object)
    """

    presetsAsked = Signal()
    repairPicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._repair: Repair | None = None
        words = Caption("Layers run from top to bottom; the last one gives a score for every class.")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.presets = Button("Open a preset…", small=True)
        self.presets.clicked.connect(self.presetsAsked)
        self.smallest = Button("", small=True, tip="The smallest network that can be trained")
        self.smallest.clicked.connect(self._pick)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.presets)
        row.addWidget(self.smallest)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(10)
        column.addWidget(words)
        column.addLayout(row)
        self.hide()

    def show_hint(self, empty: bool, repairs: Sequence[Repair]) -> None:
        """Show or hide the hint; the repairs of a design without layers are ways to start one."""
        self._repair = repairs[0] if empty and repairs else None
        self.smallest.setVisible(self._repair is not None)
        if self._repair is not None:
            self.smallest.setText(self._repair.label)
        self.setVisible(empty)

    def focus_stops(self) -> list[QWidget]:
        """The widgets that Tab reaches, in order."""
        return [self.presets, self.smallest]

    @Slot()
    def _pick(self) -> None:
        if self._repair is not None:
            self.repairPicked.emit(self._repair)
