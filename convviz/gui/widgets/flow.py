"""Widgets in lines that fill up and go on in the next, like text."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget
from superqt import QFlowLayout


def flow(gap: int, line_gap: int, parent: QWidget | None = None) -> QFlowLayout:
    """Return superqt's layout without margins, with these gaps between widgets and between lines."""
    made = QFlowLayout(parent)
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(gap)
    made.setVerticalSpacing(line_gap)
    return made


def fill(layout: QFlowLayout, widgets: Iterable[QWidget]) -> None:
    """Lay out these widgets and no others; give only those in sight, since a hidden one would leave a gap.

    Widgets that are taken out keep their parent.
    """
    while layout.takeAt(0) is not None:
        pass
    for widget in widgets:
        layout.addWidget(widget)
    layout.invalidate()
