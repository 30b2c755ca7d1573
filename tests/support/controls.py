"""What can be used in a window, and what a screen reader calls it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)


def controls(window: QWidget) -> Iterator[QWidget]:
    """Everything in sight that can be used; not the parts that Qt makes its own widgets of."""
    for one in window.findChildren(QWidget):
        text = isinstance(one, QLabel) and one.focusPolicy() == Qt.FocusPolicy.ClickFocus  # to be marked by mouse
        if not one.isVisible() or isinstance(one, QScrollBar) or text:
            continue
        holder = one.parentWidget()
        inside = isinstance(holder, QAbstractSpinBox | QLineEdit | QComboBox)
        if inside or (isinstance(holder, QAbstractScrollArea) and holder.viewport() is one):
            continue
        if isinstance(one, CONTROLS) or one.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield one


def name(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    # Of a drop-down Qt says what is chosen.
    return widget.accessibleName() if isinstance(widget, QComboBox) else found.text(QAccessible.Text.Name)


def said(widget: QWidget) -> str:
    return f"{type(widget).__name__} “{name(widget) or widget.toolTip()}” in {type(widget.parentWidget()).__name__}"


def nameless(window: QWidget) -> list[str]:
    """What is in sight, can be used, and has no name."""
    QApplication.processEvents()
    return [said(one) for one in controls(window) if not name(one)]
