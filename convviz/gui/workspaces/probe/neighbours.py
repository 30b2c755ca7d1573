"""The images most like a given one: in the class of its label, and in the class of the network's answer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.worker import Worker

COUNT, SIDE = 4, 44
MOST = 2000
"""Most images of a class that are compared."""
BLOCK = 100
"""Images that are compared at once."""


NEAR = "neighbours"
Rows = list[list[int]]


class Neighbours(QWidget):
    """Two rows of small images.

    Attributes
    ----------
    asked : Signal(object, int, object)
        The rows of the images nearest to an image are wanted: moment, row, and two classes.
    """

    asked = Signal(object, int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = [ElidedLabel(token="muted", size=11) for _ in range(2)]
        self.rows: Rows = [[], []]
        """Rows of the images that are shown."""
        self._pictures = [[Thumbnail(SIDE, name="Neighbour") for _ in range(COUNT)] for _ in range(2)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for words, pictures in zip(self.words, self._pictures, strict=True):
            line = QHBoxLayout()
            line.setSpacing(5)
            for one in pictures:
                line.addWidget(one)
            line.addStretch(1)
            column.addWidget(words)
            column.addLayout(line)
        column.addStretch(1)

    def show_image(self, moment: Moment, row: int) -> None:
        """Ask for the images most like one: in its label's class, and in the answer's, or else the runner-up's."""
        label, answer = int(moment.images.labels[row]), int(moment.mistakes.answers[row])
        second = int(np.argsort(-moment.mistakes.probabilities[row], kind="stable")[1])
        other = answer if answer != label else second
        for words, kind, why in zip(
            self.words, (label, other), ("its label", "the answer" if answer != label else "2nd"), strict=True
        ):
            words.set_text(f"most like it: {moment.names[kind]}, {why}")
        self.asked.emit(moment, row, (label, other))

    def show_rows(self, moment: Moment, rows: Rows) -> None:
        """Show the images of some rows."""
        self.rows = rows
        for own, pictures in zip(rows, self._pictures, strict=True):
            for place, picture in enumerate(pictures):
                picture.show_values(moment.images.images[own[place]] if place < len(own) else None)


class NeighboursControl(QObject):
    """Finds the neighbours in a separate thread: large images take long to compare.

    Parameters
    ----------
    view : Neighbours
    """

    def __init__(self, view: Neighbours, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._worker = Worker(self)
        view.asked.connect(self._ask)
        self._worker.finished.connect(self._finished)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _ask(self, moment: Moment, row: int, labels: tuple[int, ...]) -> None:
        self._worker.start(NEAR, lambda _progress, _tell: (moment, [nearest_of(moment, row, k, COUNT) for k in labels]))

    def _finished(self, _kind: str, result: tuple[Moment, Rows]) -> None:
        self._view.show_rows(*result)


def nearest_of(moment: Moment, row: int, label: int, count: int) -> list[int]:
    """The images of a class with the smallest L2 distance of pixels from an image, except that image."""
    own = np.flatnonzero(moment.images.labels == label)[:MOST]
    own = own[own != row]
    away = np.empty(len(own))
    for start in range(0, len(own), BLOCK):
        some = slice(start, start + BLOCK)
        apart = moment.images.images[own[some]] - moment.images.images[row]
        away[some] = np.square(apart).sum(axis=(1, 2, 3))
    order = np.argsort(away, kind="stable")[:count]
    return [int(one) for one in own[order]]
