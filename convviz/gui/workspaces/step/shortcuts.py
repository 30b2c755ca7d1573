"""Keys of a workspace: they count as long as it is in front, wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

MOVES = {
    "F10": "over",
    "F11": "into",
    "Shift+F11": "out",
    "Shift+F10": "back_over",
    "Backspace": "back",
    "Ctrl+F11": "back",
    "Ctrl+Home": "start",
    "Ctrl+End": "end",
}
"""Moves of the debugger."""
TURNS = {"[": ("filter", -1), "]": ("filter", 1), "Ctrl+Left": ("sample", -1), "Ctrl+Right": ("sample", 1)}
"""What is chosen, and by how much it goes on."""


def make_shortcuts(widget: QWidget, keys: Mapping[str, Callable[[], None]]) -> None:
    """Call a function for every key sequence as long as ``widget`` is in front; fields keep what is typed.

    Wherever in the window the focus is: after a click on the workspace's tab it stays on the tab. Qt leaves out the
    shortcuts of a widget that is hidden.
    """
    for text, call in keys.items():
        made = QShortcut(QKeySequence(text), widget)
        made.setContext(Qt.ShortcutContext.WindowShortcut)
        made.activated.connect(call)


def press_focused() -> bool:
    """Press the button that has the focus; False where there is none, or only the tab that one came by."""
    focused = QApplication.focusWidget()
    if not isinstance(focused, QAbstractButton) or (focused.isCheckable() and focused.isChecked()):
        return False
    focused.click()
    return True
