"""Collects Python's garbage in the window's thread alone, and not from the window, which takes 0.1 s each time."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

from convviz.gui.window.main_window import MainWindow

EVERY_MS = 1000
"""How often the youngest objects are looked at."""


class Collector(QObject):
    """Stops Python's own collector and collects in its place, from when the window is ready.

    Python collects in whatever thread makes the object that is one too many. A closed dialog that only a ring of
    references keeps would be deleted in the trainer's thread then, while Qt still sends it events in the window's: a
    segmentation fault.

    A window, its libraries and the compiler of kernels are 200,000 objects that stay until the end. A full collection
    looks at each of them, while no other thread can run Python. What is frozen is looked at no more: all that is there
    when the window is ready, when kernels have been compiled, and after a full collection, which comes every two
    minutes.

    Parameters
    ----------
    window : MainWindow
        Not yet assembled. Python's collector works again once it is deleted.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._collect)
        gc.disable()
        window.destroyed.connect(gc.enable)
        window.ready.connect(self._ready)

    def _ready(self) -> None:
        self._freeze()
        self._timer.start()
        self._window.run.compilingChanged.connect(self._freeze)

    def _freeze(self) -> None:
        gc.freeze()

    def _collect(self) -> None:
        """What has survived a full collection will survive the next one too."""
        if collect() == 2:
            self._freeze()


def collect() -> int:
    """Collect the youngest generation, and the older ones of which Python itself would; returns the oldest of them."""
    counts, most = gc.get_count(), gc.get_threshold()
    oldest = max((number for number in (1, 2) if counts[number] > most[number] > 0), default=0)
    gc.collect(oldest)
    return oldest
