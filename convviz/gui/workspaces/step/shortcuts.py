"""Keys of a workspace: they count as long as it is in front, wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from convviz.gui.workspaces.step.workspace import StepWorkspace

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
"""Commands of the debugger."""
TURNS = {"[": ("filter", -1), "]": ("filter", 1), "Ctrl+Left": ("sample", -1), "Ctrl+Right": ("sample", 1)}
"""What is chosen, and by how much it goes on."""


def keys_of(workspace: StepWorkspace) -> dict[str, Callable[[], None]]:
    """What every key of Step does."""
    changes = workspace.changes
    keys: dict[str, Callable[[], None]] = {key: partial(workspace.command, word) for key, word in MOVES.items()}
    keys |= {"Space": workspace.press_or_play, "Escape": workspace.up, "Alt+Left": workspace.return_from_jump}
    keys |= {"N": changes.check_gradient, "E": changes.edit, "F2": changes.edit}
    keys |= {"Ctrl+Z": changes.undo, "Ctrl+Shift+Z": changes.redo, "Ctrl+Y": changes.redo}
    scale = workspace.views.scale
    keys |= {"S": scale.next_scope, "Shift+S": scale.toggle_lock}
    return keys | {key: partial(workspace.turn, axis, by) for key, (axis, by) in TURNS.items()}


def make_shortcuts(widget: QWidget, keys: Mapping[str, Callable[[], None]]) -> None:
    """Call a function for every key sequence as long as ``widget`` is in front; fields keep what is typed.

    Wherever in the window the focus is: after a click on the workspace's tab it stays on the tab. Qt leaves out the
    shortcuts of a widget that is hidden.
    """
    for text, call in keys.items():
        made = QShortcut(QKeySequence(text), widget)
        made.setContext(Qt.ShortcutContext.WindowShortcut)
        made.activated.connect(call)
