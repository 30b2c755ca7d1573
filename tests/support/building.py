"""Hands for tests of the Build workspace."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convviz.core.design import Design
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.workspaces.builder.page import BuildPage

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
DEEP = Design(
    name="deep",
    layers=(Conv2D(filters=4, kernel=5), ReLU(), Conv2D(filters=8, kernel=3), MaxPool2D(), Flatten(), Dense(units=10)),
).named()


def names(build: BuildPage) -> list[str]:
    return [layer.name for layer in build.design().layers]


def chip(build: BuildPage, number: int, field: str) -> ValueEdit:
    editor = build.layers.cards[number].chips[field].editor
    assert isinstance(editor, ValueEdit)
    return editor


def type_into(editor: ValueEdit, text: str, *, enter: bool = True) -> None:
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)
    if enter:
        QTest.keyClick(editor, Qt.Key.Key_Return)
