"""Run one workspace, view or widget alone, in a window of its own or into a picture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.theme import Theme


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return the arguments of everything that runs alone; more can be added to them."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--size", default="1440x900", help="of the window: WIDTHxHEIGHT")
    parser.add_argument("--shot", default="", help="draw it to this file and end")
    return parser


def run_alone(make: Callable[[], QWidget], given: argparse.Namespace) -> int:
    """Show what ``make`` returns until its window is closed.

    Parameters
    ----------
    make : callable
        Called once there are an application and its theme.
    given : argparse.Namespace
        What :func:`arguments` read.

    Returns
    -------
    int
        The exit code.
    """
    app = QApplication(sys.argv[:1])
    Theme(app, "dark" if given.dark else "light" if given.light else "system")
    window = make()
    window.setWindowTitle(window.windowTitle() or f"convviz: {type(window).__name__}")
    width, _, height = given.size.partition("x")
    window.resize(int(width), int(height))
    window.show()
    if given.shot:
        QTimer.singleShot(2500, lambda: (window.grab().save(given.shot), window.close()))
    return app.exec()
