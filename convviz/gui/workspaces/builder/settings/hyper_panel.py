"""How the network is trained: one row per setting, made from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from convviz.core.design import Design, Training
from convviz.core.schedule import Constant
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Heading
from convviz.gui.widgets.turns import Turns
from convviz.gui.workspaces.builder.alone import run_view
from convviz.gui.workspaces.builder.settings.field_row import FieldRow, KindRow, LabelledRow
from convviz.gui.workspaces.builder.settings.schedule_curve import ScheduleCurve
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.fields import FieldSpec, fields_of, title_of
from convviz.present.run_facts import RunFacts, differences

KINDS = ("optimiser", "schedule")
"""Settings that have several kinds, each with its own fields."""
BEFORE = ("optimiser", "schedule", "loss", "weight_decay", "clip_norm", "batch_size", "epochs")
LAST = ("seed",)
ELSEWHERE = ("train_size", "test_size", "augmentation")
"""Settings that are shown elsewhere: with the data, and in the box of augmentation."""

Path = tuple[str, ...]
Held = tuple[QWidget, dict[Path, FieldRow]]
"""The widget that holds the rows of a kind, and these rows by path."""


class HyperPanel(BuildView):
    """Shows a design's training and reports the user's edits by signals.

    Attributes
    ----------
    kindChosen : Signal(str, object)
        ``optimiser`` or ``schedule``, and its new type.
    diceThrown : Signal()
        The user wants another seed.
    """

    kindChosen = Signal(str, object)
    diceThrown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(Heading("Hyperparameters"))
        self._column.addSpacing(2)
        self.kinds: dict[str, KindRow] = {}
        self.rows: dict[Path, FieldRow] = {}
        self._own: dict[str, tuple[type, QWidget]] = {}
        """By setting, the chosen kind and the widget that holds its rows."""
        self._kept: dict[tuple[str, type], Held] = {}
        """The rows of kinds, kept after another was chosen or made in advance."""
        self._preparing = Turns(self)
        self._look: BuildLook | None = None
        self._run: RunFacts | None = None
        self.curve = ScheduleCurve()
        specs = {spec.name: spec for spec in fields_of(Training)}
        named = [name for name in BEFORE if name in specs]
        rest = [name for name in specs if name not in (*BEFORE, *LAST, *ELSEWHERE)]
        for name in (*named, *rest, *LAST):
            if name in KINDS:
                self._add_kind(specs[name])
            else:
                row = self.rows["training", name] = self._row(specs[name], ("training", name))
                self._column.addWidget(row)

    def prepare(self) -> None:
        """Make the rows of all kinds while the window is idle, so that a design of another kind opens without delay."""
        self._preparing.start(self._made_ahead())

    @property
    def is_preparing(self) -> bool:
        """Whether rows are still being made in advance."""
        return self._preparing.is_going

    def show_look(self, look: BuildLook) -> None:
        before, self._look = self._look, look
        same = before is not None and before.design is look.design
        if before is None or not same or before.data is not look.data:
            self.show_design(look.design, look.data.training if look.data else 0)
        if before is None or not same or before.run != look.run:
            self.show_run(look.run, look.design)

    def show_design(self, design: Design, training_images: int) -> None:
        """Show how a design is trained; the schedule is drawn for this number of images."""
        training = design.training
        for name, kind_row in self.kinds.items():
            value = getattr(training, name)
            kind_row.combo.set_value(type(value))
            self._show_own(name, value)
        for path, row in self.rows.items():
            value = training
            for part in path[1:]:
                value = getattr(value, part)
            row.set_value(value)
        flat = isinstance(training.schedule, Constant) and not training.schedule.warmup
        self.curve.setVisible(not flat)
        count = min(training.train_size or training_images, training_images or training.train_size or 1)
        steps = -(-max(count, 1) // training.batch_size)
        self.curve.show_schedule(training.optimiser.lr, training.schedule, steps, training.epochs)

    def show_run(self, facts: RunFacts | None, design: Design) -> None:
        """Show where the run's settings differ from the design's, and which ones it has just taken over."""
        before, self._run = self._run, facts
        found = {} if facts is None else {one.path: one for one in differences(facts.design, design)}
        taken: set[tuple[str | int, ...]] = set()
        if before is not None and facts is not None and before.is_active and facts.is_active:
            taken = {one.path for one in differences(before.design, facts.design)}
        rows: dict[Path, LabelledRow] = {("training", name): row for name, row in self.kinds.items()}
        for path, row in (rows | self.rows).items():
            row.show_run(facts, found.get(path))
            if path in taken:
                row.show_applied()

    def focus_stops(self) -> list[QWidget]:
        """The editors, from top to bottom."""
        return [stop for row in self._rows_in(self._column) for stop in row.stops()]

    def _rows_in(self, column: QLayout) -> Iterator[LabelledRow]:
        """The rows from top to bottom; the rows of a chosen kind follow the row that chooses it."""
        for item in map(column.itemAt, range(column.count())):
            part = item.widget() if item is not None else None
            inside = part.layout() if part is not None else None
            if isinstance(part, LabelledRow):
                yield part
            elif inside is not None:
                yield from self._rows_in(inside)

    def _add_kind(self, spec: FieldSpec) -> None:
        kinds = [(title_of(kind), kind, getattr(kind, "summary", "")) for kind in spec.structs]
        row = KindRow(spec, kinds)
        row.kindChosen.connect(lambda kind, name=spec.name: self.kindChosen.emit(name, kind))
        self.kinds[spec.name] = row
        self._column.addWidget(row)
        holder = QWidget()
        holder.hide()
        self._own[spec.name] = (type(None), holder)
        self._column.addWidget(holder)
        if spec.name == "schedule":
            self._column.addWidget(self.curve)

    def _show_own(self, name: str, value: msgspec.Struct) -> None:
        """Show the fields of the chosen kind."""
        kind, holder = self._own[name]
        if kind is type(value):
            return
        mine = {path: row for path, row in self.rows.items() if path[:2] == ("training", name)}
        self.rows = {path: row for path, row in self.rows.items() if path not in mine}
        holder.hide()
        if mine and not any(row.is_faulty for row in mine.values()):
            self._kept[name, kind] = holder, mine
        else:
            holder.deleteLater()
        fresh = self._rows_of(name, type(value))
        self._column.replaceWidget(holder, fresh)
        fresh.setVisible(any(path[:2] == ("training", name) for path in self.rows))
        self._own[name] = (type(value), fresh)
        stops = self.focus_stops()
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _rows_of(self, name: str, kind: type) -> QWidget:
        """The widget that holds the rows of a kind; it is kept, because making rows takes long."""
        holder, rows = self._kept.pop((name, kind)) if (name, kind) in self._kept else self._made(name, kind)
        self.rows |= rows
        return holder

    def _made(self, name: str, kind: type) -> Held:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        specs = sorted(fields_of(kind), key=lambda spec: spec.name == "warmup")
        rows: dict[Path, FieldRow] = {}
        for spec in specs:
            path = "training", name, spec.name
            rows[path] = self._row(spec, path)
            column.addWidget(rows[path])
        return holder, rows

    def _made_ahead(self) -> Iterator[None]:
        for name, row in self.kinds.items():
            for kind in row.kinds:
                if self._own[name][0] is kind or (name, kind) in self._kept:
                    continue
                holder, _ = self._kept[name, kind] = self._made(name, kind)
                holder.hide()
                for widget in (holder, *holder.findChildren(QWidget)):
                    widget.ensurePolished()  # otherwise all would be polished when they are shown
                yield

    def _row(self, spec: FieldSpec, path: Path) -> FieldRow:
        extra = None
        if spec.name == "seed":
            extra = Button(icon_name="dice", kind="quiet", small=True, tip="Another seed: other weights, another order")
            extra.clicked.connect(self._dice_thrown)
            extra.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = FieldRow(spec, spec.default, extra=extra)
        row.edited.connect(lambda value: self.edited.emit(path, value))
        row.finished.connect(self.gestureEnded)
        return row

    @Slot()
    def _dice_thrown(self) -> None:
        self.diceThrown.emit()


if __name__ == "__main__":
    run_view(HyperPanel)
