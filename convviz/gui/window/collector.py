"""Keeps Python's garbage collector from going over the whole window, which takes it 0.1 s each time."""

from __future__ import annotations

import gc
from functools import partial

from PySide6.QtCore import QObject

from convviz.gui.window.main_window import MainWindow


class Collector(QObject):
    """Stops the collector while the window is made, and then has it leave out what is there.

    A window, its libraries and the compiler of kernels are 200,000 objects that stay until the end. A full collection
    looks at each of them, in whatever thread it happens, while no other thread can run Python. What is frozen is looked
    at no more: all that is there when the window is ready, when kernels have been compiled, and after a full
    collection, which comes when a few ten thousand more have been made. Younger objects are collected as usual.

    Parameters
    ----------
    window : MainWindow
        Not yet assembled.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        gc.disable()
        window.ready.connect(self._ready)

    def _ready(self) -> None:
        self._freeze()
        gc.enable()
        gc.callbacks.append(self._collected)
        self._window.destroyed.connect(partial(gc.callbacks.remove, self._collected))
        self._window.run.compilingChanged.connect(self._freeze)

    def _freeze(self) -> None:
        gc.freeze()

    def _collected(self, phase: str, about: dict[str, int]) -> None:
        """What has survived a full collection will survive the next one too."""
        if phase == "stop" and about["generation"] == 2:
            self._freeze()
