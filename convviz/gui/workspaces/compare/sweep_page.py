"""A sweep: its progress, heat map, the effect of each field, its runs side by side, and the best setting."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, Note, ThemedLabel
from convviz.gui.workspaces.compare.heat_view import HeatView
from convviz.gui.workspaces.compare.parallel_view import ParallelView
from convviz.gui.workspaces.compare.scatter_view import ScatterView
from convviz.gui.workspaces.compare.sweep_rows_view import SweepRowsView
from convviz.present.compare.sweep_table import SweepRun, best_setting, heat_map, importance, swept_fields
from convviz.present.words import counted, duration

EMPTY = (
    "A sweep trains one design with many settings, several at the same time. Start one here, or open the folder of one "
    "that `convviz sweep` made."
)
STARTING = "starting the processes …"
STATES = ("finished", "ended early", "running", "waiting", "failed", "impossible", "cancelled")
"""States of runs, in the order in which their numbers are listed."""
FORMS = ("parallel", "scatter", "table")
HINTS = (
    "drag along an axis to keep only those",
    "over the field across; the line joins the means",
    "a click on a title sorts, a double click opens the run in Watch",
)


class ThinBar(QWidget):
    """Progress as a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._share = 0.0
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Progress of the sweep")
        self._theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        """Show another share, from 0 to 1."""
        self._share = share
        self.setAccessibleDescription(f"{share:.0%}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for token, share in (("tray", 1.0), ("primary", self._share)):
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(QRectF(0, 0, self.width() * share, self.height()), 3, 3)


class SweepPage(QWidget):
    """The parts have the names of what they are.

    Attributes
    ----------
    newAsked, stopAsked, resumeAsked, cancelAsked, csvAsked, otherAsked : Signal()
    runChosen, runOpened : Signal(str)
        File of a run that was clicked, and of one that is to be opened in Watch.
    bestAsked : Signal(str)
        The design of the run with this file is to be edited.
    """

    newAsked = Signal()
    stopAsked = Signal()
    resumeAsked = Signal()
    cancelAsked = Signal()
    csvAsked = Signal()
    otherAsked = Signal()
    runChosen = Signal(str)
    runOpened = Signal(str)
    bestAsked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[SweepRun, ...] = ()
        self._stopping = False
        self.best_file = ""
        """The run that is the best one so far; empty if none is done."""
        self.new = Button("New sweep…", small=True, tip="Train the edited design with many settings")
        self.stop = Button("Pause", small=True, icon_name="pause", tip="Hold it after the next minibatch of its runs")
        self.resume = Button("Resume", small=True, icon_name="play", tip="Go on: every run that is not done")
        self.cancel = Button("Cancel…", small=True, icon_name="stop", tip="Give up the runs that aren't done")
        self.export = Button("CSV…", small=True, tip="Save the table, with all digits, for a spreadsheet or pandas")
        self.said = ElidedLabel(token="muted", size=12)
        self.empty = QWidget()
        self.first = Button("New sweep…", kind="primary", tip="Train the edited design with many settings")
        self.other = Button("", tip="Open its folder")
        self.bar = ThinBar()
        self.live = ElidedLabel(token="muted", size=12, mono=True)
        self.across, self.down = Combo(name="Field across"), Combo(name="Field down")
        self.heat = HeatView()
        self.worth = FactTable()
        self.worth_note = Note("")
        self.parallel = ParallelView()
        self.table, self.scatter = SweepRowsView(), ScatterView()
        self.form = SegmentedControl(FORMS, small=True, name="How runs are shown")
        self.forms = QStackedWidget()
        self.kept = ElidedLabel(HINTS[0], token="muted", size=12)
        self.best = ElidedLabel(size=13)
        self.use = Button("Use in Build", small=True, tip="Make the best setting the edited design")
        self._lay_out()
        self.new.clicked.connect(self.newAsked)
        self.first.clicked.connect(self.newAsked)
        self.other.clicked.connect(self.otherAsked)
        self.stop.clicked.connect(self.stopAsked)
        self.resume.clicked.connect(self.resumeAsked)
        self.use.clicked.connect(lambda: self.bestAsked.emit(self.best_file))
        self.across.edited.connect(self._show_heat)
        self.down.edited.connect(self._show_heat)
        self.cancel.clicked.connect(self.cancelAsked)
        self.heat.chosen.connect(self._choose_cell)
        self.export.clicked.connect(self.csvAsked)
        self.form.selected.connect(self._show_form)
        self.parallel.kept.connect(
            lambda count: self.kept.set_text(f"{count:,} of {counted(len(self._runs), 'run')} kept")
        )
        self.table.runChosen.connect(self.runChosen)
        self.table.runOpened.connect(self.runOpened)
        self.scatter.runChosen.connect(self.runChosen)
        self.show_runs((), running=False, can_go_on=False)
        self.show_other("")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.said, 1)
        for one in (self.stop, self.resume, self.cancel, self.new):
            head.addWidget(one)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        title = ElidedLabel("Test accuracy %", size=12, weight=QFont.Weight.DemiBold)
        fields.addWidget(title, 1)
        for words, combo in (("across", self.across), ("up", self.down)):
            fields.addWidget(Caption(words))
            fields.addWidget(combo)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addLayout(fields)
        left.addWidget(self.heat, 1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(ElidedLabel("What each field explains", size=12, weight=QFont.Weight.DemiBold))
        right.addWidget(self.worth)
        right.addWidget(self.worth_note)
        right.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(18)
        upper.addLayout(left, 3)
        upper.addLayout(right, 1)
        lines = QHBoxLayout()
        lines.setSpacing(10)
        lines.addWidget(ThemedLabel("Run by run", size=12, weight=QFont.Weight.DemiBold))
        lines.addWidget(self.kept, 1)
        lines.addWidget(self.export)
        lines.addWidget(self.form)
        for view in (self.parallel, self.scatter, self.table):
            self.forms.addWidget(view)
        foot = QHBoxLayout()
        foot.addWidget(self.best, 1)
        foot.addWidget(self.use)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.bar)
        inner.addWidget(self.live)
        inner.addLayout(upper, 5)
        inner.addLayout(lines)
        inner.addWidget(self.forms, 4)
        inner.addLayout(foot)
        nothing = QVBoxLayout(self.empty)
        nothing.setSpacing(10)
        nothing.addStretch(2)
        nothing.addWidget(Heading("One design, many settings"), 0, Qt.AlignmentFlag.AlignHCenter)
        about = Caption(EMPTY, wrap=True)
        about.setFixedWidth(430)
        about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        nothing.addWidget(about, 0, Qt.AlignmentFlag.AlignHCenter)
        nothing.addWidget(self.first, 0, Qt.AlignmentFlag.AlignHCenter)
        nothing.addWidget(self.other, 0, Qt.AlignmentFlag.AlignHCenter)
        nothing.addStretch(3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.empty, 1)
        column.addWidget(self.body, 1)
        column.addStretch(0)

    def show_other(self, words: str) -> None:
        """Offer another sweep where none is shown; nothing if there are no words."""
        self.other.setText(words)
        self.other.setVisible(bool(words))

    def show_runs(self, runs: Sequence[SweepRun], *, running: bool, can_go_on: bool, stopping: bool = False) -> None:
        """Show a sweep; no runs if there is none. ``can_go_on``: some of them wait and none runs."""
        self._runs, self._stopping = tuple(runs), stopping
        there = bool(runs)
        self.body.setVisible(there)
        self.empty.setVisible(not there and not running)
        self.new.setVisible(there)
        self.stop.setVisible(running)
        self.resume.setVisible(can_go_on and not running)
        self.stop.setText("Pausing …" if stopping else "Pause")
        self.cancel.setVisible(running or can_go_on)
        for button in (self.stop, self.cancel):
            button.setEnabled(not stopping)
        self.new.setEnabled(not running)
        counts = self._say_counts()
        if not there:
            self.said.set_text(STARTING if running else "")
            self.best_file = ""
            return
        possible = max(1, len(runs) - counts.get("impossible", 0))
        over = sum(counts.get(state, 0) for state in ("finished", "ended early", "failed", "cancelled"))
        self.bar.show_share(over / possible)
        self.bar.setVisible(over < possible)
        self.live.setVisible(running)
        if self.live.text() in ("", STARTING):
            self.live.set_text("" if stopping else STARTING)
        fields = list(swept_fields(runs)) or ["seed"]
        if self.across.values != fields:
            self.across.set_choices(fields)
            self.down.set_choices(["(nothing)", *fields])
            self.down.set_value(fields[1] if len(fields) > 1 else "(nothing)")
        self._show_heat()
        worth = importance(runs)
        self.worth.show_facts([(name, f"{100 * share:.0f} %") for name, share in worth])
        self.worth_note.setText(
            "of the differences in test accuracy, each field alone (η²: variance of its values' means)."
            if worth
            else "Is known once three runs are done, and each value has several."
        )
        best = best_setting(runs)
        self.best_file = best[0].file if best is not None else ""
        self._show_form()
        self.use.setEnabled(best is not None)
        if best is not None:
            run, mean, spread, count = best
            words = ", ".join(
                f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
                for name, value in run.values.items()
            )
            more = f" ± {100 * spread:.2f} over {count} seeds" if count > 1 else ""
            over_all = "best" if over >= possible else "best so far"
            self.best.set_text(f"{over_all}: {words or f'seed {run.seed}'}, {100 * mean:.2f} %{more}")
        else:
            self.best.set_text("")

    def _choose_cell(self, column: object, row: object) -> None:
        """Choose the best run of a cell in the list."""
        found = self.heat.map
        if found is None:
            return
        runs = [run for run in self._runs if run.values.get(found.across) == column and run.accuracy is not None]
        runs = [run for run in runs if not found.down or run.values.get(found.down) == row]
        if runs:
            self.runChosen.emit(max(runs, key=lambda run: run.accuracy or 0.0).file)

    def show_shares(self, runs: Sequence[SweepRun]) -> None:
        """Update the progress of the runs in training, and nothing else."""
        self._runs = tuple(runs)
        self._say_counts()
        self._show_heat()

    def _say_counts(self) -> dict[str, int]:
        """Show how many runs are in each state; returns the numbers."""
        states = [run.state for run in self._runs]
        counts = {state: states.count(state) for state in STATES if state in states}
        self.said.set_text(", ".join(f"{count:,} {state}" for state, count in counts.items()))
        return counts

    def show_live(self, live: Sequence[dict[str, object]], left: float | None) -> None:
        """Show the runs that are trained now, and the time that is left."""
        parts = []
        for one in live[:6]:
            loss = one.get("loss")
            at = f"{one.get('step')}/{one.get('steps')}" if one.get("steps") else "begins"
            parts.append(f"#{one.get('number')} {at}" + (f" loss {loss:.3f}" if isinstance(loss, float) else ""))
        rest = f"{duration(left)} left" if left is not None else ""
        self.live.set_text("   ".join([*parts, *([rest] if rest else [])]) or ("" if self._stopping else STARTING))

    def _show_form(self, *_: object) -> None:
        """Show the runs in the chosen form; the other forms are updated when they are chosen."""
        form = self.form.index
        self.forms.setCurrentIndex(form)
        if form == 0:
            self.parallel.show_runs(self._runs, self.best_file)
        elif form == 1:
            self.scatter.show_runs(self._runs, str(self.across.value), self.best_file)
        else:
            self.table.show_runs(self._runs, self.best_file)
        self.kept.set_text(HINTS[form])

    def _show_heat(self, *_: object) -> None:
        across, down = str(self.across.value), str(self.down.value)
        if self.form.index == 1:
            self._show_form()
        if not self._runs or not any(across in run.values for run in self._runs):
            self.heat.show_map(None)
            return
        self.heat.show_map(heat_map(self._runs, across, "" if down in (across, "(nothing)") else down))
