"""Recorded runs as files: opening one, keeping a copy in a file of the user's, and the messages about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.data.open import dialog_filter as data_filter
from convviz.data.sources import DataFile, DataSource, ImageSpec
from convviz.gui.files.model_files import ModelFiles, stand
from convviz.gui.files.recent import RUNS, RecentFiles
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.present.progress_words import busy_sentence
from convviz.present.words import counted
from convviz.run.commands import KeepRecording, OpenRecording
from convviz.run.messages import Failed, Identified, Origin, Prepared, RecordingKept
from convviz.run.recorded_run import RecordedRun
from convviz.storage.recording.folder import RecordingsFolder, is_named_by_us
from convviz.storage.recording.schema import ENDING
from convviz.storage.recording.when import short_clock

FILTER = f"Recorded runs (*{ENDING})"

Act = Callable[[], object]

PATIENCE_MS = 400
"""Milliseconds after which a run that is being opened is spoken of."""
MOST_NAMED = 3
"""Most layers that a message names."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is done with a run once it is open.

    Parameters
    ----------
    go_on : bool
        Train on from its end at once.
    step : int or None
        The moment to look at.
    stays : bool
        Leave the page in front where it is.
    """

    go_on: bool = False
    step: int | None = None
    stays: bool = False


class RunFiles(QObject):
    """Opens recorded runs, and keeps them.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Parent of the dialogs.
    settings : QSettings
        Recent files are stored here.
    models : ModelFiles
        Knows where data sets lie.
    past : PastModel
        Shows the moment that is asked for together with a run.
    message : InlineMessage
        Shows results and errors.
    folder : RecordingsFolder, optional
        Where runs are recorded automatically.

    Attributes
    ----------
    recent : RecentFiles
        Recordings that the user opened or kept, outside convviz's own folder.
    opened : Signal()
        The recording that was asked for is here, to be shown.
    changed : Signal()
        There are others, or a run ended.
    """

    opened = Signal()
    changed = Signal()

    def __init__(
        self,
        run: RunModel,
        window: QWidget,
        settings: QSettings,
        *,
        models: ModelFiles,
        past: PastModel,
        message: InlineMessage,
        folder: RecordingsFolder | None = None,
    ) -> None:
        super().__init__(window)
        self.folder, self._past = folder, past
        self._run, self._window, self._models, self._message = run, window, models, message
        self.recent = RecentFiles(settings, RUNS)
        self._request = Request()
        """What is asked of the run that is being opened."""
        self._progress = ""
        """The message that says how far a run is; empty while none does."""
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._say_progress)
        run.progressed.connect(self._progressed)
        run.identified.connect(self._identified)
        run.prepared.connect(self._prepared)
        run.failed.connect(self._failed)
        run.recordingKept.connect(self._kept)
        run.recordingChanged.connect(self.changed)
        run.held.connect(self.changed)

    # --- which there are -----------------------------------------------------------------------------------------

    def paths(self) -> list[Path]:
        """All recordings that are known, the newest first; called from any thread."""
        ours = [] if self.folder is None else self.folder.recordings()
        others = [path for path in self.recent.paths() if path not in ours]
        return ours + others

    def is_ours(self, path: Path) -> bool:
        """Whether a recording lies in convviz's own folder."""
        return self.folder is not None and path.parent == self.folder.path

    def is_open(self, path: Path) -> bool:
        """Whether a file has moments of the run that is open here."""
        return path in [one.path for one in self._run.recordings.parts]

    # --- opening -----------------------------------------------------------------------------------------------

    def open_path(
        self,
        path: Path,
        *,
        go_on: bool = False,
        step: int | None = None,
        data: DataSource | None = None,
        stays: bool = False,
    ) -> None:
        """Open a recorded run; if that fails, nothing changes, and a sentence says why.

        Parameters
        ----------
        path : Path
        go_on : bool
            Train on from its end at once.
        step : int, optional
            The moment to look at.
        data : DataSource, optional
            The data that it was trained on; searched for unless given.
        stays : bool
            Leave the page in front where it is; otherwise :attr:`opened` asks to show the run.
        """
        self._models.asked.emit()
        self._open(path, Request(go_on, step, stays), data)

    def _open(self, path: Path, request: Request, data: DataSource | None = None) -> None:
        self._message.say("")
        self._models.opening.emit()
        self._request = request
        known = tuple(self._models.known_data.paths())
        self._run.bridge.send(OpenRecording(path, data, known, tuple(self.paths())))

    def _identified(self, message: Identified) -> None:
        if message.is_recording:
            self._open(message.path, Request())

    def _failed(self, _message: Failed) -> None:
        self._request = Request()

    def _progressed(self) -> None:
        """Say what a run that is being opened or gone back in waits for, if that takes longer than a moment."""
        busy = self._run.busy
        if not busy.what:
            self._patience.stop()
            if self._progress and self._message.text() == self._progress:
                self._message.say("")
            self._progress = ""
        elif self._progress:
            self._say_progress()
        elif busy.replays and not self._patience.isActive():
            self._patience.start()

    def _say_progress(self) -> None:
        busy = self._run.busy
        said = busy_sentence(busy.what, busy.done, busy.total)
        if said != self._progress and (not self._progress or self._message.text() == self._progress):
            self._progress = said
            self._message.say(said, "info", seconds=0)

    def _prepared(self, message: Prepared) -> None:
        request, self._request = self._request, Request()
        origin = message.origin
        if origin is None:
            return
        if origin.is_branch and origin.recorded is None:
            self._models.announce(begun_words(origin))
        if origin.recorded is None:
            return
        recorded = origin.recorded
        if recorded.branch_step is not None:
            now = f"This is now a branch of {origin.name}."
            self._models.announce(f"{now} Change its learning rate with the button beside Stop (Alt+L).")
            return
        if not is_named_by_us(recorded.path):
            self.recent.add(recorded.path)
        if recorded.missing:
            here = f"all else is here, on the images of {message.data_name}"
            if not recorded.has_images:
                here = "its curves, filters and weights are here"
            ways: dict[str, Act] = {"Open its data…": partial(self._choose_data, message)}
            self._models.announce(f"{recorded.missing}; {here}.", "warning", ways)
        else:
            self._models.announce(opened_words(origin, recorded), "success")
        if not request.stays:
            self.opened.emit()
        if request.step is not None:
            self._past.go_to(request.step)
        if request.go_on and origin.goes_on and not origin.is_finished:
            self._run.go_on()

    def _choose_data(self, message: Prepared) -> None:
        origin = message.origin
        if origin is None or origin.recorded is None:
            return
        title, folder = f"Open the data of {origin.name}", self._models.known_data.folder()
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(folder), data_filter())
        if name:
            self._models.known_data.add(Path(name))
            self.open_path(origin.recorded.path, data=DataFile(Path(name), ImageSpec.of(message.design)))

    # --- keeping -----------------------------------------------------------------------------------------------

    def keep(self, source: Path | None = None) -> None:
        """Ask for a file and copy a recording to it, by default the run's own."""
        if source is None and self._run.recordings.own is None:
            self._message.say("There is no recorded run to keep yet: Train begins one.", "info", seconds=8)
            return
        path = self.ask_where(source)
        if path is not None:
            self._message.say(f"Keeping the run as {path.name} …", "info", seconds=0)
            # A run that was opened has its recording, though nothing was recorded here.
            self._run.bridge.send(KeepRecording(path, source or self._run.recordings.own))

    def ask_where(self, source: Path | None = None) -> Path | None:
        """Ask for a file to copy to; a separate method so that tests can replace it."""
        name = self._run.design.name or "run" if source is None else source.stem
        start = self.recent.folder() / f"{name}{ENDING}"
        dialog = QFileDialog(self._window, "Keep this run as", str(start.parent), FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ENDING.removeprefix("."))
        dialog.selectFile(start.name)
        try:
            return Path(dialog.selectedFiles()[0]) if dialog.exec() else None
        finally:
            dialog.deleteLater()

    def _kept(self, message: RecordingKept) -> None:
        if message.reason:
            self._message.say(message.reason, "error", {"Keep elsewhere…": self.keep})
            return
        self.recent.add(message.path)
        self.changed.emit()
        said = f"The run is kept as {message.path.name}: it stays there, with every moment up to now."
        self._message.say(said, "success", {"Show it": partial(self._show_folder, message.path)})

    def _show_folder(self, path: Path) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def opened_words(origin: Origin, recorded: RecordedRun) -> str:
    """The message about an opened run."""
    at, name = origin.position, origin.name
    when = short_clock(recorded.created)
    opened = f"Opened {name}{f' of {when}' if when else ''}"
    if recorded.differs:
        opened += f" ({recorded.differs})"
    if origin.is_finished:
        return f"{opened}: all {counted(at.epochs, 'epoch')} are done, and any moment is on the timeline."
    there = stand(at) if at.step else "its beginning"
    if recorded.ended == "running":
        return f"{opened} as it is at {there}, while another window trains it: Resume would go on in a copy."
    if not at.step:
        return f"{opened}. It ended before its first minibatch: Train begins it."
    how = {"ended unexpectedly": "It ended unexpectedly", "failed": "It failed"}.get(recorded.ended, "It stopped")
    return f"{opened}. {how} at {there}: Resume goes on from there."


def begun_words(origin: Origin) -> str:
    """The message about a branch that begins at its first minibatch: from step 0, or with another design."""
    branch = f"This is now a branch of {origin.name}"
    if not origin.anew:
        return f"{branch}: Train begins it."
    then, anew = some_layers(origin.taken), some_layers(origin.anew)
    return f"{branch} with another design: weights of then in {then}, initial ones in {anew}. Train begins it."


def some_layers(names: tuple[str, ...]) -> str:
    """``conv1 and dense1``; for many, only their number."""
    if not names or len(names) > MOST_NAMED:
        return counted(len(names), "layer") if names else "no whole layer"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
