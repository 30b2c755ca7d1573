"""The answers of the run's network to images, computed in the background."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from convviz.core.network import Network
from convviz.files.cancel import Cancelled, go_on
from convviz.gui.run_model.background import Background
from convviz.present.data_query import Judged
from convviz.run.messages import Inspected
from convviz.training.images import Split
from convviz.training.predict import predict

AT_ONCE = 1024
"""Images between two looks at whether it is still wanted."""


class SplitJudge(QObject):
    """Judges splits one after the other, the one in sight first.

    Attributes
    ----------
    judged : Signal(str, object, object)
        Name of a split, the split, and its :class:`Judged`.
    """

    judged = Signal(str, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = Background("convviz-judge", self)
        self._waiting: list[tuple[str, Split]] = []
        self._network: Network | None = None
        self._step = 0
        self._work.done.connect(self._done)

    def start(self, network: Inspected, splits: Mapping[str, Split]) -> None:
        """Judge splits with a copy of the network's arrays."""
        self._network = Network(network.design, weights=network.arrays)
        self._step = network.position.step
        self._waiting = [(name, split) for name, split in splits.items() if len(split)]
        self._next()

    def stop(self) -> None:
        """Judge no more."""
        self._waiting = []
        self._work.cancel()

    def _next(self) -> None:
        if not self._waiting or self._network is None:
            return
        name, split = self._waiting.pop(0)
        network, step = self._network, self._step

        def task(cancelled: Cancelled) -> tuple[str, Split, Judged]:
            return name, split, judge(network, split, step, cancelled)

        self._work.start(task)

    def _done(self, found: tuple[str, Split, Judged]) -> None:
        self.judged.emit(*found)
        self._next()


def judge(network: Network, split: Split, step: int, cancelled: Cancelled | None = None) -> Judged:
    """A network's answers to the images of a split.

    Raises
    ------
    LoadCancelledError
    """
    found = []
    for start in range(0, len(split), AT_ONCE):
        go_on(cancelled)
        part = Split(split.images[start : start + AT_ONCE], split.labels[start : start + AT_ONCE])
        found.append(predict(network, part, threads=1).probabilities)
    return Judged.of(np.concatenate(found), split.labels, step)
