"""Lays widgets out at once, where Qt would do it by events: in a long turn, what lies between would be seen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QScrollArea, QWidget

__all__ = ["lay_out", "lay_out_around"]


def lay_out(widget: QWidget | None) -> None:
    """Lay out the parts of a widget, one of which has changed its size; without a layout, or a widget, do nothing."""
    layout = None if widget is None else widget.layout()
    if layout is not None:
        layout.activate()


def lay_out_around(widget: QWidget) -> None:
    """Lay out a widget whose parts have changed their size, and all around it up to its scroll area.

    By itself Qt lays out one level after the other, each by an event.
    """
    one: QWidget | None = widget
    while one is not None and not isinstance(one, QScrollArea):
        lay_out(one)
        one = one.parentWidget()
    if one is not None:
        QCoreApplication.sendEvent(one, QEvent(QEvent.Type.LayoutRequest))
