"""What is known of a cell, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from convviz.gui.widgets.labels import ElidedLabel
from convviz.present.step.facts import Fact


class FactTable(QWidget):
    """Labels and values of the cell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[ElidedLabel, ElidedLabel]] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other lines; labels are kept and reused."""
        while len(self._rows) < len(facts):
            label = ElidedLabel(token="muted", size=12)
            value = ElidedLabel(mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
            row = len(self._rows)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(value, row, 1)
            self._rows.append((label, value))
        for number, (label, value) in enumerate(self._rows):
            there = number < len(facts)
            label.setVisible(there)
            value.setVisible(there)
            if there:
                label.set_text(facts[number].label)
                value.set_text(facts[number].text)
                if facts[number].full:
                    value.setToolTip(facts[number].full)

    def texts(self) -> dict[str, str]:
        """Return what is shown."""
        return {label.text(): value.text() for label, value in self._rows if label.isVisibleTo(self)}
