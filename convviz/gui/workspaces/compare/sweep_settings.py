"""How a new sweep is trained: all combinations or some, seeds, epochs, early ending, and how many processes."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from convviz.core.design import Design
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel
from convviz.gui.widgets.switch import Switch
from convviz.gui.workspaces.compare.sweep_places import ADDRESS, MOST_PROCESSES
from convviz.machine import cores
from convviz.sweeps.errors import SweepError
from convviz.sweeps.halving import Halving
from convviz.sweeps.plan import Sweep
from convviz.sweeps.values import SweptField

EPOCHS, IMAGES = 3, 5000
"""Most epochs and images that are suggested: a sweep shows where to look, and a longer training follows."""


class SweepSettings(QWidget):
    """Each box is an attribute, named after the setting that it changes.

    Parameters
    ----------
    design : Design
    images : int or None
        Training images that there are.

    Attributes
    ----------
    changed : Signal()
    """

    changed = Signal()

    def __init__(self, design: Design, images: int | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design = design
        self.search = SegmentedControl(
            ["every combination", "some at random"], small=True, name="Which combinations are trained"
        )
        self.draws, self.drawing = spin("combinations", 1, 10_000, 20), spin("drawn with seed", 0, 99_999, 0)
        self.seeds = spin("seeds", 1, 100, 1)
        self.epochs = spin("epochs", 1, 100_000, min(design.training.epochs, EPOCHS))
        most = images or 10_000_000
        self.images = spin("training images", 1, most, min(design.training.train_size or IMAGES, most))
        self.workers = spin("processes", 1, MOST_PROCESSES, cores())
        self.scheduler = QLineEdit()
        self.scheduler.setProperty("mono", True)
        self.scheduler.setPlaceholderText("tcp://host:8786")
        self.scheduler.setAccessibleName("Address of a Dask scheduler")
        self.scheduler.setToolTip("Trained by the workers of this scheduler, on as many machines as it has")
        self.scheduler.setFixedWidth(220)
        self.halving = Switch("End the worse ones early")
        self.first, self.keep = spin("epochs for all", 1, 10_000, 1), spin("of which one in … goes on", 2, 100, 3)
        self.rounds = ElidedLabel(token="muted", size=12)
        self._drawn = [Caption("of them"), self.draws, Caption("drawn with seed"), self.drawing]
        self._halved = [Caption("after"), self.first, Caption("epochs one in"), self.keep, Caption("goes on")]
        self._lay_out()
        for box in (
            self.draws,
            self.drawing,
            self.seeds,
            self.epochs,
            self.images,
            self.workers,
            self.first,
            self.keep,
        ):
            box.valueChanged.connect(self._edited)
        self.scheduler.textChanged.connect(self._edited)
        self.search.selected.connect(self._edited)
        self.halving.toggled.connect(self._edited)
        self._edited()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, list[QWidget]], ...] = (
            ("train", [self.search, *self._drawn]),
            (
                "each with",
                [self.seeds, Caption("seeds,"), self.epochs, Caption("epochs of"), self.images, Caption("images")],
            ),
            ("end early", [self.halving, *self._halved, self.rounds]),
            ("on", [self.workers, Caption("processes of this machine, or the Dask scheduler"), self.scheduler]),
        )
        for number, (word, widgets) in enumerate(rows):
            grid.addWidget(Caption(word), number, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            row = QHBoxLayout()
            row.setSpacing(8)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self.rounds else 0)
            if self.rounds not in widgets:
                row.addStretch(1)
            grid.addLayout(row, number, 1)
            grid.setRowMinimumHeight(number, 28)

    def set_where(self, scheduler: str, processes: int | None) -> None:
        """Choose a scheduler, or if it is empty processes of this machine: one a core unless given."""
        self.workers.setValue(processes or cores())
        self.scheduler.setText(scheduler)

    @property
    def is_random(self) -> bool:
        """Whether combinations are drawn."""
        return self.search.index == 1

    @property
    def halved(self) -> Halving | None:
        """Successive halving, if it is chosen."""
        return Halving(self.first.value(), self.keep.value()) if self.halving.isChecked() else None

    @property
    def address(self) -> str:
        """Of the scheduler; empty for processes of this machine.

        Raises
        ------
        SweepError
            It is no address.
        """
        text = self.scheduler.text().strip()
        if text and not ADDRESS.fullmatch(text):
            raise SweepError(f"scheduler: expected an address such as tcp://192.168.0.7:8786, got “{text}”")
        return text

    def sweep(self, axes: tuple[SweptField, ...]) -> Sweep:
        """The sweep of these fields.

        Raises
        ------
        SweepError
            The scheduler's address is not valid.
        """
        _ = self.address
        training = replace(self._design.training, epochs=self.epochs.value(), train_size=self.images.value())
        design = replace(self._design, training=training)
        draws = self.draws.value() if self.is_random else None
        return Sweep(design, axes, self.seeds.value(), draws, self.drawing.value(), self.halved)

    def flags(self) -> list[str]:
        """As the command has them."""
        found = ["--seeds", str(self.seeds.value()), "--epochs", str(self.epochs.value())]
        found += ["--train-size", str(self.images.value())]
        found += ["--scheduler", self.address] if self.address else ["--workers", str(self.workers.value())]
        if self.is_random:
            found += ["--random", str(self.draws.value()), "--drawing", str(self.drawing.value())]
        if self.halving.isChecked():
            found += ["--halving", f"{self.first.value()}:{self.keep.value()}"]
        return found

    def _edited(self, *_: object) -> None:
        for one in self._drawn:
            one.setVisible(self.is_random)
        for one in self._halved:
            one.setVisible(self.halving.isChecked())
        self.workers.setEnabled(not self.scheduler.text().strip())
        halving = self.halved
        if halving is None:
            self.rounds.set_text("the worse settings")
        else:
            self.rounds.set_text(f"compared after epochs {', '.join(map(str, halving.rungs(self.epochs.value())))}")
        self.changed.emit()


def spin(name: str, low: int, high: int, value: int) -> QSpinBox:
    """A box of whole numbers."""
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    box.setGroupSeparatorShown(True)
    box.setAccessibleName(name)
    box.setFixedWidth(96 if high > 999 else 68)
    box.lineEdit().setTextMargins(6, 0, 0, 0)
    return box
