"""What would have to change for another answer: a slider from the image to its adversary, with the scores between."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, Note, ThemedLabel
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.change_way import LEAST, SIGNS, STOPS, Way
from convviz.present.colour import ColourRole, image_role
from convviz.present.numbers import format_value
from convviz.present.words import with_article

TALL, LOW = 84, 60
"""Height of the pictures, and in a low window."""


WAYS = (("least in L2", LEAST), ("FGSM step", SIGNS))


class ChangeCard(Card):
    """The change, the changed image, and a slider between the image and it.

    Attributes
    ----------
    stepAsked : Signal()
        The image at the slider is to be stepped.
    asked : Signal()
        A change to another class, or of another kind, is wanted; see :attr:`to` and :attr:`by`.
    """

    stepAsked = Signal()
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What would have to change", parent=parent)
        self.way: Way | None = None
        self._names: tuple[str, ...] = ()
        self.into = Combo([("any other", -1)], name="Into which class", tip="Which class it is to be taken for")
        self.kind = Combo(WAYS, name="What kind of change", tip="Which change is the smallest")
        self.kind.set_item_tip(LEAST, "The smallest change in all: step by step to the nearest border, by gradients")
        self.kind.set_item_tip(SIGNS, "Every pixel moves alike, up or down as the loss's gradient says: one step")
        choice = QHBoxLayout()
        choice.setSpacing(6)
        choice.addWidget(Caption("into"))
        for combo in (self.into, self.kind):  # long names of classes make neither half wider
            combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(6)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        choice.addWidget(self.into, 5)
        choice.addWidget(self.kind, 6)
        self.difference = ArrayView(numbers=False, interactive=False, name="Change")
        self.after = ArrayView(numbers=False, interactive=False, name="Changed image")
        self.coloured = Thumbnail(TALL, name="Changed image")
        self.coloured.hide()
        pair = QHBoxLayout()
        for view, words in ((self.difference, "change"), (self.after, "image + change")):
            view.setFixedHeight(TALL)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(view)
            if view is self.after:
                column.addWidget(self.coloured, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(Caption(words), 0, Qt.AlignmentFlag.AlignHCenter)
            pair.addLayout(column)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STOPS)
        self.slider.setPageStep(5)
        self.slider.setAccessibleName("How much of the change is added")
        self.share = ThemedLabel(size=12, mono=True)
        for one in (self.slider, self.share):
            one.setToolTip("How much of the change is added: 0 is the image, 1 the smallest change that was found")
        self.scores = ThemedLabel(size=12)
        self.step = Button("Step it", small=True, tip="Go through the pass of the image at the slider")
        self.found = Note("Searching …")
        line = QHBoxLayout()
        line.addWidget(self.scores, 1)
        line.addWidget(self.share)
        self.add(choice)
        self.add(pair)
        self.add(self.slider)
        self.add(line)
        self.add(self.found)
        self.add_action(self.step)
        self._parts = (self.slider, self.scores, self.share, self.step)
        self.slider.valueChanged.connect(self._show_place)
        self.step.clicked.connect(self.stepAsked)
        for combo in (self.into, self.kind):
            combo.edited.connect(lambda _: self.asked.emit())
        tab_in_order(self.step, self.into, self.kind, self.slider)
        self.wait("Searching …")

    def set_low(self, low: bool) -> None:
        """Take less height."""
        for view in (self.difference, self.after):
            view.setFixedHeight(LOW if low else TALL)
        self.coloured.set_side(LOW if low else TALL)

    @property
    def image(self) -> Array | None:
        """The image at the slider, ``(C, H, W)``."""
        return None if self.way is None else self.way.images[self.slider.value()]

    @property
    def to(self) -> int | None:
        """The class that it is to be taken for; None for any other."""
        return None if self.into.value in (None, -1) else int(self.into.value)

    @property
    def by(self) -> str:
        """What is searched: ``LEAST`` or ``SIGNS``."""
        return str(self.kind.value)

    def fit(self, names: tuple[str, ...], answer: int) -> None:
        """Offer every class except the answer; the chosen one stays if it is among them."""
        others = [(name, k) for k, name in enumerate(names) if k != answer]
        self.into.set_choices([("any other", -1), *others])

    def wait(self, sentence: str) -> None:
        """Show a sentence in place of a change."""
        self.way = None
        self.difference.set_picture(None)
        self.after.set_picture(None)
        self.coloured.show_values(None)
        self.found.setText(sentence)
        for one in self._parts:
            one.setVisible(False)

    def show_way(self, way: Way, names: tuple[str, ...]) -> None:
        """Show what was found."""
        change = way.change
        if not change.found:
            what = "change of the pixels within 0…1" if way.by == LEAST else "step by signs, however large,"
            goal = "gets another answer" if way.to is None else f"makes it {with_article(names[way.to])}"
            self.wait(f"No {what} was found that {goal}.")
            return
        self.way, self._names = way, names
        before, after = int(change.before.argmax()), int(change.after.argmax())
        high = change.largest
        self.difference.set_picture(picture_of(change.change), ColourRole.GRADIENT, high)
        what = "change" if way.by == LEAST else "step by signs"
        self.found.setText(
            f"The smallest {what} found makes it {with_article(names[after])} instead of "
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
        in_colours = way.images.shape[1] == 3
        self.after.setVisible(not in_colours)
        self.coloured.setVisible(in_colours)
        if in_colours:
            self.coloured.show_values(way.images[place])
        else:
            self.after.set_picture(picture_of(way.images[place]), image_role(way.images.shape[1]), 1.0)
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
