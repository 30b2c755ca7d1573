"""Starts the application."""

from __future__ import annotations

import contextlib
import stat
import sys
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from convviz import __version__
from convviz.gui.theme import Theme, ThemeMode
from convviz.gui.window.collector import Collector
from convviz.gui.window.main_window import MainWindow
from convviz.gui.window.opening import Opening
from convviz.gui.window.signals import EndingSignals
from convviz.paths import resource, user_folder

MOST_SETTINGS = 1 << 20
"""Bytes; there are a few thousand."""


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
    """What is remembered from one start to the next, in a readable file; one that is none is put aside."""
    where = QSettings.Format.IniFormat, QSettings.Scope.UserScope, "convviz"
    # Asked of a file that is not there: opening the real one would wait for a pipe, and unpack whatever is in it.
    file = Path(QSettings(*where, "none").fileName()).with_name("convviz.ini")
    if not is_readable(file):
        with contextlib.suppress(OSError):
            file.replace(file.with_name("convviz.ini.damaged"))
    return QSettings(*where, "convviz")


def is_readable(file: Path) -> bool:
    """Whether settings may be read from there: text of a usual size, without anything that Qt would make objects of."""
    try:
        if not stat.S_ISREG(file.stat().st_mode) or file.stat().st_size > MOST_SETTINGS:
            return False
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False
    return "\0" not in text and "@Variant(" not in text and "@DateTime(" not in text


def run(dataroot: Path | None = None, *, theme: str | None = None, threads: int = 2, file: Path | None = None) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    stored = settings()
    remembered = str(stored.value("window/theme", "system"))
    mode = theme or (remembered if remembered in list(ThemeMode) else "system")
    app = application(mode)
    window = MainWindow(stored, threads=threads, kept=user_folder("kept"), recorded=user_folder("runs"))
    Collector(window)
    opening = Opening(window, dataroot, file)
    opening.show()
    signals = EndingSignals(window)
    code = app.exec() or signals.exit_code
    opening.stop()
    # Ended in another way than by closing it, the session's thread would still tell the window what it does.
    if not window.isHidden():
        window.close_unasked()
    return code
