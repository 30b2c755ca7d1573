"""What to say about an unhandled key: why it has no effect here, or where it works."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from convviz.gui.widgets.focus_keys import focus_keys
from convviz.gui.window.help.keys import HasKeys, belongs, keyed, sequences, words
from convviz.plurals import small

WHY_NOT = "whyNot"
"""Property of a disabled action with the reason."""


MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)
PASSED_ON = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_unknown)
"""Keys that fields handle but pass on to the window all the same."""


def keys_of(event: QKeyEvent) -> str:
    """Return the key sequence that was pressed, as the desktop writes it; empty for one that needs no answer.

    These are modifiers alone, what fields pass on, and whatever is pressed in a field.
    """
    in_field = isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit | QAbstractSpinBox | QComboBox)
    typed = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    if (in_field and typed) or event.key() in (*MODIFIERS, *PASSED_ON):
        return ""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    pressed = QKeySequence(QKeyCombination(held, Qt.Key(event.key())))
    return pressed.toString(QKeySequence.SequenceFormat.NativeText)


def why_unanswered(keys: str, front: QWidget, pages: Mapping[str, QWidget]) -> str:
    """Return why a key had no effect; empty if it means nothing anywhere.

    Parameters
    ----------
    keys : str
        As :func:`keys_of` writes them.
    front : QWidget
        The page in front.
    pages : mapping of str to QWidget
        All pages by title.
    """
    found = [one for one in keyed(front.window()) if keys in sequences(one)]
    here = next((one for one in found if belongs(one, front) and not one.isEnabled()), None)
    if here is not None:
        return f"{keys}: {_reason(here)}"
    on = _focused(keys, front)
    if on:
        return on
    for title, page in pages.items():
        elsewhere = next((one for one in found if page is not front and belongs(one, page)), None)
        if elsewhere is not None:
            return f"{keys} counts in {title}: {small(words(elsewhere))}"
    return ""


def _reason(one: HasKeys) -> str:
    said = one.property(WHY_NOT)
    if not said and isinstance(one, QAbstractButton):
        said = one.toolTip()
    return str(said or f"{small(words(one))}: not possible now")


def _focused(keys: str, front: QWidget) -> str:
    """What the key would do with the focus on a visible widget."""
    for widget in front.findChildren(QWidget):
        found = focus_keys(type(widget))
        if found is not None and widget.isVisible() and widget.isEnabled() and found.action_of(keys):
            return f"{keys} counts with the focus on {found.on} (click it, or Tab): {small(found.action_of(keys))}"
    return ""
