"""One field of a new sweep, and the values to try."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.gui.theme.style_property import set_style_property
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel
from convviz.gui.workspaces.compare.sweep_settings import spin
from convviz.sweeps.field_kinds import AcceptedValues, field_kind, swept_paths
from convviz.sweeps.values import SweptField, axis_of, written

HOWS = ("list", "range", "log range")
LIST, RANGE, LOG = range(3)
MOST_TOLD = 12
"""Most values that are listed; of more, the first and the last ones."""


class SweepField(QWidget):
    """A field with a list of values, or with a range of numbers.

    Parameters
    ----------
    design : Design
    path : str
        The field to begin with.

    Attributes
    ----------
    changed : Signal()
    removed : Signal()
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, design: Design, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design = design
        self._random = False
        self.field = Combo(list(swept_paths(design)), name="Field")
        self.field.setFixedWidth(230)
        self.how = SegmentedControl(
            HOWS,
            small=True,
            name="What is tried",
            tips=["values with commas between them", "at equal distances", "each the same multiple of the one before"],
        )
        self.values, self.low, self.high = QLineEdit(), QLineEdit(), QLineEdit()
        self.count = spin("How many values", 2, 999, 5)
        self.remove = Button(icon_name="close", kind="quiet", small=True, tip="Remove: leave this field as it is")
        self.said = ElidedLabel(token="muted", size=12)
        for box, name in ((self.values, "Values"), (self.low, "From"), (self.high, "To")):
            box.setProperty("mono", True)
            box.setMinimumWidth(72)
            box.setAccessibleName(name)
            box.textChanged.connect(self._edited)
        self.count.valueChanged.connect(self._edited)
        self._words = [Caption(word) for word in ("from", "to", "in")]
        self._lay_out()
        self.field.edited.connect(self._show_field)
        self.how.selected.connect(self._show_how)
        self.remove.clicked.connect(self.removed)
        self.field.set_value(path)
        self.kind: AcceptedValues = field_kind(design, path)
        self._show_field()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field)
        row.addWidget(self.how)
        row.addWidget(self.values, 1)
        for word, box in zip(self._words, (self.low, self.high, self.count), strict=True):
            row.addWidget(word)
            row.addWidget(box, 0 if box is self.count else 1)
        row.addStretch(0)
        row.addWidget(self.remove)
        below = QHBoxLayout()
        below.setContentsMargins(2, 0, 30, 0)
        below.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addLayout(below)

    @property
    def path(self) -> str:
        """The field."""
        return str(self.field.value)

    @property
    def text(self) -> str:
        """The values to try, as written for the command."""
        if self.how.index == LIST:
            return self.values.text().replace(" ", "")
        log = ":log" if self.how.index == LOG else ""
        count = "" if self._random else f":{self.count.value()}"
        return f"{self.low.text().strip()}..{self.high.text().strip()}{log}{count}"

    def axis(self) -> SweptField:
        """What is tried.

        Raises
        ------
        ConvvizError
            It doesn't fit the field.
        """
        return axis_of(self._design, self.path, self.text)

    def set_random(self, random: bool) -> None:
        """Whether values are drawn: then a range has no number of values."""
        self._random = random
        self._show_how()

    def set_values(self, text: str) -> None:
        """Try a list of values."""
        self.how.set_index(LIST)
        self._show_how()
        self.values.setText(text)

    def _show_field(self, *_: object) -> None:
        """Begin with the values suggested for the field."""
        self.remove.setAccessibleName(f"Remove {self.path}")
        kind = self.kind = field_kind(self._design, self.path)
        for how in (RANGE, LOG):
            self.how.set_segment_enabled(how, kind.number, "" if kind.number else "This field takes no numbers")
        low, high = kind.suggested_range if kind.number else ("", "")
        for box, text in ((self.values, kind.suggested_list), (self.low, low), (self.high, high)):
            box.blockSignals(True)
            box.setText(text)
            box.blockSignals(False)
        self.how.set_index(LOG if kind.log else LIST)
        self._show_how()

    def _show_how(self, *_: object) -> None:
        ranged = self.how.index != LIST
        self.values.setVisible(not ranged)
        for box in (self.low, self.high, *self._words[:2]):
            box.setVisible(ranged)
        for one in (self.count, self._words[2]):
            one.setVisible(ranged and not self._random)
        self._edited()

    def _edited(self, *_: object) -> None:
        try:
            axis, wrong = self.axis(), ""
        except ConvvizError as error:
            axis, wrong = None, str(error)
        for box in (self.values, self.low, self.high):
            set_style_property(box, "invalid", bool(wrong))
        self.said.set_token("danger" if wrong else "muted")
        if axis is None:
            self.said.set_text(wrong.partition(": ")[2] or wrong)
        else:
            self.said.set_text(f"{values_words(axis)}   ·   now {written(self.kind.now)}, takes {self.kind.words}")
        self.changed.emit()


def values_words(axis: SweptField) -> str:
    """``5 values: 0.001, 0.0032, 0.01, 0.032, 0.1``."""
    if not axis.values:
        return "drawn from the range"
    told = [written(one) for one in axis.values]
    if len(told) > MOST_TOLD:
        told = [*told[: MOST_TOLD - 2], "…", told[-1]]
    count = len(axis.values)
    return f"{count:,} {'value' if count == 1 else 'values'}: {', '.join(told)}"


def first_paths(design: Design) -> tuple[str, ...]:
    """The fields of a sweep that begins: the learning rate, and the filters of the first convolution."""
    paths = swept_paths(design)
    filters = next((path for path in paths if path.endswith(".filters")), "")
    return tuple(path for path in ("training.optimiser.lr", filters) if path in paths)
