"""Run one widget alone, in a window of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from convviz.gui.theme import Theme


def run_demo(make: Callable[[], QWidget], title: str, size: tuple[int, int] = (720, 480)) -> None:
    """Show what ``make`` returns until its window is closed; ``--dark`` or ``--light`` picks the theme."""
    app = QApplication(sys.argv)
    mode = "dark" if "--dark" in sys.argv else "light" if "--light" in sys.argv else "system"
    Theme(app, mode)
    window = QWidget()
    window.setWindowTitle(title)
    layout = QVBoxLayout(window)
    layout.setContentsMargins(16, 16, 16, 16)
    layout.addWidget(make())
    window.resize(*size)
    window.show()
    raise SystemExit(app.exec())
