"""Compare in the window: lists recorded runs, and reads what is compared in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QInputDialog

from convviz.files.errors import OutputError
from convviz.files.tables import csv_path, write_table
from convviz.gui.workspaces.compare.bin import RunsBin
from convviz.gui.workspaces.compare.known_curves import KnownCurves
from convviz.gui.workspaces.compare.loading import Loader
from convviz.gui.workspaces.compare.moment import ComparedStep, Place
from convviz.gui.workspaces.compare.page import TABS, ComparePage
from convviz.gui.workspaces.compare.pairing import Pairing, PairQuestion
from convviz.gui.workspaces.compare.sweeping import Sweeping
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.compare.curves import RunCurves
from convviz.present.compare.runs import CSV_COLUMNS, RunRow, csv_lines, first_pair, rows_of, sorted_rows, summary
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.notes import RunNotes
from convviz.sweeps.manifest import NAME as SWEEP

AGAIN = 2000
"""Milliseconds between two looks at a folder in which a run is recorded."""
MOST_SHOWN = 40
"""Runs whose curves are shown unless more are chosen."""
NOTHING = "No recorded run yet. Every run that is trained here is recorded, and is listed from its first minibatch on."


class CompareAdapter(Workspace):
    """Compares recorded runs.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: ComparePage

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(ComparePage())
        self._context = context
        self.folder: Path | None = context.runs_folder
        self._came_from = self.folder
        """The folder that was listed before the sweep's."""
        self.rows: list[RunRow] = []
        """All runs, in no order; those of the list are ``page.runs.list.rows``."""
        self.a: Path | None = None
        self.b: Path | None = None
        self._pair_chosen = False
        """Whether the user has chosen which two runs they are."""
        self._runs: tuple[ListedRun, ...] = ()
        self._curves = KnownCurves()
        self._colours: dict[Path, int] = {}
        self._hidden: set[Path] = set()
        self._known: set[Path] = set()
        self._order = (4, True)
        self._notes = RunNotes(self.folder or Path())
        self.bin = RunsBin()
        self.loader = Loader(self)
        self.sweeping = Sweeping(self.page.sweep, context, self)
        self.moment = ComparedStep(self)
        self.pairing = Pairing(self.page.pair, self.loader, context, self)
        self._again = QTimer(self)
        self._again.setInterval(AGAIN)
        self._again.timeout.connect(self._look_again)
        self._connect()

    def _connect(self) -> None:
        runs, page, loader = self.page.runs, self.page, self.loader
        runs.searched.connect(self._show_rows)
        runs.folderAsked.connect(self._choose_folder)
        runs.ownFolderAsked.connect(lambda: self.open_folder(self._context.runs_folder))
        runs.refreshAsked.connect(self._list)
        runs.csvAsked.connect(self._export)
        runs.allAsked.connect(lambda: self._hide(set()))
        runs.noneAsked.connect(lambda: self._hide({row.path for row in self.rows} - {self.a, self.b}))
        runs.acted.connect(self._act)
        rows = runs.list
        rows.chosen.connect(self._show_chosen)
        rows.pairAsked.connect(self.set_pair)
        rows.eyeToggled.connect(self._toggle_eye)
        rows.starToggled.connect(lambda path: self._act("star"))
        rows.renameAsked.connect(lambda path: self._act("rename"))
        rows.removeAsked.connect(lambda path: self._act("remove"))
        rows.opened.connect(lambda path: self._act("open"))
        rows.orderAsked.connect(self._reorder)
        page.curves.picked.connect(self._picked)
        page.curves.momentAsked.connect(lambda step: self.moment.go_to(step if step >= 0 else Place.COMMON))
        self.moment.moved.connect(self._moment_moved)
        page.tabs.shown.connect(self._tab_shown)
        page.pair.stepAsked.connect(self.moment.go_to)
        page.pair.watchAsked.connect(self._show_in_watch)
        page.pair.filterChanged.connect(self.statusChanged)
        self.sweeping.begun.connect(self._sweep_begun)
        self.sweeping.unbegun.connect(self._sweep_unbegun)
        self.sweeping.folderAsked.connect(self._sweep_begun)
        self.sweeping.runDone.connect(self._list)
        self.sweeping.runChosen.connect(self._picked)
        self.sweeping.runOpened.connect(self._open)
        self.sweeping.bestChanged.connect(self._follow_best)
        self.sweeping.taken.connect(lambda: self.workspaceAsked.emit("Build"))
        loader.listed.connect(self._list_read)
        loader.curvesRead.connect(self._curves_read)
        loader.pairRead.connect(self._follow_growth)  # which may be of networks that have answered before
        loader.answered.connect(self._follow_growth)

    # --- the window ------------------------------------------------------------------------------------------------

    def listens(self) -> Listening:
        run = self._context.run
        return (
            (run.recordingChanged, self._list),
            (run.stateChanged, self._list),
        )

    def catch_up(self) -> None:
        self._list()
        self.sweeping.show_folder(self.folder)
        self.pairing.catch_up()
        self._again.start()

    def rest(self) -> None:
        self._again.stop()
        self.pairing.rest()

    def close(self) -> None:
        self._again.stop()
        self.page.curves.close_down()
        self.loader.close()
        self.sweeping.close()
        self.bin.empty()

    def status(self) -> Status:
        names = {row.path: row.name for row in self.rows}
        parts = [f"{letter} {names[path]}" for letter, path in (("A", self.a), ("B", self.b)) if path in names]
        if self.page.tab == TABS[1] and self.page.pair.chosen:
            parts.append(self.page.pair.chosen)
        if self.moment.number is not None:
            parts.append(f"step {self.moment.number:,}")
        return Status(tuple(parts) or ("Compare",), ("A, B choose the pair, Space hides, Enter opens in Watch",))

    def _sweep_begun(self, folder: Path) -> None:
        self._came_from = self.folder
        self.open_folder(folder)
        self.page.tabs.go_to(TABS.index("Sweep"))

    def _sweep_unbegun(self, folder: Path) -> None:
        if self.folder == folder:
            self.open_folder(self._came_from)

    # --- the list --------------------------------------------------------------------------------------------------

    def open_folder(self, folder: Path | None) -> None:
        """List the recordings of another folder; of none, if runs are not recorded anywhere."""
        self.loader.forget()
        self.folder, self._runs, self.a, self.b, self._pair_chosen = folder, (), None, None, False
        self._notes = RunNotes(folder or Path())
        self._curves, self._hidden, self._known, self._colours = KnownCurves(), set(), set(), {}
        if self._notes.problem:
            self._context.message.say(self._notes.problem, "warning")
        self._list()
        self.sweeping.show_folder(folder)
        if folder is not None and (folder / SWEEP).exists():
            self.page.tabs.go_to(TABS.index("Sweep"))

    def _list(self, *_: object) -> None:
        if self.folder is None:
            self._listed((), True)
            return
        self.loader.list(self.folder, self.a)

    def _look_again(self) -> None:
        """While something is recorded here, its row and curve grow."""
        if any(run.ended == "running" for run in self._runs):
            self._list()

    def _list_read(self, runs: tuple[ListedRun, ...], whole_list: bool) -> None:
        if not runs or runs != self._runs:  # otherwise it has been read again, and is as it was
            self._listed(runs, whole_list)

    def _listed(self, runs: tuple[ListedRun, ...], whole_list: bool) -> None:
        if not whole_list and len(runs) < len(self._runs):
            return  # listed again: the beginning of the list says nothing about the runs after it
        self._runs = runs
        for run in sorted(runs, key=lambda one: one.created):
            if run.path not in self._known:
                self._known.add(run.path)
                self._colours[run.path] = len(self._colours)
                if len(self._known) > MOST_SHOWN:
                    self._hidden.add(run.path)
        there, before = {run.path for run in runs}, (self.a, self.b)
        a, b = first_pair(runs, self.sweeping.best)
        if self.a not in there or (a == self.sweeping.best and not self._pair_chosen):
            self.a = a
        if self.b not in there:
            self.b = b if self.a == a and not self._pair_chosen else None
        self._make_rows()
        self._read_curves()
        if (self.a, self.b) != before:
            self._ask_pair()
        self._follow_growth()

    def _follow_growth(self, *_: object) -> None:
        """Read A and B at their ends again, if one has trained on."""
        if self.moment.number is None and self.pairing.is_behind(self._ends):
            self._ask_pair()

    @property
    def _ends(self) -> tuple[int, ...]:
        """How far A and B have been trained, as far as they are listed."""
        return tuple(run.step for path in (self.a, self.b) for run in self._runs if run.path == path)

    def _follow_best(self) -> None:
        if self._runs:  # while nobody has chosen a pair, A is the best run of a sweep
            self._listed(self._runs, True)

    def _make_rows(self) -> None:
        own = self.folder == self._context.runs_folder
        self.rows = rows_of(self._runs, self._notes.marks, self.a, by_file=own)
        self._show_rows()

    def _show_rows(self, *_: object) -> None:
        card = self.page.runs
        column, descending = self._order
        shown = sorted_rows(self.rows, column, descending=descending, words=card.search.text())
        card.list.show_rows(shown, self._colours, self._hidden)
        card.list.show_pair(self.a, self.b)
        card.list.show_order(column, descending)
        own = self.folder == self._context.runs_folder
        where = "recorded by convviz" if own or self.folder is None else str(self.folder)
        card.foot.set_text(f"{summary(self.rows, shown)} · {where}" if self.rows else where)
        if not self.rows:
            begun = "The first runs are being trained …" if self.sweeping.is_begun else ""
            card.show_empty(begun or (NOTHING if own else f"There are no recordings (*.cvz) in {self.folder}."))
        else:
            card.show_empty("" if shown else "No run has these words.")
        self._show_chosen()
        self._show_curves()
        self._show_pair()
        self.statusChanged.emit()

    def _show_chosen(self, *_: object) -> None:
        card = self.page.runs
        card.show_chosen(next((row for row in card.list.rows if row.path == card.list.current), None))

    def _reorder(self, column: int) -> None:
        before, descending = self._order
        self._order = column, not descending if column == before else column not in (0, 1)
        self._show_rows()

    def _picked(self, path: Path) -> None:
        self.page.runs.list.choose(path)
        self._show_chosen()

    def _toggle_eye(self, path: Path) -> None:
        self._hide(self._hidden ^ {path})

    def _hide(self, hidden: set[Path]) -> None:
        self._hidden = set(hidden)
        self._show_rows()
        QTimer.singleShot(0, self, self._read_curves)  # in a turn of the event loop of its own: there may be a thousand

    def set_pair(self, letter: str, path: Path) -> None:
        """Make a run A or B; where it was the other one, the two change places."""
        if letter == "A":
            self.a, self.b = path, self.a if path == self.b else self.b
        else:
            self.a, self.b = self.b if path == self.a else self.a, path
        self._pair_chosen = True
        self._hidden.discard(path)
        self._make_rows()
        self._read_curves()
        self._ask_pair()

    # --- what is done with a run -----------------------------------------------------------------------------------

    def _act(self, what: str) -> None:
        path = self.page.runs.list.current
        row = next((one for one in self.rows if one.path == path), None)
        if row is None or path is None:
            return
        message = self._context.message
        try:
            if what in ("a", "b"):
                self.set_pair(what.upper(), path)
            elif what == "open":
                self._open(path)
            elif what == "star":
                self._notes.set(row.id, starred=not row.starred)
            elif what == "rename":
                name, taken = QInputDialog.getText(self.page, "Rename", "Name of the run:", text=row.name)
                if taken:
                    self._notes.set(row.id, name=name)
            elif what == "note":
                note, taken = QInputDialog.getMultiLineText(self.page, "Note", f"Note on {row.name}:", row.note)
                if taken:
                    self._notes.set(row.id, note=note)
            elif what == "remove":
                self.bin.put(path)
                message.say(f"{row.name} is deleted.", "info", {"Undo": self._take_back})
                self._list()
        except RecordingError as error:
            message.say(str(error), "error")
        if what in ("star", "rename", "note"):
            self._make_rows()

    def _open(self, path: Path) -> None:
        if self._context.open_run is not None and path.exists():
            self._context.open_run(path)
            self.trainingViewAsked.emit()

    def _take_back(self) -> None:
        try:
            self.bin.take_back()
        except RecordingError as error:
            self._context.message.say(str(error), "error")
        self._list()

    def _choose_folder(self) -> None:
        start = str(self.folder or Path.home())
        found = QFileDialog.getExistingDirectory(self.page, "Folder of recordings", start)
        if found:
            self.open_folder(Path(found))

    def _export(self) -> None:
        found, _ = QFileDialog.getSaveFileName(self.page, "Export the list", "runs.csv", "Tables (*.csv)")
        if found:
            self.export_to(csv_path(found))

    def export_to(self, path: Path) -> None:
        """Write the list as CSV."""
        try:
            write_table(path, csv_lines(list(self.page.runs.list.rows)), "a list of runs", CSV_COLUMNS)
        except OutputError as error:
            self._context.message.say(str(error), "error")

    # --- curves ----------------------------------------------------------------------------------------------------

    def _read_curves(self) -> None:
        """Read the curves that are shown and have grown, or were never read."""
        shown = [run for run in self._runs if run.path not in self._hidden or run.path in (self.a, self.b)]
        if lacking := self._curves.lacking(shown):
            self._curves.note_asked(lacking)
            self.loader.read_curves([run.path for run in lacking])

    def _curves_read(self, found: tuple[RunCurves, ...]) -> None:
        self._curves.take(found)
        self._show_curves()
        if any(one.path in (self.a, self.b) for one in found):
            self._show_pair()

    @property
    def curves_known(self) -> int:
        """Runs whose curves have been read."""
        return len(self._curves.by_path)

    def _show_curves(self) -> None:
        shown = [row for row in self.page.runs.list.rows if row.path not in self._hidden and not row.problem]
        parting = self._curves.parting(self.a, self.b)
        self.page.curves.show_runs(shown, self._curves.by_path, self._colours, (self.a, self.b), parting)

    # --- A and B ---------------------------------------------------------------------------------------------------

    def _row(self, path: Path | None) -> RunRow | None:
        return next((row for row in self.rows if row.path == path and not row.problem), None)

    def _show_pair(self) -> None:
        self.pairing.pair = self.a, self.b
        self.page.pair.show_own_run(next((part.path for part in self._context.run.recordings.parts[-1:]), None))
        self.page.pair.show_pair(self._row(self.a), self._row(self.b), self._curves.parting(self.a, self.b))

    def _tab_shown(self) -> None:
        self._ask_pair()
        self.statusChanged.emit()

    def _ask_pair(self) -> None:
        a, b = self._row(self.a), self._row(self.b)
        if self.page.tab != TABS[1] or a is None or b is None:
            return
        self.pairing.ask(PairQuestion(a.path, b.path, self.moment.step, self._ends))

    def _show_in_watch(self, step: int) -> None:
        self._context.past.go_to(step)
        self.trainingViewAsked.emit()

    def _moment_moved(self) -> None:
        self.page.curves.show_moment(self.moment.number)
        self._ask_pair()
        self.statusChanged.emit()
