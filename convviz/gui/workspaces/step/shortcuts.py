"""Keys of a workspace: they count wherever in it the focus is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def make_shortcuts(widget: QWidget, keys: Mapping[str, Callable[[], None]]) -> None:
    """Call a function for every key sequence, as long as the focus is in ``widget``; fields keep what is typed."""
    for text, call in keys.items():
        made = QShortcut(QKeySequence(text), widget)
        made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.activated.connect(call)
