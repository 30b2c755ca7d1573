"""The keys of Step: they work while it is in front, wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

MOVES = {
    "F10": ("over", "Run the next step, all of it"),
    "F11": ("into", "Go into the step, one micro-step at a time"),
    "Shift+F11": ("out", "Finish this step and leave its micro-steps"),
    "Backspace": ("back", "Go back a micro-step inside a step, otherwise a step"),
    "Ctrl+F11": ("back", "Go back a micro-step inside a step, otherwise a step"),
    "Shift+F10": ("back_over", "One whole step back"),
    "Ctrl+Home": ("start", "Before the first step"),
    "Ctrl+End": ("end", "After the last step"),
}
"""By key, the debugger's move and what it does in words."""
TURNS = {
    "[": ("filter", -1, "The previous filter"),
    "]": ("filter", 1, "The next filter"),
    "Ctrl+Left": ("sample", -1, "The previous image"),
    "Ctrl+Right": ("sample", 1, "The next image"),
}
"""By key, an axis, the number of indices to move along it, and what that does in words."""


class Key(NamedTuple):
    """A key sequence, what it does in words, and the function it calls."""

    keys: str
    about: str
    call: Callable[[], object]


class Steppable(Protocol):
    """The part of Step's page that the keys call."""

    @property
    def views(self) -> Any: ...

    @property
    def editing(self) -> Any: ...

    @property
    def asking(self) -> Any: ...

    @property
    def moves(self) -> Any: ...

    def command(self, word: str) -> None: ...


def step_keys(page: Steppable) -> list[Key]:
    """Every key of Step. The page's parts may not exist yet, so they are looked up when a key is pressed."""
    found = [Key(keys, about, partial(page.command, word)) for keys, (word, about) in MOVES.items()]
    found += [
        Key("Space", "Play or pause; on a button, press it", page.moves.press_or_play),
        Key("Escape", "One level up: fold the equation, unpin the cell, leave the micro-steps", page.moves.up),
        Key("Alt+Left", "Back to where the last jump began", page.moves.return_from_jump),
        Key("Alt+Right", "Jump again", page.moves.jump_again),
        Key("Ctrl+G", "Go to a cell by its index", lambda: page.views.go_to.open()),
        Key(
            "N",
            "Change the chosen number a little, and compare the gradient",
            lambda: page.editing.check_gradient(),
        ),
        Key("P", "Pin the chosen number, or its array's norm, mean or zeros", lambda: page.asking.offer_pins()),
        Key("E", "Edit the chosen number", lambda: page.editing.edit()),
        Key("F2", "Edit the chosen number", lambda: page.editing.edit()),
        Key("Ctrl+Z", "Undo the last edit", lambda: page.editing.undo()),
        Key("Ctrl+Shift+Z", "Redo the edit", lambda: page.editing.redo()),
        Key("Ctrl+Y", "Redo the edit", lambda: page.editing.redo()),
        Key("S", "Colour scales over the picture, the layer or the network", lambda: page.views.scale.next_scope()),
        Key("Shift+S", "Lock colour scales over time", lambda: page.views.scale.toggle_lock()),
    ]
    return found + [Key(keys, about, partial(page.moves.turn, axis, by)) for keys, (axis, by, about) in TURNS.items()]


def make_shortcuts(page: QWidget, keys: list[Key], first: Callable[[], object]) -> None:
    """Make the page's shortcuts; they work while it is in front, but not in fields that take the key themselves.

    Each of them calls ``first`` before what it does.

    They work wherever in the window the focus is, because a click on the workspace's tab leaves it on the tab. Qt
    ignores the shortcuts of hidden widgets.
    """
    for key in keys:
        made = QShortcut(QKeySequence(key.keys), page)
        made.setContext(Qt.ShortcutContext.WindowShortcut)
        made.setWhatsThis(key.about)
        made.activated.connect(first)
        made.activated.connect(key.call)


def press_focused() -> bool:
    """Press the focused button; return False if no button has the focus, or only the workspace's tab."""
    focused = QApplication.focusWidget()
    if not isinstance(focused, QAbstractButton) or (focused.isCheckable() and focused.isChecked()):
        return False
    focused.click()
    return True
