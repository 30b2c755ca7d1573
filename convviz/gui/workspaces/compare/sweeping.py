"""Sweeps in the window: starts, holds and resumes one, and shows the one in the folder that is open."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFileDialog

from convviz.core.errors import ConvvizError
from convviz.data.dataset import Dataset
from convviz.data.sources import DataFile
from convviz.files.cancel import Cancelled
from convviz.files.errors import OutputError
from convviz.files.tables import csv_path, write_table
from convviz.gui.run_model.background import Background
from convviz.gui.widgets.messages.question import Answer, Question, ask
from convviz.gui.workspaces.compare.new_sweep import NewSweep
from convviz.gui.workspaces.compare.sweep_folders import DESIGN, made_folder, taken_back
from convviz.gui.workspaces.compare.sweep_page import SweepPage
from convviz.gui.workspaces.compare.sweep_places import SweepPlaces
from convviz.gui.workspaces.compare.sweep_process import SweepProcess
from convviz.gui.workspaces.compare.sweep_runs import done_share, sweep_runs
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.present.compare.sweep_rows import CSV_COLUMNS, csv_rows
from convviz.present.compare.sweep_table import SweepRun
from convviz.present.edits_words import RESTART_WITH_EDITS, TRAIN_EDITS
from convviz.present.words import counted
from convviz.sweeps.fields import short_names
from convviz.sweeps.folder import cancel_sweep, last_sweep
from convviz.sweeps.manifest import NAME, Manifest, read_manifest, sweep_of
from convviz.sweeps.plan import taken_over
from convviz.sweeps.values import written
from convviz.sweeps.workers import check_dask

SCHEDULER = "--scheduler"
"""Beginning of the error message when a scheduler does not answer."""
AGAIN = 1000
"""Milliseconds between two looks at the manifest of a sweep that runs."""


class Sweeping(QObject):
    """The sweep of the folder that is open, and the one that runs.

    Parameters
    ----------
    page : SweepPage
    context : WorkspaceContext
    parent : QObject

    Attributes
    ----------
    begun : Signal(object)
        Folder of a sweep that has been started here.
    unbegun : Signal(object)
        Folder of one that could not begin; it is gone.
    folderAsked : Signal(object)
        Folder of another sweep that is to be shown.
    runDone : Signal()
        A run of it has ended.
    runChosen, runOpened : Signal(object)
        Path of the recording of a run that was clicked, and of one to be opened.
    taken : Signal()
        The best setting is in the edited design now.
    bestChanged : Signal()
        :attr:`best` has changed.
    """

    begun = Signal(object)
    unbegun = Signal(object)
    folderAsked = Signal(object)
    runDone = Signal()
    runChosen = Signal(object)
    runOpened = Signal(object)
    taken = Signal()
    bestChanged = Signal()

    def __init__(self, page: SweepPage, context: WorkspaceContext, parent: QObject) -> None:
        super().__init__(parent)
        self._page, self._context = page, context
        self.folder: Path | None = None
        """Folder of the sweep on show."""
        self.manifest: Manifest | None = None
        self.running: Path | None = None
        """Folder of the sweep that this window runs."""
        self._last: Path | None = None
        """The folder that was written last, of those that windows have started."""
        self._made: Path | None = None
        """The folder that was made for the running sweep, until that has begun."""
        self._places = SweepPlaces(context.settings)
        self._problem = ""
        """Why the manifest of the folder can't be read."""
        self._live: list[dict[str, Any]] = []
        self._cancelling = False
        """Whether the sweep is to be given up once it holds."""
        self._giving_up = Background("convviz-compare-cancel", self)
        self._giving_up.done.connect(self._gave_up)
        self.process = SweepProcess(self)
        self._reading = Background("convviz-compare-sweep", self)
        self._reading.done.connect(self._read)
        self._again = QTimer(self)
        self._again.setInterval(AGAIN)
        self._again.timeout.connect(self._go_on)
        self.process.told.connect(self._told)
        self.process.ended.connect(self._ended)
        page.newAsked.connect(self.ask)
        page.stopAsked.connect(self.stop)
        page.otherAsked.connect(self._show_other)
        page.resumeAsked.connect(self.resume)
        page.cancelAsked.connect(self.ask_to_cancel)
        page.csvAsked.connect(self._export)
        page.runChosen.connect(lambda file: self.runChosen.emit(self._path(file)))
        page.runOpened.connect(lambda file: self.runOpened.emit(self._path(file)))
        page.bestAsked.connect(self.use)

    @property
    def best(self) -> Path | None:
        """Recording of the best run so far of the sweep on show."""
        return self._path(self._page.best_file) if self._page.best_file else None

    @property
    def is_begun(self) -> bool:
        """Whether the sweep that is shown is being trained here."""
        return self.running is not None and self.running == self.folder

    def show_folder(self, folder: Path | None) -> None:
        """Show the sweep of another folder, if there is one in it."""
        if folder != self.folder:
            self.folder, self.manifest, self._problem = folder, None, ""
            self._show()
        self._look(again=True)

    def close(self) -> None:
        """Hold what runs."""
        self._again.stop()
        self._reading.cancel()
        self._giving_up.cancel()
        self.process.close()
        if self._made is not None:
            taken_back(self._made)

    # --- what the user does ----------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Open the dialog of a new sweep, and start it."""
        try:
            check_dask()
        except ConvvizError as error:
            self._context.message.say(str(error), "error")
            return
        if self.process.is_running:
            told = "One sweep at a time: another one is being trained. Pause it first, or wait until it is done."
            self._context.message.say(told, "warning", {"Show it": self._show_other})
            return
        run = self._context.run
        if isinstance(run.source, Dataset) or (isinstance(run.source, DataFile) and run.source.recipe is not None):
            told = "expected images of a file, a folder or convviz itself, which other processes can open"
            self._context.message.say(f"A sweep: {told}, got {run.source.name}: save it in Data first.", "error")
            return
        images = (run.train, run.test) if run.train is not None and run.test is not None else None
        dialog = NewSweep(self._context.edited.design, self._page.window(), images)
        dialog.settings.set_where(self._places.scheduler, self._places.processes)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.start(dialog)
        dialog.deleteLater()

    def start(self, dialog: NewSweep) -> None:
        """Start the sweep that a dialog describes, in a folder of its own."""
        design, source = self._context.edited.design, self._context.run.source
        try:
            out = made_folder(self.sweeps, design)
        except ConvvizError as error:
            self._context.message.say(str(error), "error")
            return
        self._places.choose(out, dialog.settings.address, dialog.settings.workers.value())
        self._made = out
        dataroot = source.path if isinstance(source, DataFile) else None
        self.begin(out, dialog.words(out / DESIGN, out, dataroot))
        self.begun.emit(out)

    def resume(self) -> None:
        """Go on with the sweep that is shown."""
        if self.folder is not None:
            scheduler = self._places.of(self.folder)
            where = ["--scheduler", scheduler] if scheduler else []
            self.begin(self.folder, ["--resume", "--out", str(self.folder), *where])

    def _resume_here(self, folder: Path) -> None:
        """From now on, train a sweep on this machine, because its scheduler does not answer."""
        self._places.forget(folder)
        if not self.process.is_running:
            self.begin(folder, ["--resume", "--out", str(folder)])

    def stop(self) -> None:
        """Hold it after the next minibatch of its runs."""
        self.process.stop()
        self._show()

    def ask_to_cancel(self) -> None:
        """Ask whether the runs that aren't done are to be given up, and do so."""
        manifest = self.manifest
        if manifest is None:
            return
        left = manifest.count("waiting")
        done = manifest.count("finished", "ended early")
        question = Question(
            "Cancel the sweep?",
            f"{counted(left, 'run')} that {'is' if left == 1 else 'are'} not done will be given up for good; "
            f"{counted(done, 'run')} that {'is' if done == 1 else 'are'} done, and all recordings, stay.",
            {Answer.DISCARD: "Cancel the sweep", Answer.CANCEL: "Go on"},
            self._page.window(),
        )
        if ask(question) is Answer.DISCARD:
            self.cancel()

    def cancel(self) -> None:
        """Give up the unfinished runs, once those in training are held."""
        if self.running is not None and self.running == self.folder:
            self._cancelling = True
            self.stop()
        else:
            self._give_up()

    def _give_up(self) -> None:
        folder = self.folder
        if folder is None:
            return

        def work(_cancelled: Cancelled) -> object:
            try:
                return cancel_sweep(folder)
            except ConvvizError as error:
                return str(error)

        self._giving_up.start(work)

    def _gave_up(self, found: Manifest | str) -> None:
        if isinstance(found, str):
            self._context.message.say(found, "error")
        self._look(again=True)
        self.runDone.emit()

    def _path(self, file: str) -> Path:
        return (self.folder or Path()) / file

    def _export(self) -> None:
        name = f"{self.folder.name if self.folder is not None else 'sweep'}.csv"
        found, _ = QFileDialog.getSaveFileName(self._page, "Export the sweep", name, "Tables (*.csv)")
        if found:
            self.export_to(csv_path(found))

    def export_to(self, path: Path) -> None:
        """Write the table of the sweep as CSV."""
        try:
            write_table(path, csv_rows(self._runs()), "a sweep that was exported before", CSV_COLUMNS)
        except OutputError as error:
            self._context.message.say(str(error), "error")

    def use(self, file: str) -> None:
        """Set the fields that were swept to those of a run, and go where the design is edited."""
        if self.folder is None or self.manifest is None:
            return
        try:
            runs = sweep_of(self.manifest, self.folder)[1]
        except ConvvizError as error:
            self._context.message.say(str(error), "error")
            return
        run = next(run for run, record in zip(runs, self.manifest.runs, strict=True) if record.file == file)
        self._context.edited.document.replace(taken_over(self._context.edited.design, run), "best setting of a sweep")
        self.taken.emit()
        names = short_names(tuple(run.values))
        words = ", ".join(f"{names[path]} {written(value)}" for path, value in run.values.items())
        edits = TRAIN_EDITS if self._context.follower.waits else "Train"
        how = RESTART_WITH_EDITS if self._context.run.is_active else edits
        self._context.message.say(
            f"The best of the sweep is in Build: {words or f'seed {run.seed}'}. “{how}” starts it.", "success"
        )

    def begin(self, folder: Path, words: list[str]) -> None:
        """Run the command in a folder."""
        self.running, self._live = folder, []
        self.process.start(words)
        self._again.start()
        self._show()

    # --- what comes ------------------------------------------------------------------------------------------------

    def _told(self, event: dict[str, Any]) -> None:
        if event.get("event") == "progress":
            self._live = [one for one in event.get("live", []) if isinstance(one, dict)]
            left = event.get("left")
            if self.folder == self.running:
                self._page.show_live(self._live, left if isinstance(left, float) else None)
        elif event.get("event") == "run":
            self.runDone.emit()

    def _ended(self, sentence: str) -> None:
        self._again.stop()
        folder, self.running, self._live = self.running, None, []
        self._page.show_live([], None)
        self._remove_empty()
        if sentence:
            here = {}
            if folder is not None and (folder / NAME).exists() and sentence.startswith(SCHEDULER):
                here = {"Train on this machine": partial(self._resume_here, folder)}
            self._context.message.say(sentence, "error", here)
        if self._cancelling:
            self._cancelling = False
            self._give_up()
        self._look(again=True)
        self._show()
        self.runDone.emit()

    def _remove_empty(self) -> None:
        """Remove the folder of a sweep that has not begun, as without a worker."""
        folder, self._made = self._made, None
        if folder is not None and taken_back(folder):
            self._places.forget(folder)
            self.unbegun.emit(folder)

    def _go_on(self) -> None:
        """Called every second while a sweep runs."""
        self._look()
        if self.manifest is not None and self.running == self.folder:
            self._page.show_shares(self._runs())

    def _look(self, *, again: bool = False) -> None:
        """Read the manifest; ``again`` if it may have changed since the current reading began."""
        folder = self.folder
        if folder is None or (self._reading.is_busy and not again):
            return

        sweeps = self.sweeps

        def work(_cancelled: Cancelled) -> object:
            path = folder / NAME
            if not path.exists():
                return (folder, None, last_sweep(sweeps), "")
            try:
                return (folder, read_manifest(path), None, "")
            except ConvvizError as error:
                return (folder, None, None, str(error))

        self._reading.start(work)

    def _read(self, found: tuple[Path, Manifest | None, Path | None, str]) -> None:
        folder, manifest, self._last, problem = found
        if folder == self.folder and problem != self._problem:
            self._problem = problem
            if problem:
                self._context.message.say(problem, "error")
        self._offer_other()
        if folder == self.folder and manifest != self.manifest:
            self.manifest = manifest
            self._show()

    @property
    def sweeps(self) -> Path:
        """Where windows start sweeps."""
        return (self._context.runs_folder or Path.home() / "convviz" / "runs").parent / "sweeps"

    def _offer_other(self) -> None:
        """Where no sweep is shown, offer the one that runs, or that was trained last."""
        if self.running is not None:
            self._page.show_other("Show the sweep that runs")
        else:
            self._page.show_other(f"Open the last one, {self._last.name}" if self._last is not None else "")

    def _show_other(self) -> None:
        other = self.running or self._last
        if other is not None:
            self.folderAsked.emit(other)

    def _runs(self) -> list[SweepRun]:
        if self.manifest is None:
            return []
        live = {one.get("number"): done_share(one) for one in self._live} if self.running == self.folder else {}
        return sweep_runs(self.manifest, live)

    def _show(self) -> None:
        runs, before = self._runs(), self.best
        running = self.is_begun
        waiting = any(run.state in ("waiting", "running") for run in runs)
        can_go_on, stopping = waiting and not self.process.is_running, self.process.is_stopping
        self._page.show_runs(runs, running=running, can_go_on=can_go_on, stopping=stopping)
        self._offer_other()
        if self.best != before:
            self.bestChanged.emit()
