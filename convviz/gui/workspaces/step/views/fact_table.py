"""Facts about a cell, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.present.step.facts import Fact

GAP, LINE_GAP = 8, 3
"""Pixels between a label and its value, and between lines."""


class FactRow(QWidget):
    """A label with its value at the right, or below it if there is no room beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(parent=self, token="muted", size=12)
        self.value = ElidedLabel(parent=self, mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_fact(self, fact: Fact) -> None:
        """Show another fact."""
        self.label.set_text(fact.label)
        self.value.set_text(fact.text)
        if fact.full:
            self.value.setToolTip(fact.full)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        label, value, width = self.label.sizeHint(), self.value.sizeHint(), self.width()
        high = max(label.height(), value.height())
        if label.width() + GAP + value.width() <= width:
            self.label.setGeometry(0, 0, label.width(), high)
            self.value.setGeometry(label.width() + GAP, 0, width - label.width() - GAP, high)
        else:
            self.label.setGeometry(0, 0, width, high)
            self.value.setGeometry(0, high, width, high)
            high *= 2
        self.setFixedHeight(high)


class CellFacts(QWidget):
    """Labels and values of the cell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(LINE_GAP)
        self.rows: list[FactRow] = []

    def show_cell(self, picture: CellPicture) -> None:
        """Show the facts of another cell."""
        self.set_facts(picture.facts)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts, reusing the rows."""
        while len(self.rows) < len(facts):
            row = FactRow(self)
            self._column.addWidget(row)
            self.rows.append(row)
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(facts))
            if number < len(facts):
                row.set_fact(facts[number])

    def texts(self) -> dict[str, str]:
        """Return the shown values, by label."""
        return {row.label.text(): row.value.text() for row in self.rows if row.isVisibleTo(self)}


if __name__ == "__main__":
    run_view(CellFacts)
