"""Measures designs in the background: only the last one requested, and never during a training."""

from __future__ import annotations

import contextlib
import threading

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.gui.widgets.posted import posted
from convviz.present.design.costs import memory
from convviz.training.measure import Measured, measure

SETTLED_MS = 700
"""Milliseconds for which a design must stay unchanged before it is measured."""


class Measurer(QObject):
    """Runs a few training steps of a design in a separate thread.

    Parameters
    ----------
    parent : QObject, optional
    threads : int
        Number of threads of the trainer.
    most_bytes : int, optional
        Memory above which a design is not measured.

    Attributes
    ----------
    measured : Signal(object, object)
        The design and the measurement, which is None if the design is too large or measuring failed.
    """

    measured = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 2, most_bytes: int | None = None) -> None:
        super().__init__(parent)
        self._threads, self._most_bytes = threads, most_bytes
        self._design: Design | None = None
        self._images: int | None = None
        self._number = 0
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None
        self._paused = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._start)
        self._done = posted(self._finish)

    def ask(self, design: Design | None, images: int | None = None) -> None:
        """Measure a design once it has stayed unchanged for a moment; None only stops the current measurement."""
        self._stop.set()
        self._number += 1
        self._design, self._images = design, images
        if design is None or self._paused:
            self._timer.stop()
        else:
            self._timer.start()

    def set_paused(self, paused: bool) -> None:
        """Pause during a training: both need the processor and would distort the measurement."""
        if paused != self._paused:
            self._paused = paused
            self.ask(self._design, self._images)

    def close(self) -> None:
        """Stop, and wait up to 3 s for the current step; the thread ends with the process in any case."""
        self.ask(None)
        if self._worker is not None:
            self._worker.join(3.0)
            self._worker = None

    @property
    def is_busy(self) -> bool:
        """Whether a design is being measured or about to be."""
        return self._timer.isActive() or (self._worker is not None and self._worker.is_alive())

    @Slot()
    def _start(self) -> None:
        if self._worker is not None and self._worker.is_alive():
            self._timer.start(50)  # the previous measurement is at its last step
            return
        design, number, images = self._design, self._number, self._images
        if design is None:
            return
        stop = self._stop = threading.Event()
        most_bytes, threads, done = self._most_bytes, self._threads, self._done

        def work() -> None:
            found: Measured | None = None
            # Faults of the design are shown on its cards.
            with contextlib.suppress(ConvvizError, MemoryError, ValueError):
                try:
                    if most_bytes is None or memory(design) < most_bytes:
                        found = measure(design, stop=stop.is_set, threads=threads, images=images)
                except RuntimeError:
                    if not stop.is_set():
                        raise
                    # A RuntimeError comes from thread pools that accept no more work because the process ends.
            if not stop.is_set():
                done(number, found)

        self._worker = threading.Thread(target=work, name="convviz-measure", daemon=True)
        self._worker.start()

    def _finish(self, number: int, found: Measured | None) -> None:
        if number == self._number and self._design is not None:
            self.measured.emit(self._design, found)
