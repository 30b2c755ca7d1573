"""Opening the window: its frame is shown first, and its contents are added while it already responds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot

from convviz.gui.window.imports import Imports
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.registry import START, WORKSPACES, Adapter

if TYPE_CHECKING:
    from convviz.data.sources import DataSource

UNSEEN_MS = 1000
"""How long to wait for the first paint; a window that is minimised or on another desktop is not painted."""
MODELS = "convviz.gui.window.models"


class Opening(QObject):
    """Shows a window, then assembles and starts it, then makes its other workspaces.

    Parameters
    ----------
    window : MainWindow
        The window, not shown yet.
    data : pathlib.Path, optional
        Data set to open; the built-in digits otherwise.
    file : pathlib.Path, optional
        Any other file to open then.
    """

    def __init__(self, window: MainWindow, data: Path | None = None, file: Path | None = None) -> None:
        super().__init__(window)
        self._window, self._data, self._file = window, data, file
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
                if self._file is not None:
                    self._window.opener.open_path(self._file.absolute())
                else:
                    self._window.first_offers.start()
                self._window.run.compile_ahead()
            else:
                self._window.ready.connect(self._window.stack.prepare)
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
