"""A layout that wraps widgets into lines, like text."""

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
    """Lay out exactly these widgets; they must be visible, because a hidden one would leave a gap.

    Removed widgets keep their parent.
    """
    while layout.takeAt(0) is not None:
        pass
    for widget in widgets:
        layout.addWidget(widget)
    layout.invalidate()
