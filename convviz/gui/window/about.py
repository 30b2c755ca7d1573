"""The About box."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from convviz import __version__
from convviz.gui.widgets.messages.question import Answer, Question

WORDS = "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer computed."


def show_about(window: QWidget) -> None:
    """Open the About box over a window."""
    box = Question(f"convviz {__version__}", WORDS, {Answer.CANCEL: "Close"}, window, title="About convviz")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
