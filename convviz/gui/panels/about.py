"""What convviz is, in a box of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from convviz import __version__

WORDS = "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer computed."


def show_about(window: QWidget) -> None:
    """Open the box over a window."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About convviz")
    box.setText(f"<b>convviz {__version__}</b>")
    box.setInformativeText(WORDS)
    box.open()
