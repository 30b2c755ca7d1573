"""Starts the application."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from convviz import __version__
from convviz.gui.theme import Theme, ThemeMode
from convviz.gui.window.main_window import MainWindow
from convviz.gui.window.opening import Opening
from convviz.paths import resource


def application(mode: ThemeMode | str | None = None) -> QApplication:
    """The application with convviz's look; made once."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([sys.argv[0]])
    app.setApplicationName("convviz")
    app.setOrganizationName("convviz")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.convviz.Convviz")
    app.setWindowIcon(QIcon(str(resource("icons", "convviz.svg"))))
    theme = app.findChild(Theme, "convvizTheme")
    if theme is None:
        Theme(app, mode or ThemeMode.SYSTEM)
    elif mode is not None:
        theme.set_mode(mode)
    return app


def settings() -> QSettings:
    """What is remembered from one start to the next, in a readable file."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "convviz", "convviz")


def run(dataroot: Path | None = None, *, theme: str | None = None, threads: int = 2) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    stored = settings()
    remembered = str(stored.value("window/theme", "system"))
    mode = theme or (remembered if remembered in list(ThemeMode) else "system")
    app = application(mode)
    window = MainWindow(stored, threads=threads)
    opening = Opening(window, dataroot)
    opening.show()

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, window.close)  # once events are handled: a window closed before that ends nothing

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # who started us without Ctrl+C is not overruled
        signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    # Python looks at signals only when it runs: without a timer Ctrl+C would wait for the next event.
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(200)
    code = app.exec()
    opening.stop()
    return code
