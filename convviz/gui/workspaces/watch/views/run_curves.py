"""The curves of the run in one card: loss, accuracy, learning rate, norms by layer, the watched images."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.curve.axis import Scale
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.images.tab import WatchedImages
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.series import Series
from convviz.present.watch.curves import CurvesPicture, curves_picture
from convviz.present.watch.layer_curves import GOOD

STEPS = "steps, one per minibatch"
"""Label of the x axes."""
GUESSING = "no better than guessing"
"""Label of the line at the loss ln(number of classes), at which every class has the same probability."""
TABS = ("Loss", "Accuracy", "Rate", "‖dW‖", "‖ΔW‖/‖W‖", "Images")
IMAGES = TABS.index("Images")
TIPS = (
    "Loss of each minibatch, and of the test images after every epoch",
    "Share of images that are classified correctly",
    "Learning rate of each update",
    "Gradient norm of each layer's weights",
    "Update ratio: how far an update moves each layer's weights, as a share of their norm",
    "Several images with the network's answers, and the probability of the watched image's label over time",
)
LEAST = 150
"""Smallest height of the curves, with legend and axis, in pixels."""
MEASURED = "Measured as soon as training starts."


class RunCurves(WatchView):
    """A card with tabs; only the curves in front are drawn.

    Attributes
    ----------
    stripChosen : Signal(object)
        Another :class:`StripChoice`: the images in the strip.
    stepAsked : Signal(int)
        Show the moment after this step, which was clicked (and not double-clicked, which shows the whole curve).
    tabShown : Signal()
        Another tab is in front.
    """

    is_slow = True
    picture_of = staticmethod(curves_picture)
    stripChosen = Signal(object)
    stepAsked = Signal(int)
    tabShown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = CurveView(x_name="step", x_about=STEPS, y_name="loss", scale="log", name="Loss")
        self.accuracy = CurveView(
            x_name="step", x_about=STEPS, y_name="accuracy", form="percent", bounds=(0.0, 1.0), name="Accuracy"
        )
        self.rate = self._measured("learning rate", "linear", "Learning rate")
        self.gradients = self._measured("‖dW‖", "log", "Gradient norms")
        self.updates = self._measured("‖ΔW‖/‖W‖", "log", "Update ratio")
        self.confidence = CurveView(
            x_name="step",
            x_about=STEPS,
            y_name="probability",
            form="percent",
            bounds=(0.0, 1.0),
            name="Confidence",
            empty=MEASURED,
        )
        self.updates.set_levels([(GOOD[0], "usual from here"), (GOOD[1], "usual up to here")])
        self.views = (self.loss, self.accuracy, self.rate, self.gradients, self.updates, self.confidence)
        self._step = 0
        self._clicked = QTimer(self)
        """Runs out after a click unless a second one follows: a double click shows the whole curve instead."""
        self._clicked.setSingleShot(True)
        self._clicked.setInterval(QApplication.doubleClickInterval())
        self._clicked.timeout.connect(lambda: self.stepAsked.emit(self._step))
        for view in self.views:
            view.hint.offer("a click goes there")
            view.picked.connect(self._picked)
            view.allShown.connect(self._clicked.stop)
        self._drawn: list[object] = [None] * len(self.views)
        self._picture: CurvesPicture | None = None
        self._moment: int | None = None
        """The step that is looked at; None for the newest."""
        self.drawings = 0
        """Number of times curves were drawn; for measurements."""
        self.card = Card("")
        self.tabs = SegmentedControl(TABS, small=True, name="Curves", tips=TIPS)
        self.tabs.selected.connect(self._go_to)
        self.scales = {index: self._scale_of(index) for index in (0, 2, 3, 4)}
        """By tab, the choice between a linear and a logarithmic axis, for tabs that offer it."""
        self._note = FittingLabel(size=12, align=Qt.AlignmentFlag.AlignLeft)
        self._stack = QStackedLayout()
        self.card.add_first(self.tabs)
        self.card.add(self._note)
        self.card.add(self._stack, 1)
        # Only once the stack has a parent: it shows its first view at once, which would otherwise be a window.
        for view in self.views[:IMAGES]:
            view.setMinimumHeight(LEAST)
            self._stack.addWidget(view)
        self.images = WatchedImages(self.confidence)
        self._stack.addWidget(self.images)
        self.images.choiceMade.connect(self.stripChosen)
        self.images.strip.picked.connect(self.imagePicked)
        self.images.strip.hovered.connect(self.hovered)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self._say()

    def show_picture(self, picture: CurvesPicture) -> None:
        """Draw the points that are new since the last call, on the tab in front."""
        self._picture, self._moment = picture, picture.moment
        self._draw()

    def show_moment(self, step: int | None) -> None:
        """Mark the step that is looked at, before its picture comes; None for the newest."""
        self._moment = step
        self.views[self.tabs.index].set_moment(step)

    def show_tab(self, title: str) -> None:
        """Bring a tab to the front."""
        self.tabs.set_index(TABS.index(title))
        self._go_to(TABS.index(title))

    @property
    def shows_strip(self) -> bool:
        """Whether the tab with the strip of images is in sight."""
        return self.isVisible() and self.tabs.index == IMAGES

    def _draw(self) -> None:
        picture = self._picture
        if picture is None:
            return
        if self.tabs.index == IMAGES:
            self.images.show_picture(picture.strip)
        front, view = self.tabs.index, self.views[self.tabs.index]
        if front == 0 and not math.isnan(picture.guessing):
            self.loss.set_levels([(picture.guessing, f"{GUESSING} {picture.guessing:.3f}")])
        key: object = (picture.counts if front < 3 else picture.layers.key), picture.events
        view.set_moment(self._moment)
        if key == self._drawn[front]:
            return
        self._drawn[front] = key
        self.drawings += 1
        view.set_events(picture.events, self._moment)
        view.set_series(self._series(picture, front))
        self._say()

    def _series(self, picture: CurvesPicture, front: int) -> tuple[Series, ...]:
        layers = picture.layers
        found = picture.loss, picture.accuracy, layers.rate, layers.gradients, layers.updates, layers.confidence
        return found[front]

    def _go_to(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self._say()
        self._draw()
        self.tabShown.emit()

    def _picked(self, step: float) -> None:
        self._step = round(step)
        self._clicked.start()

    def _say(self) -> None:
        index = self.tabs.index
        texts = (
            (),
            ("on all images, after every epoch", "after every epoch"),
            (),
            ("gradient dW of the minibatch, by layer", "gradient, by layer"),
            ("size of the update, relative to the weights", "update against weights", "by layer"),
            (),
        )
        self._note.set_texts(texts[index])
        self._note.setVisible(bool(texts[index]))

    def _scale_of(self, tab: int) -> SegmentedControl:
        """The choice between a linear and a logarithmic axis, beside the legend of a tab's curves."""
        view = self.views[tab]
        made = SegmentedControl(["log", "linear"], small=True, name="Axis", tips=["Logarithmic axis", "Linear axis"])
        made.set_index(0 if view.scale == "log" else 1)
        made.selected.connect(lambda index: view.set_scale("log" if index == 0 else "linear"))
        view.legend.set_corner(made)
        return made

    @staticmethod
    def _measured(name: str, scale: Scale, title: str) -> CurveView:
        return CurveView(x_name="step", x_about=STEPS, y_name=name, scale=scale, name=title, empty=MEASURED)


if __name__ == "__main__":
    run_view(RunCurves)
