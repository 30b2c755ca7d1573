"""The network's answer to a drawing, while it is drawn."""

from __future__ import annotations

import queue
import threading
import time

from PySide6.QtCore import QObject, Signal

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, PROBABILITIES
from convviz.core.network import Network
from convviz.gui.widgets.posted import posted
from convviz.training.blas import OneBlasThread
from convviz.training.predict import forward_plan

Asked = Network | Array | None
PAUSE = 2.0
"""Seconds without a question after which BLAS gets its threads back."""


class Guesser(QObject):
    """One thread that runs one image at a time, always the newest, through a copy of the network.

    It uses NumPy's kernels, which are as fast as compiled ones for one image, and need not be compiled first. Meanwhile
    BLAS has one thread: for one image, sharing the products among threads takes up to fifty times as long as computing
    them.

    Attributes
    ----------
    guessed : Signal(object, float)
        Probabilities of all classes, and seconds from the question to the answer.
    """

    guessed = Signal(object, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: queue.SimpleQueue[tuple[Asked, float]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._answer = posted(self._answered)

    def use(self, network: Network) -> None:
        """Ask another network from now on."""
        self._put(network)

    def ask(self, image: Array) -> None:
        """Ask for an image ``(C, H, W)``, which must not change any more."""
        self._put(image)

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._put(None)
            self._thread.join()
            self._thread = None

    def _put(self, asked: Asked) -> None:
        if self._thread is None and asked is not None:
            self._thread = threading.Thread(target=self._work, name="convviz-guess", daemon=True)
            self._thread.start()
        self._asked.put((asked, time.perf_counter()))

    def _answered(self, found: Array, seconds: float) -> None:
        self.guessed.emit(found, seconds)

    def _work(self) -> None:
        lanes, plan, network, image, since = Lanes(1), None, None, None, 0.0
        alone: OneBlasThread | None = None
        try:
            while True:
                try:
                    asked, at = self._asked.get(timeout=None if alone is None else PAUSE)
                except queue.Empty:  # nobody draws
                    if alone is not None:
                        alone.release()
                    alone = None
                    continue
                if asked is None:
                    return
                alone = alone or OneBlasThread()
                if isinstance(asked, Network):
                    network, plan = asked, None
                else:
                    image, since = asked, at
                if not self._asked.empty() or network is None or image is None:
                    continue  # something newer waits
                wanted = network.design.input
                if image.shape != (wanted.channels, wanted.height, wanted.width):
                    continue
                try:
                    plan = plan or forward_plan(network, 1, lanes, compiled=False)
                    plan.inputs[IMAGES][...] = image[None]
                    plan.inputs[LABELS][...] = 0
                    plan.run()
                    found = plan[PROBABILITIES][0].copy()
                except (ConvvizError, ValueError, MemoryError):
                    continue
                self._answer(found, time.perf_counter() - since)
        finally:
            lanes.close()
            if alone is not None:
                alone.release()
