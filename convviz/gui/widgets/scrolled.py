"""A vertical scroll area without a frame, as panels and columns of cards need it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(inside: QWidget, *, name: str = "") -> QScrollArea:
    """Put a widget into a scroll area that is as wide as its place and scrolls up and down.

    Parameters
    ----------
    inside : QWidget
    name : str
        For screen readers. Tab stops at an area that has a name, so that the keys scroll it. Without a name, Tab
        stops only at the widgets inside, and scrolls them into sight.
    """
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if name:
        area.setAccessibleName(name)
    else:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
