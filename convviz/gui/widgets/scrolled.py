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
        For screen readers, of an area that Tab stops at, so that the keys scroll it. Without a name it stops at what
        is inside alone, which comes into sight then.
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
