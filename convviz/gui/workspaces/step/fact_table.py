"""What is known of a cell, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from convviz.gui.widgets.labels import ElidedLabel
from convviz.present.step.facts import Fact

GAP = 8
"""Between a label and its value, in pixels."""


class FactTable(QWidget):
    """Labels and values of the cell; a value that has no room beside its label stands below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[ElidedLabel, ElidedLabel]] = []
        self._below: list[bool] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other lines; labels are kept and reused."""
        while len(self._rows) < len(facts):
            label = ElidedLabel(token="muted", size=12)
            value = ElidedLabel(mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
            row = 2 * len(self._rows)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(value, row, 1)
            self._rows.append((label, value))
            self._below.append(False)
        for number, (label, value) in enumerate(self._rows):
            there = number < len(facts)
            label.setVisible(there)
            value.setVisible(there)
            if there:
                label.set_text(facts[number].label)
                value.set_text(facts[number].text)
                if facts[number].full:
                    value.setToolTip(facts[number].full)
        self._place()

    def texts(self) -> dict[str, str]:
        """Return what is shown."""
        return {label.text(): value.text() for label, value in self._rows if label.isVisibleTo(self)}

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        # The labels are one column, as wide as the widest of them whose value stands beside it.
        shown = [(label.sizeHint().width(), value.sizeHint().width()) for label, value in self._rows]
        visible = [label.isVisibleTo(self) for label, _ in self._rows]
        below = [False] * len(shown)
        while True:
            beside = [i for i, there in enumerate(visible) if there and not below[i]]
            column = max((shown[i][0] for i in beside), default=0)
            tight = [i for i in beside if column + GAP + shown[i][1] > self.width()]
            if not tight:
                break
            # The line that needs most goes first: often the others have room then.
            below[max(tight, key=lambda i: sum(shown[i]))] = True
        for number, (was, now) in enumerate(zip(self._below, below, strict=True)):
            if was != now:
                label, value = self._rows[number]
                self._grid.removeWidget(label)
                self._grid.removeWidget(value)
                if now:
                    self._grid.addWidget(label, 2 * number, 0, 1, 2)
                    self._grid.addWidget(value, 2 * number + 1, 0, 1, 2)
                else:
                    self._grid.addWidget(label, 2 * number, 0)
                    self._grid.addWidget(value, 2 * number, 1)
        self._below = below
