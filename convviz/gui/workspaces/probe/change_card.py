"""What would have to change for another answer: a slider from the image to its adversary, with the scores between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Caption, Note, ThemedLabel
from convviz.present.colour import Role
from convviz.present.numbers import format_value
from convviz.present.words import with_article
from convviz.probe.attack import Change, smallest_change
from convviz.probe.passes import check_weights, probabilities_of, scores_of
from convviz.probe.progress import Progress

STOPS = 40
"""Places of the slider beyond the image itself; the last one goes half as far again as the change that was found."""
REACH = 1.5
TALL, LOW = 84, 60
"""Height of the pictures, and in a low window."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The straight way from an image through the nearest one with another answer.

    Parameters
    ----------
    change : Change
        What was found.
    shares : ndarray, ``(k,)``
        Of the change, from 0; 1 is the image that was found.
    images : ndarray, ``(k, C, H, W)``
        Pixels stay in 0…1.
    probabilities : ndarray, ``(k, classes)``
    """

    change: Change
    shares: Array
    images: Array
    probabilities: Array


def find_way(network: Network, image: Array, progress: Progress) -> Way:
    """Search the smallest change, and run the network on the way there and beyond.

    Raises
    ------
    DesignError
        A weight or a pixel is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    found = smallest_change(network, image, progress=progress)
    shares = np.linspace(0, REACH, STOPS + 1)
    images = np.clip(np.asarray(image, np.float64) + shares[:, None, None, None] * found.change, 0, 1)
    return Way(found, shares, images, probabilities_of(scores_of(network, images)))


class ChangeCard(Card):
    """The change, the changed image, and a slider between the image and it.

    Attributes
    ----------
    stepAsked : Signal()
        The image at the slider is to be stepped.
    """

    stepAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What would have to change", parent=parent)
        self.way: Way | None = None
        self._names: tuple[str, ...] = ()
        self.difference = ArrayView(numbers=False, interactive=False, name="Change")
        self.after = ArrayView(numbers=False, interactive=False, name="Changed image")
        pair = QHBoxLayout()
        for view, words in ((self.difference, "change"), (self.after, "image + change")):
            view.setFixedHeight(TALL)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(view)
            column.addWidget(Caption(words), 0, Qt.AlignmentFlag.AlignHCenter)
            pair.addLayout(column)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STOPS)
        self.slider.setPageStep(5)
        self.slider.setAccessibleName("How much of the change is added")
        self.share = ThemedLabel(size=12, mono=True)
        self.scores = ThemedLabel(size=12)
        self.step = Button("Step it", small=True, tip="Go through the pass of the image at the slider")
        self.found = Note("Searching …")
        line = QHBoxLayout()
        line.addWidget(self.scores, 1)
        line.addWidget(self.share)
        self.add(pair)
        self.add(self.slider)
        self.add(line)
        self.add(self.found)
        self.add_action(self.step)
        self._parts = (self.slider, self.scores, self.share, self.step)
        self.slider.valueChanged.connect(self._show_place)
        self.step.clicked.connect(self.stepAsked)
        self.wait("Searching …")

    def set_low(self, low: bool) -> None:
        """Take less height."""
        for view in (self.difference, self.after):
            view.setFixedHeight(LOW if low else TALL)

    @property
    def image(self) -> Array | None:
        """The image at the slider, ``(C, H, W)``."""
        return None if self.way is None else self.way.images[self.slider.value()]

    def wait(self, sentence: str) -> None:
        """Show a sentence in place of a change."""
        self.way = None
        self.difference.set_picture(None)
        self.after.set_picture(None)
        self.found.setText(sentence)
        for one in self._parts:
            one.setVisible(False)

    def show_way(self, way: Way, names: tuple[str, ...]) -> None:
        """Show what was found."""
        change = way.change
        if not change.found:
            self.wait("No change of the pixels within 0…1 was found that gets another answer.")
            return
        self.way, self._names = way, names
        before, after = int(change.before.argmax()), int(change.after.argmax())
        high = change.largest
        self.difference.set_picture(picture_of(change.change), Role.GRADIENT, high)
        self.found.setText(
            f"The smallest change found makes it {with_article(names[after])} instead of "
            f"{with_article(names[before])}: L2 {change.norm:.3f}, "
            f"no pixel moves by more than {high:.3f}. It is drawn at its own scale, ±{format_value(high)}."
        )
        for one in self._parts:
            one.setVisible(True)
        at = int(np.searchsorted(way.shares, 1.0))
        self.slider.setValue(at)
        self._show_place(at)

    def _show_place(self, place: int) -> None:
        way = self.way
        if way is None:
            return
        change, p = way.change, way.probabilities[place]
        before, after = int(change.before.argmax()), int(change.after.argmax())
        self.after.set_picture(picture_of(way.images[place]), Role.INPUT, 1.0)
        answer = int(p.argmax())
        named = [
            f"<b>{self._names[k]} {p[k]:.3f}</b>" if k == answer else f"{self._names[k]} {p[k]:.3f}"
            for k in dict.fromkeys((before, after, answer))
        ]
        self.scores.setText(" &nbsp; ".join(named))
        self.share.setText(f"× {way.shares[place]:.2f}")


def picture_of(image: Array) -> Array:
    """One map of an image ``(C, H, W)``: the mean of its channels."""
    return np.asarray(image.mean(axis=0))
