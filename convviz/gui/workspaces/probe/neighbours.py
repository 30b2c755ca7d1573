"""The images of two classes that look most like one: those of its label, and those of what it is taken for."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.moment import Moment

COUNT, SIDE = 4, 44
MOST = 2000
"""Images of a class that are compared."""


class Neighbours(QWidget):
    """Two rows of small images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = [ElidedLabel(token="muted", size=11) for _ in range(2)]
        self.rows: list[list[int]] = [[], []]
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
        """Show the neighbours of an image; of one that is answered right, those of the runner-up."""
        label, answer = int(moment.images.labels[row]), int(moment.mistakes.answers[row])
        second = int(np.argsort(-moment.mistakes.probabilities[row], kind="stable")[1])
        other = answer if answer != label else second
        for number, (kind, why) in enumerate(
            ((label, "its label"), (other, "the answer" if answer != label else "2nd"))
        ):
            self.words[number].set_text(f"most like it: {moment.names[kind]}, {why}")
            self.rows[number] = nearest_of(moment, row, kind, COUNT)
            for place, picture in enumerate(self._pictures[number]):
                there = place < len(self.rows[number])
                picture.show_values(moment.images.images[self.rows[number][place]] if there else None)


def nearest_of(moment: Moment, row: int, label: int, count: int) -> list[int]:
    """The images of a class with the smallest L2 distance of pixels from an image, itself left out."""
    own = np.flatnonzero(moment.images.labels == label)[:MOST]
    own = own[own != row]
    apart = moment.images.images[own] - moment.images.images[row]
    order = np.argsort(np.square(apart).sum(axis=(1, 2, 3)), kind="stable")[:count]
    return [int(one) for one in own[order]]
