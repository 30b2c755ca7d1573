"""The line for expressions, with real keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convviz.gui.widgets.console.completion import completed, completions, word_before
from convviz.gui.widgets.console.line import Console

NAMES = ("loss", "conv1.weight", "conv1.d_weight", "dense1.weight")


def test_that_names_and_functions_are_completed() -> None:
    assert word_before("mean(abs(conv1.d", 16) == "conv1.d"
    assert completions("conv1.d", NAMES) == ["conv1.d_weight"]
    assert completions("me", NAMES)[:2] == ["mean(", "median("]
    assert completions("weight", NAMES) == ["conv1.weight", "dense1.weight"]
    assert completions("", NAMES) == []
    assert completed("norm(co) > 2", 7, "conv1.weight") == ("norm(conv1.weight) > 2", 17)


def test_that_tab_completes_enter_asks_and_up_brings_back(qtbot, theme) -> None:
    console = Console()
    qtbot.addWidget(console)
    console.show()
    console.field.set_names(NAMES)
    asked: list[str] = []
    console.asked.connect(asked.append)
    QTest.keyClicks(console.field, "norm(conv1.d")
    QTest.keyClick(console.field, Qt.Key.Key_Tab)
    QTest.keyClicks(console.field, ")")
    QTest.keyClick(console.field, Qt.Key.Key_Return)
    assert asked == ["norm(conv1.d_weight)"]
    console.show_answer("0.25")
    assert console.answer.text() == "0.25"
    console.field.clear()
    QTest.keyClick(console.field, Qt.Key.Key_Up)
    assert console.field.text() == "norm(conv1.d_weight)"
    pinned: list[str] = []
    console.pinAsked.connect(pinned.append)
    qtbot.mouseClick(console.pin, Qt.MouseButton.LeftButton)
    assert pinned == ["norm(conv1.d_weight)"]
