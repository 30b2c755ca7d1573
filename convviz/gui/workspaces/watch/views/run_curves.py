"""Loss and accuracy of the run."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.curve.data import Series
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.present.history import SMOOTHING, History

STEPS = "steps, one a minibatch"
"""What the x axes count."""


class RunCurves(QWidget):
    """Two cards with curves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = CurveView(x_name="step", x_about=STEPS, y_name="loss", scale="log", name="Loss")
        self.accuracy = CurveView(
            x_name="step", x_about=STEPS, y_name="accuracy", form="percent", bounds=(0.0, 1.0), name="Accuracy"
        )
        self._drawn = (-1, -1, -1)
        self._shown: dict[tuple[str, str], tuple[tuple[int, float], int]] = {}
        """Of each growing curve: the run and the step it begins at, and how many points were shown."""
        self.drawings = 0
        """How often the curves were drawn: for measuring."""
        self.loss_card = Card("Loss")
        self.loss_card.add(self.loss, 1)
        self._scale = SegmentedControl(
            ["log", "linear"], small=True, name="Loss axis", tips=["Logarithmic axis", "Linear axis"]
        )
        self._scale.selected.connect(self._scale_chosen)
        self.loss_card.add_action(self._scale)
        self.accuracy_card = Card("Accuracy")
        self.accuracy_card.add_action(
            FittingLabel(
                ["on all images, after every epoch", "after every epoch"], size=12, align=Qt.AlignmentFlag.AlignRight
            )
        )
        self.accuracy_card.add(self.accuracy, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.loss_card, 1)
        row.addWidget(self.accuracy_card, 1)

    def show_history(self, history: History) -> None:
        """Draw what has come since the last call."""
        counts = history.runs, len(history.minibatches), len(history.epochs)
        if counts == self._drawn:
            return
        self._drawn = counts
        self.drawings += 1
        steps, losses, accuracies = (history.minibatches.column(i) for i in range(3))
        epochs = [history.epochs.column(i) for i in range(6)]
        # Of an opened model only the last epoch has minibatches; those before have their mean.
        first = steps[0] if len(steps) else math.inf
        past = int(np.searchsorted(epochs[0], first))
        means = Series("mean of the epoch", epochs[0][:past], epochs[1][:past], "training", "dots")
        smoothed = since_full(steps)
        self.loss.set_series(
            [
                *([means] if past else []),
                self._grown("each minibatch", steps, losses, "raw", "raw"),
                self._grown(f"mean of {SMOOTHING}", steps[smoothed:], history.mean(1)[smoothed:], "training", "smooth"),
                self._grown("test", epochs[0], epochs[4], "test", "points", dashed=True),
            ]
        )
        unknown = int(np.isnan(accuracies).sum())  # of minibatches before the model was opened
        unknown += since_full(steps[unknown:])
        steps, running = steps[unknown:], history.mean(2)[unknown:]
        # The steep beginning would press all that follows against the top: it goes once there are epochs to compare.
        start = int(np.searchsorted(steps, epochs[0][0] / 2)) if len(epochs[0]) > 1 else 0
        since = f", from step {int(steps[start]):,}" if 0 < start < len(steps) else ""
        raw = self._grown(f"mean of {SMOOTHING}{since}", steps[start:], running[start:], "raw", "raw", of="accuracy")
        self.accuracy.set_series(
            [
                *([raw] if len(raw.x) else []),
                self._grown("training", epochs[0], epochs[3], "training", "points", of="accuracy"),
                self._grown("test", epochs[0], epochs[5], "test", "points", of="accuracy", dashed=True),
            ]
        )

    def _grown(
        self,
        name: str,
        x: np.ndarray,
        y: np.ndarray,
        token: str,
        kind: str,
        *,
        of: str = "loss",
        dashed: bool = False,
    ) -> Series:
        """A series that goes on from the one shown before, where both begin at the same step of the same run."""
        begins = self._drawn[0], float(x[0]) if len(x) else math.nan
        before = self._shown.get((of, name))
        self._shown[of, name] = begins, len(x)
        kept = before[1] if before is not None and before[0] == begins else 0
        return Series(name, x, y, token, kind, dashed=dashed, kept=kept)

    def _scale_chosen(self, index: int) -> None:
        self.loss.set_scale("log" if index == 0 else "linear")


def since_full(steps: np.ndarray) -> int:
    """From which minibatch on the running mean is shown.

    At the start of a run it is that of fewer. Where the minibatches before are not known it begins with the first full
    mean: one of three would be a spike.
    """
    return SMOOTHING - 1 if len(steps) and steps[0] > 1 else 0
