"""Pruning: how many of the weights can go before the network gets worse, on a copy of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.labels import Caption, Heading, Note
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.prune_curve import LEFT, RIGHT, PruneCurve
from convviz.gui.workspaces.probe.worker import Tell
from convviz.present.numbers import format_value
from convviz.present.words import counted
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import Progress
from convviz.probe.pruning import Pruned, prune

FIRST = 1000
"""Images from which a first accuracy is computed."""
WAIT_MS = 60
CURVE = (50, 80, 90, 95, 25, 70, 98, 10, 60, 85, 40, 99, 100)
"""Per cent at which the curve is measured, in this order."""
THUMB = 8
"""Half of the slider's knob, in pixels: its middle is over the line in the curve."""


@dataclass(frozen=True, slots=True, eq=False)
class PruneFound:
    """The accuracy of a network without its smallest weights.

    Parameters
    ----------
    percent : int
        Of the weights that are gone.
    pruned : Pruned
    accuracy : float
    images : int
        How many images it was measured on: first some, then all.
    """

    percent: int
    pruned: Pruned
    accuracy: float
    images: int


def measure_pruned(
    moment: Moment, percent: int, known: float | None, threads: int, progress: Progress, found: Tell
) -> PruneFound:
    """Set weights of a copy to 0 and count the right answers, unless their share is known.

    The count over the first images is reported early.
    """
    pruned = prune(moment.network, percent / 100)
    if known is not None:
        return PruneFound(percent, pruned, known, len(moment.images))
    if len(moment.images) > FIRST:
        first = measure_mistakes(pruned.network, moment.images.first(FIRST), threads=threads, progress=progress)
        found(PruneFound(percent, pruned, first.accuracy, FIRST))
    every = measure_mistakes(pruned.network, moment.images, threads=threads, progress=progress)
    return PruneFound(percent, pruned, every.accuracy, len(moment.images))


def measure_curve(moment: Moment, percents: list[int], threads: int, progress: Progress, found: Tell) -> None:
    """The same for several shares, each reported when it is done."""
    for percent in percents:
        pruned = prune(moment.network, percent / 100)
        every = measure_mistakes(pruned.network, moment.images, threads=threads, progress=progress)
        found(PruneFound(percent, pruned, every.accuracy, len(moment.images)))


class PruningView(QWidget):
    """A slider, the accuracy, and where the zeros are.

    Attributes
    ----------
    asked : Signal(int)
        Per cent of the weights that are to go.
    """

    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self._points: dict[int, float] = {}
        """Accuracy on all images by per cent of the weights."""
        self._listed = False
        """Whether the zeros of every layer are shown for where the slider is."""
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("Share of weights that are gone")
        self.share = Heading("", level=2)
        self.said = Caption()
        self.curve = PruneCurve()
        self.about = Note(
            "Drag the slider: the smallest weights of all layers together are set to 0, biases stay. This is a copy: "
            "the network that you train keeps its weights."
        )
        card = Card("How many weights can go?")
        head = QHBoxLayout()
        head.addWidget(self.share)
        head.addStretch(1)
        head.addWidget(self.said)
        card.add(head)
        line = QHBoxLayout()
        line.setContentsMargins(LEFT - THUMB, 0, RIGHT - THUMB, 0)
        line.addWidget(self.slider)
        card.add(line)
        card.add(self.curve, 1)
        self.how = Button(
            "How is this computed?", small=True, tip="Step the chosen image through the network without these weights"
        )
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.how)
        card.add(foot)
        self.layers = FactTable()
        side = Card("Where the zeros are")
        side.add(self.layers)
        side.body.addStretch(1)
        side.setFixedWidth(304)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(card, 1)
        column = QVBoxLayout()
        column.addWidget(side, 1)
        row.addLayout(column)
        self._wait = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._wait.timeout.connect(lambda: self.asked.emit(self.slider.value()))
        self.slider.valueChanged.connect(self._moved)

    def show_moment(self, moment: Moment) -> None:
        """Show another network, of which only the whole has been measured."""
        if moment is self._moment:
            return
        self._moment = moment
        self._points = {0: moment.mistakes.accuracy}
        self._moved(self.slider.value())

    @property
    def missing(self) -> list[int]:
        """Per cent at which the curve is not measured yet."""
        return [percent for percent in CURVE if percent not in self._points]

    def known(self, percent: int) -> float | None:
        """The accuracy on all images without so many of the weights, if it was measured."""
        return self._points.get(percent)

    def show_found(self, found: PruneFound) -> None:
        """Show what was measured."""
        moment = self._moment
        if moment is None:
            return
        if found.images == len(moment.images):
            self._points[found.percent] = found.accuracy
        if found.percent != self.slider.value():
            self._draw()
            return
        self._listed = True
        if found.percent in self._points:
            self._show_share()
        else:
            self.share.setText(f"{found.accuracy:.2%} of the first {counted(found.images, 'image')} right")
        kept, size = found.pruned.kept, sum(size for _, size in found.pruned.zeros.values())
        rest = "" if found.percent in self._points else f" · counting all {counted(len(moment.images), 'image')} …"
        least = format_value(found.pruned.threshold)
        self.said.setText(f"{kept:,} of {counted(size, 'weight')} left, all larger than {least} in size{rest}")
        self.layers.show_facts(
            [(name, f"{zero:,} of {size:,} ({zero / size:.0%})") for name, (zero, size) in found.pruned.zeros.items()]
        )
        self._draw()

    def say(self, sentence: str) -> None:
        """Say why the share of right answers is not known."""
        self.said.setText(sentence)
        if self.slider.value() not in self._points:
            self.share.setText("")

    def _show_share(self) -> None:
        """Show the share of right answers at the slider, or that it is not known yet."""
        percent = self.slider.value()
        if percent not in self._points:
            self.share.setText("measuring …")
            return
        lost = 100 * (self._points[percent] - self._points[0])
        self.share.setText(f"{self._points[percent]:.2%} right" + (f" ({lost:+.2f} points)" if percent else ""))

    def _moved(self, percent: int) -> None:
        self._listed = False
        self._show_share()
        self.said.setText(f"without {percent} % of the weights")
        self._draw()
        if self.isVisible():
            self._wait.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.missing or not self._listed or self.slider.value() not in self._points:
            self._wait.start()

    def _draw(self) -> None:
        chance = 1 / len(self._moment.names) if self._moment is not None else 0.0
        self.curve.show_points(self._points, self.slider.value(), chance)
