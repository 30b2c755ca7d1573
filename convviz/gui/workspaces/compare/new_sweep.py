"""The dialog of a new sweep: fields of the edited design, the values to try, how to train, and a preview."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ElidedLabel, Heading, Note
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.compare.sweep_field import SweepField, first_paths
from convviz.gui.workspaces.compare.sweep_preview import Previewer, SweepPreview, preview_words, time_words
from convviz.gui.workspaces.compare.sweep_settings import SweepSettings
from convviz.sweeps.estimate import Estimate
from convviz.sweeps.field_kinds import swept_paths
from convviz.sweeps.plan import Sweep
from convviz.training.images import Split

ELSEWHERE = "how long they take depends on the scheduler's machines"
MOST_FIELDS = 8
MOST_REASONS = 6
"""Most reasons for impossible runs that are shown."""


class NewSweep(QDialog):
    """Fields with their values, how they are combined and trained, and a preview.

    Parameters
    ----------
    design : Design
        All runs begin from it.
    parent : QWidget
    images : (Split, Split), optional
        For training and testing; designs have to fit them.
    """

    def __init__(
        self, design: Design, parent: QWidget | None = None, images: tuple[Split, Split] | None = None
    ) -> None:
        super().__init__(parent)
        self._design = design
        self.setWindowTitle("New sweep")
        self.resize(860, 560)
        self.setMinimumWidth(800)
        self.fields: list[SweepField] = []
        self.add = Button("Another field", icon_name="plus", kind="quiet", small=True)
        self.settings = SweepSettings(design, None if images is None else len(images[0]))
        self.said, self.time = ElidedLabel(size=13), ElidedLabel(token="muted", size=13)
        self.reasons = Note("", token="danger")
        self.cancel = Button("Cancel")
        self.start = Button("Start", kind="primary", icon_name="play")
        self.previewer = Previewer(images, self)
        self._sweep: Sweep | None = None
        self._lay_out()
        for path in first_paths(design):
            self.add_field(path)
        self.add.clicked.connect(self._add_next)
        self.settings.changed.connect(self._check)
        self.previewer.planned.connect(self._planned)
        self.previewer.timed.connect(self._timed)
        self.cancel.clicked.connect(self.reject)
        self.start.clicked.connect(self.accept)
        self.finished.connect(self.previewer.close)
        self._check()

    def _lay_out(self) -> None:
        self._inside = inside = QWidget()
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._rows.setSpacing(10)
        self._rows.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch(1)
        self._scroll = scroll = scrolled(inside, name="What is tried, and how")
        told = QHBoxLayout()
        told.setSpacing(12)
        told.addWidget(self.said)
        told.addWidget(self.time, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(Heading("New sweep"))
        column.addWidget(
            Note(
                f"Trains {self._design.name} with many settings, several at the same time; each becomes a recorded run."
            )
        )
        column.addWidget(scroll, 1)
        column.addWidget(Rule())
        column.addWidget(self.settings)
        column.addWidget(Rule())
        column.addLayout(told)
        column.addWidget(self.reasons)
        column.addLayout(buttons)

    # --- fields ----------------------------------------------------------------------------------------------------

    def add_field(self, path: str) -> SweepField:
        """Try another field."""
        field = SweepField(self._design, path)
        self.fields.append(field)
        self._rows.insertWidget(len(self.fields) - 1, field)
        field.set_random(self.settings.is_random)
        field.changed.connect(self._check)
        field.removed.connect(self._remove)
        tab_in_order(*self.fields, self.add, self.settings, self.cancel, self.start)
        self._check()
        return field

    def _add_next(self) -> None:
        taken = {field.path for field in self.fields}
        self.add_field(next(path for path in swept_paths(self._design) if path not in taken)).field.setFocus()

    def _remove(self) -> None:
        field = self.sender()
        assert isinstance(field, SweepField)
        self.fields.remove(field)
        self._rows.removeWidget(field)
        field.hide()
        field.deleteLater()
        self._check()

    def words(self, design_file: Path, out: Path, dataroot: Path | None) -> list[str]:
        """The arguments of the command."""
        found = ["--design", str(design_file), "--out", str(out), *self.settings.flags()]
        for field in self.fields:
            found += ["--set", f"{field.path}={field.text}"]
        return [*found, *(["--dataroot", str(dataroot)] if dataroot is not None else [])]

    # --- what it will be -------------------------------------------------------------------------------------------

    def _check(self, *_: object) -> None:
        """Check the current choice; slow parts follow later."""
        for field in self.fields:
            field.blockSignals(True)
            field.set_random(self.settings.is_random)
            field.blockSignals(False)
        self.add.setVisible(len(self.fields) < MOST_FIELDS)
        # A row's last button removes the row, so it must never be cut off.
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        self._scroll.setMinimumWidth(self._inside.minimumSizeHint().width() + bar)
        self.reasons.setText("")
        self.time.set_text("")
        self.start.setEnabled(False)
        try:
            self._sweep = self.settings.sweep(tuple(field.axis() for field in self.fields))
            self._say("counting the runs …", "muted")
        except ConvvizError as error:
            self._sweep = None
            self._say(str(error), "danger")
        elsewhere = self._sweep is not None and self.settings.address
        self.previewer.look_at(self._sweep, None if elsewhere else self.settings.workers.value())

    def _planned(self, found: SweepPreview) -> None:
        if found.problem:
            self._say(found.problem, "danger")
            return
        self._say(preview_words(found), "ink")
        self.time.set_text(ELSEWHERE if self.settings.address else "measuring how long they take …")
        reasons = sorted((found.impossible or {}).items(), key=lambda one: -one[1])
        told = [f"{count:,} {'is' if count == 1 else 'are'} impossible: {why}" for why, count in reasons[:MOST_REASONS]]
        if len(reasons) > MOST_REASONS:
            told.append(f"and {sum(count for _, count in reasons[MOST_REASONS:]):,} more for other reasons")
        self.reasons.setText("\n".join(told))
        self.start.setEnabled(True)

    def _timed(self, found: Estimate) -> None:
        self.time.set_text(time_words(found, halved=self.settings.halved is not None))

    def _say(self, text: str, token: str) -> None:
        self.said.set_token(token)
        self.said.set_text(text)


class Rule(QWidget):
    """A line across."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self.setFixedHeight(1)
        self._theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("line"))
