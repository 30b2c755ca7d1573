"""Opening the window: its frame is shown first, and its contents are added while it already responds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.registry import START, WORKSPACES, Adapter

if TYPE_CHECKING:
    from convviz.data.sources import DataSource

UNSEEN_MS = 1000
"""How long to wait for the first paint; a window that is minimised or on another desktop is not painted."""
MODELS = "convviz.gui.window.models"


class Imports(QObject):
    """Imports modules in a separate thread: each takes up to half a second, and the window has to respond meanwhile.

    Parameters
    ----------
    groups : sequence of sequences of str
        Modules, in the order in which they are needed.

    Attributes
    ----------
    imported : Signal(int)
        The group with this number is imported, or has failed: importing it again then raises the error.
    """

    imported = Signal(int)

    def __init__(self, groups: Sequence[Sequence[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._groups = groups
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._work, name="imports")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop importing, and wait for the current module."""
        self._unwanted.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        for number, group in enumerate(self._groups):
            for name in group:
                if self._unwanted.is_set():
                    return
                with contextlib.suppress(Exception):
                    import_module(name)
            self.imported.emit(number)


class Opening(QObject):
    """Shows a window, then assembles and starts it, then makes its other workspaces.

    Parameters
    ----------
    window : MainWindow
        The window, not shown yet.
    data : pathlib.Path, optional
        Data set to open; the built-in digits otherwise.
    """

    def __init__(self, window: MainWindow, data: Path | None = None) -> None:
        super().__init__(window)
        self._window, self._data = window, data
        self._painted = False
        adapters = {entry.title: entry.make.module for entry in WORKSPACES if isinstance(entry.make, Adapter)}
        first = (MODELS, adapters.pop(START))
        self._imports = Imports((first, tuple(adapters.values())), self)
        self._imports.imported.connect(self._imported)
        window.installEventFilter(self)

    def show(self) -> None:
        """Show the window; the rest follows once it is painted."""
        self._window.show()
        QTimer.singleShot(UNSEEN_MS, self._go_on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self._go_on)  # after the whole window is painted
        return False

    @Slot()
    def _go_on(self) -> None:
        if self._painted:
            return
        self._painted = True
        self._window.removeEventFilter(self)
        self._imports.start()

    @Slot(int)
    def _imported(self, number: int) -> None:
        if self._window.isHidden():
            return  # it has been closed
        try:
            if number == 0:
                self._window.begin(data=self._source())
                if not self._window.last_time.offer():
                    self._window.ways_in.offer()
                self._window.run.compile_ahead()
            else:
                self._window.stack.make_all()
        except ImportError:
            QCoreApplication.exit(1)
            raise

    def _source(self) -> DataSource | None:
        from convviz.core.design import course_design
        from convviz.data.sources import DataFile, ImageSpec

        return None if self._data is None else DataFile(self._data, ImageSpec.of(course_design()))

    def stop(self) -> None:
        """Stop, because the window was closed."""
        self._imports.stop()
