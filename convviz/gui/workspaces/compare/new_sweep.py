"""The dialog of a new sweep: fields of the edited design, what to try for each, and how many runs that makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, Heading, Note
from convviz.sweeps.errors import SweepError
from convviz.sweeps.fields import field_paths, value_of
from convviz.sweeps.plan import Sweep, planned
from convviz.sweeps.values import axis_of, written

ROWS = 4
NONE = "(no further field)"


class NewSweep(QDialog):
    """Up to four fields, seeds, and epochs.

    Parameters
    ----------
    design : Design
        All runs begin from it.
    parent : QWidget
    """

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design = design
        self.setWindowTitle("New sweep")
        self.setMinimumWidth(560)
        paths = [path for path in field_paths(design) if path != "training.seed"]
        first = ["training.optimiser.lr", next((path for path in paths if path.endswith(".filters")), "")]
        self.fields: list[Combo] = []
        self.values: list[QLineEdit] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(10)
        column.addWidget(Heading("New sweep"))
        column.addWidget(Note(f"Every combination is trained from {design.name}, several runs at the same time."))
        for number in range(ROWS):
            field = Combo([NONE, *paths], name=f"Field {number + 1}")
            values = QLineEdit()
            values.setPlaceholderText("8,16,32 or 0.001..0.1:log:8")
            values.setAccessibleName(f"Values of field {number + 1}")
            field.setMinimumWidth(250)
            row = QHBoxLayout()
            row.addWidget(field)
            row.addWidget(values, 1)
            column.addLayout(row)
            self.fields.append(field)
            self.values.append(values)
            if number < len(first) and first[number]:
                field.set_value(first[number])
            field.edited.connect(self._suggest)
            values.textChanged.connect(self._check)
        self.seeds, self.epochs, self.images = QSpinBox(), QSpinBox(), QSpinBox()
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, box, low, high, value in (
            ("seeds", self.seeds, 1, 100, 1),
            ("epochs", self.epochs, 1, 100000, min(design.training.epochs, 3)),
            ("training images", self.images, 1, 10_000_000, design.training.train_size or 5000),
        ):
            box.setRange(low, high)
            box.setValue(value)
            box.setAccessibleName(words)
            box.valueChanged.connect(self._check)
            row.addWidget(Caption(words))
            row.addWidget(box)
        row.addStretch(1)
        column.addLayout(row)
        self.said = Note("")
        column.addWidget(self.said)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        cancel = Button("Cancel")
        self.start = Button("Choose a folder and start…", kind="primary")
        buttons.addWidget(cancel)
        buttons.addWidget(self.start)
        column.addLayout(buttons)
        cancel.clicked.connect(self.reject)
        self.start.clicked.connect(self.accept)
        if first[0]:
            self.values[0].setText("0.003..0.3:log:5")
        if first[1]:
            self.values[1].setText("8,16")
        self._check()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)

    @property
    def chosen(self) -> dict[str, str]:
        """Fields and what to try for each."""
        pairs = zip(self.fields, self.values, strict=True)
        return {str(field.value): values.text().strip() for field, values in pairs if field.value != NONE}

    def words(self, design_file: Path, out: Path, dataroot: Path | None) -> list[str]:
        """The arguments of the command."""
        found = ["--design", str(design_file), "--out", str(out), "--seeds", str(self.seeds.value())]
        found += ["--epochs", str(self.epochs.value()), "--train-size", str(self.images.value())]
        for path, values in self.chosen.items():
            found += ["--set", f"{path}={values}"]
        return [*found, *(["--dataroot", str(dataroot)] if dataroot is not None else [])]

    def _suggest(self, *_: object) -> None:
        """Begin with what the field is now."""
        for field, values in zip(self.fields, self.values, strict=True):
            if field.value != NONE and not values.text():
                values.setText(written(value_of(self._design, str(field.value))))
        self._check()

    def _check(self, *_: object) -> None:
        """Say how many runs that makes, or what is wrong."""
        try:
            chosen = self.chosen
            if any(not values for values in chosen.values()):
                raise SweepError("Say what to try for every field.")
            axes = tuple(axis_of(self._design, path, values) for path, values in chosen.items())
            sweep = Sweep(self._design, axes, self.seeds.value())
            count = math.prod(len(axis.values) for axis in axes) * self.seeds.value()
            if count > 2000:
                raise SweepError(f"expected at most 2,000 runs here, got {count:,}")
            runs: Sequence[object] = planned(sweep)
        except ConvvizError as error:
            self.said.setText(str(error))
            self.said.set_token("danger")
            self.start.setEnabled(False)
            return
        self.said.setText(f"{len(runs):,} runs. Impossible ones are named when it starts, and the others go on.")
        self.said.set_token("muted")
        self.start.setEnabled(True)
