"""A vertical scroll area without a frame, as panels and columns of cards need it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
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


def lay_out_now(widget: QWidget) -> None:
    """Lay out a widget whose parts have changed their size, and all around it up to its scroll area.

    By itself Qt lays out one level after the other, each by an event: a long turn shows what lies between.
    """
    one: QWidget | None = widget
    while one is not None and not isinstance(one, QScrollArea):
        layout = one.layout()
        if layout is not None:
            layout.activate()
        one = one.parentWidget()
    if one is not None:
        QCoreApplication.sendEvent(one, QEvent(QEvent.Type.LayoutRequest))
