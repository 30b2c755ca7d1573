"""Loss and accuracy of the run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.curves import CurvesPicture, curves_picture

STEPS = "steps, one per minibatch"
"""Label of the x axes."""
GUESSING = "no better than guessing"
"""At the loss ln(classes), where every class has the same probability."""


class RunCurves(WatchView):
    """Two cards with curves."""

    is_slow = True
    picture_of = staticmethod(curves_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = CurveView(x_name="step", x_about=STEPS, y_name="loss", scale="log", name="Loss")
        self.accuracy = CurveView(
            x_name="step", x_about=STEPS, y_name="accuracy", form="percent", bounds=(0.0, 1.0), name="Accuracy"
        )
        self._drawn = (-1, -1, -1, -1)
        self.drawings = 0
        """How often the curves were drawn; for measurements."""
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

    def show_picture(self, picture: CurvesPicture) -> None:
        """Draw what is new since the last call."""
        if picture.guessing == picture.guessing:
            self.loss.levels.set([(picture.guessing, f"{GUESSING} {picture.guessing:.3f}")])
        if picture.counts == self._drawn:
            return
        self._drawn = picture.counts
        self.drawings += 1
        for curves, series in ((self.loss, picture.loss), (self.accuracy, picture.accuracy)):
            curves.set_events(picture.events)
            curves.set_series(series)

    def _scale_chosen(self, index: int) -> None:
        self.loss.set_scale("log" if index == 0 else "linear")


if __name__ == "__main__":
    run_view(RunCurves)
