"""The curves of all runs that are shown: loss and test accuracy, over one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.switch import Switch
from convviz.gui.workspaces.compare.overlay_view import OverlayView, RunCurveStyle
from convviz.present.compare.curves import SHARE, STRETCH, Axis, DrawnCurve, RunCurves, bands, colour_of, traces
from convviz.present.compare.pair import Parting
from convviz.present.compare.runs import RunRow

AXES: tuple[Axis, ...] = ("steps", "epochs", "time")
X_NAMES = {"steps": "step", "epochs": "epoch", "time": "second"}
SOON = 250
"""Milliseconds after which many curves are drawn again."""
SMOOTH = f"mean of the last {STRETCH} minibatches, later of {SHARE:.0%} of those so far".replace("%", " %")
FEW = 16
"""Up to this many curves, each has its full colour."""


class CurvesPage(QWidget):
    """Loss at the left, test accuracy at the right; one pointer moves over both.

    Attributes
    ----------
    picked : Signal(object)
        Path of the run whose curve was clicked.
    momentAsked : Signal(int)
        Step that is to be looked at; -1 for none.
    """

    picked = Signal(object)
    momentAsked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._rows: Sequence[RunRow] = ()
        self._curves: dict[Path, RunCurves] = {}
        self._colours: dict[Path, int] = {}
        self._pair: tuple[Path | None, Path | None] = (None, None)
        self._parting: Parting | None = None
        """Where A and B part, once the curves of both have been read."""
        self._traces: dict[tuple[str, str, bool, Path], tuple[RunCurves, DrawnCurve]] = {}
        """The curves that were drawn, each with the data it was made from."""
        self._step: int | None = None
        """The moment that is looked at."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._draw)
        self.axis = SegmentedControl(list(AXES), small=True, name="What the curves run over")
        self.scale = SegmentedControl(["log", "linear"], small=True, name="Scale of the loss")
        self.detail = SegmentedControl(["smooth", "raw"], small=True, name="Loss", tips=[SMOOTH, "every minibatch"])
        self.seeds = Switch("Bands over seeds")
        self.seeds.setToolTip("Runs that differ in their seed only become one curve: their mean, with their extent")
        self.loss = OverlayView("Loss", "of the minibatches", names=True)
        self.accuracy = OverlayView("Test accuracy", "after every epoch", percent=True, names=True)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for words, control in (("over", self.axis), ("loss", self.scale), ("", self.detail)):
            if words:
                bar.addWidget(Caption(words))
            bar.addWidget(control)
        bar.addStretch(1)
        bar.addWidget(Caption("bands over seeds"))
        bar.addWidget(self.seeds)
        plots = QHBoxLayout()
        plots.setSpacing(16)
        plots.addWidget(self.loss, 1)
        plots.addWidget(self.accuracy, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(bar)
        column.addLayout(plots, 1)
        for control in (self.axis, self.scale, self.detail):
            control.selected.connect(self._draw)
        self.seeds.toggled.connect(self._draw)
        self.loss.hovered.connect(self.accuracy.show_at)
        self.accuracy.hovered.connect(self.loss.show_at)
        self.loss.picked.connect(self.picked)
        self.accuracy.picked.connect(self.picked)
        for view in (self.loss, self.accuracy):
            view.momentAsked.connect(self._ask_moment)
        self._theme.changed.connect(self._draw)

    def show_runs(
        self,
        rows: Sequence[RunRow],
        curves: dict[Path, RunCurves],
        colours: dict[Path, int],
        pair: tuple[Path | None, Path | None],
        parting: Parting | None,
    ) -> None:
        """Show the curves of these runs, as far as they have been read, and until where those of A and B are one."""
        self._rows, self._curves, self._colours, self._pair, self._parting = rows, curves, colours, pair, parting
        if len(rows) <= FEW:
            self._draw()
        elif not self._soon.isActive():
            self._soon.start()  # many curves come one after the other

    def show_moment(self, step: int | None) -> None:
        """Show the values of all runs after so many minibatches; None shows none."""
        self._step = step
        self._show_cursor()

    def _show_cursor(self) -> None:
        one, axis = self._measure, AXES[self.axis.index]
        x = None
        if self._step is not None and one is not None:
            x = float(one.along(axis, np.array([self._step]))[0])
        elif self._step is not None and axis == "steps":
            x = float(self._step)
        for view in (self.loss, self.accuracy):
            view.show_cursor(None if x is None or math.isnan(x) else x)

    @property
    def _measure(self) -> RunCurves | None:
        """The run that converts places on the axis to steps: A, or the first one shown."""
        paths = [self._pair[0], *(row.path for row in self._rows)]
        return next((self._curves[path] for path in paths if path is not None and path in self._curves), None)

    def _ask_moment(self, x: float) -> None:
        one = self._measure
        if math.isnan(x) or one is None:
            self.momentAsked.emit(-1)
        else:
            self.momentAsked.emit(max(0, one.step_at(AXES[self.axis.index], x)))

    def close_down(self) -> None:
        """Drop what is being drawn."""
        self._soon.stop()
        self.loss.close_down()
        self.accuracy.close_down()

    def _draw(self, *_: object) -> None:
        axis = AXES[self.axis.index]
        found = [self._curves[row.path] for row in self._rows if row.path in self._curves]
        groups = seed_groups(self._rows) if self.seeds.isChecked() else []
        grouped = {path for group in groups for path in group}
        many = len(found) > FEW
        looks = {}
        for row in self._rows:
            pair = row.path in self._pair
            faint = (many or row.path in grouped) and not pair
            colour = colour_of(self._colours.get(row.path, 0), self._theme.dark)
            looks[row.path] = RunCurveStyle(
                row.name, colour, 2.4 if pair else 1.0 if faint else 1.5, 0.35 if faint else 1.0
            )
        log, raw, shared = self.scale.index == 0, self.detail.index == 1, self._shared_until(axis)
        self._show_cursor()

        def show(view: OverlayView, what: str) -> None:
            drawn = [self._trace(one, what, axis, raw) for one in found]
            view.show_traces(
                drawn,
                bands(drawn, groups),
                looks,
                log=log and what == "loss",
                x_name=X_NAMES[axis],
                pair=self._pair,
                shared=shared,
            )

        show(self.loss, "loss")
        if many:
            QTimer.singleShot(0, self, lambda: show(self.accuracy, "test_accuracy"))  # a turn of its own
        else:
            show(self.accuracy, "test_accuracy")

    def _shared_until(self, axis: Axis) -> float:
        """Where on the axis A and B part; their clocks run differently from the start."""
        a, b = (None if path is None else self._curves.get(path) for path in self._pair)
        found = self._parting
        if a is None or b is None or found is None or not found.compared or axis == "time":
            return -math.inf
        last = min(int(a.steps[-1]), int(b.steps[-1])) if found.step is None else found.step - 1
        return float(a.along(axis, np.array([last]))[0]) if last else -math.inf

    def _trace(self, one: RunCurves, what: str, axis: Axis, raw: bool) -> DrawnCurve:
        key = (what, axis, raw, one.path)
        known = self._traces.get(key)
        if known is None or known[0] is not one:
            known = self._traces[key] = one, traces([one], what, axis, raw=raw)[0]
        return known[1]


def seed_groups(rows: Sequence[RunRow]) -> list[list[Path]]:
    """Runs that differ in their seed only."""
    found: dict[object, list[Path]] = {}
    for row in rows:
        if row.design is not None:
            design = replace(row.design, name="", about="", training=replace(row.design.training, seed=0))
            found.setdefault(design, []).append(row.path)
    return [group for group in found.values() if len(group) > 1]
