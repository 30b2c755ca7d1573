"""Trained models: saving, opening, recent files, and messages about those that are kept automatically."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.core.design import Design
from convviz.data.open import dialog_filter as data_filter
from convviz.data.sources import DataFile, DataSource, ImageSpec
from convviz.gui.files.recent import DATA, MODELS, RecentFiles
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.question import Answer, ask_to_save
from convviz.present.design.build_text import written_shape
from convviz.present.words import all_done, place
from convviz.run.commands import Identify, Keep, LetItGo, OpenModel
from convviz.run.messages import (
    Identified,
    LetGo,
    NotKept,
    NotSaved,
    Origin,
    OtherData,
    Prepared,
    RecordingFailed,
    Saved,
)
from convviz.run.state import State
from convviz.storage.last_session import SessionFolder
from convviz.storage.model_files import dialog_filter, filters
from convviz.storage.preprocess import Preprocess
from convviz.training.events import Position

PATIENCE_MS = 250
"""Delay before the message that a file is being written; most are finished by then."""

Act = Callable[[], object]


class ModelFiles(QObject):
    """The actions on the session's network as a whole.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Parent of the dialogs.
    settings : QSettings
        Recent files are stored here.
    message : InlineMessage
        Shows results and errors.
    kept : SessionFolder, optional
        Has the networks that were kept automatically.

    Attributes
    ----------
    asked : Signal()
        The user wants a file to be opened, whatever it is.
    opening : Signal()
        A file is about to replace the current network.
    traceOpened : Signal()
        The opened file was a pass, to be shown in Step.
    """

    asked = Signal()
    opening = Signal()
    traceOpened = Signal()

    def __init__(
        self,
        run: RunModel,
        window: QWidget,
        settings: QSettings,
        message: InlineMessage,
        *,
        kept: SessionFolder | None = None,
    ) -> None:
        super().__init__(window)
        self.kept = kept
        self._run, self._window, self._message = run, window, message
        self.recent = RecentFiles(settings, MODELS)
        self.known_data = RecentFiles(settings, DATA)
        self._saving: list[tuple[Path, Act | None, bool]] = []
        """Files being written, in order, the action that follows each, and whether this object reports it."""
        self._opened = Path()
        """The model that was opened last."""
        self._into: Design | None = None
        """The design that took its weights, if only these were taken."""
        self._preprocess: Preprocess | None = None
        """The preprocessing of its images, if another program made it."""
        self._again: Act | None = None
        self._anyway = False
        self._data: DataSource | None = None
        """The data set that it was opened with, if one was chosen."""
        self._said = ""
        """The message about the model that was opened last."""
        self._ways: dict[str, Act] = {}
        """The action that the message offers."""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_saving)
        run.prepared.connect(self._prepared)
        run.saved.connect(self._saved)
        run.notSaved.connect(self._not_saved)
        run.otherData.connect(self._other_data)
        run.stateChanged.connect(self._state_changed)
        run.letGo.connect(self._let_go)
        run.notKept.connect(self._not_kept)
        run.recordingFailed.connect(self._not_recorded)

    # --- saving ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ask for a file and save to it."""
        self._save_then(None)

    def save_to(self, path: Path, then: Act | None = None, *, says: bool = True) -> None:
        """Let the session save to a file, and call ``then`` when it is written."""
        self._saving.append((path, then, says))
        self._run.bridge.send(Keep(path))
        self._patience.start()

    def save_beside(self, path: Path) -> None:
        """Save to a file beside another one, whose message covers both; only a failure is reported here."""
        self.save_to(path, says=False)

    def _save_then(self, then: Act | None) -> None:
        path = self.ask_where()
        if path is not None:
            self.save_to(path, then)

    def ask_where(self) -> Path | None:
        """Ask for a file to save to; a separate method so that tests can replace it."""
        known = self.recent.paths()
        start = known[0].parent if known else Path.home()
        dialog = QFileDialog(self._window, "Save the trained model", str(start), dialog_filter(saving=True))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffixes = filters()
        # The dialog adds the suffix before it asks whether to replace a file.
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffixes.get(chosen, ".h5")))
        dialog.setDefaultSuffix("h5")
        dialog.selectFile(f"{self._run.design.name or 'model'}.h5")
        try:
            return Path(dialog.selectedFiles()[0]) if dialog.exec() else None
        finally:
            dialog.deleteLater()

    def _say_saving(self) -> None:
        if self._saving and self._saving[0][2]:
            self._message.say(f"Saving {self._saving[0][0].name} …", "info", seconds=0)

    def _saved(self, message: Saved) -> None:
        path, then, says = self._saving.pop(0)
        self._patience.stop()
        self.recent.add(path)
        if says:
            self._message.say(f"Saved to {path.name}: {stand(message.position)}.", "success")
        if then is not None:
            then()

    def _not_saved(self, message: NotSaved) -> None:
        self._saving.pop(0)
        self._patience.stop()
        self._message.say(message.reason, "error", {"Save elsewhere…": self.save})

    # --- opening -----------------------------------------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open a model; if that fails, nothing changes, and a sentence says why."""
        self.asked.emit()
        self._run.bridge.send(Identify(path, as_model=True))

    def open_identified(self, message: Identified) -> None:
        """Open a file whose kind is known."""
        self._preprocess = self._again = None
        self._open(message.path)

    def _is_kept(self, path: Path) -> bool:
        return self.kept is not None and path.parent == self.kept.path

    def open_weights(self, path: Path, into: Design) -> None:
        """Make a network of a design, with the weights of a file as far as they fit."""
        self._open(path, into=into)

    def open_with(self, path: Path, preprocess: Preprocess, again: Act | None = None) -> None:
        """Open the model of another program, with this preprocessing of its images.

        Parameters
        ----------
        path : Path
        preprocess : Preprocess
        again : callable, optional
            Asks again, if the answer was remembered.
        """
        is_asked = path == self._opened
        self._preprocess, self._again = preprocess, again
        self._send(path, self._data if is_asked else None, self._anyway and is_asked, None)

    def _open(
        self, path: Path, data: DataSource | None = None, anyway: bool = False, into: Design | None = None
    ) -> None:
        if path != self._opened:
            self._preprocess = self._again = None
        self._message.say("")
        self.opening.emit()
        self._send(path, data, anyway, into)

    def _send(self, path: Path, data: DataSource | None, anyway: bool, into: Design | None) -> None:
        self._opened, self._data, self._anyway, self._into = path, data, anyway, into
        known = tuple(self.known_data.paths())
        self._run.bridge.send(OpenModel(path, data, known, anyway, into, self._preprocess))

    def _prepared(self, message: Prepared) -> None:
        if message.origin is not None and message.origin.recorded is None and not message.origin.is_branch:
            self._say_opened(message.origin, message.data_name)

    def _say_opened(self, origin: Origin, data_name: str) -> None:
        """Say that a model was opened on this data set, and what can be done with it."""
        position, name = origin.position, origin.name
        if self._is_kept(self._opened):
            name = self._run.design.name or "the network"
        elif self._into is None:
            self.recent.add(self._opened)
        if origin.is_trace:
            says = f"Opened the pass of {name}: its network, and its images as data. Step shows it."
        elif not origin.goes_on and self._run.stands_in:
            image = ImageSpec.of(self._run.design).shape
            says = f"{name} is open. No data set with {written_shape(image)} images is, so a black one stands in."
        elif not origin.goes_on:
            known = f" ({stand(position)})" if position.step else ""
            says = f"Loaded the weights of {name}{known}. Train begins a new run from them, on {data_name}."
        elif not position.step:
            says = f"Opened {name}, which is untrained."
        elif origin.is_finished:
            says = f"Opened {name}: {all_done(position.epochs)}; with more epochs set, Resume goes on."
        else:
            opened = f"Opened {name} at {stand(position)}"
            says = f"{opened}: Resume goes on with {data_name} as if it had never stopped."
        ways: dict[str, Act] = {}
        if self._run.stands_in:
            ways["Open data…"] = partial(self._choose_data, origin.name, self._run.design)
        if self._preprocess is not None and self._again is not None:
            says = f"{says} Its images are preprocessed as last time."
            ways["Ask again"] = self._again
        self.announce(says, "success" if origin.goes_on else "info", ways)
        if origin.is_trace:
            self.traceOpened.emit()

    def announce(self, says: str, kind: str = "info", ways: dict[str, Act] | None = None) -> None:
        """Report what was opened; if another network was kept meanwhile, the same message says so."""
        self._said, self._ways = says, ways or {}
        self._message.say(says, kind, self._ways)

    def _other_data(self, message: OtherData) -> None:
        name, trained = message.name, f"was trained on {message.trained_on}"
        if not message.trained_on:
            trained = "takes other images"
        ways: dict[str, Act] = {"Open its data…": partial(self._choose_data, name, message.design)}
        if not message.data_name:
            says = f"{name} {trained}, and no data set is open."
        elif message.misfit:
            says = f"{name} {trained}, and {message.data_name} does not fit it: {message.misfit}."
        else:
            says = f"{name} {trained}, so it can't go on exactly with the {message.data_name} at hand."
            ways["Use its weights here"] = partial(self._open, self._opened, self._data, True, self._into)
        if message.misfit or not message.data_name:
            ways["Open without"] = partial(self._open, self._opened, None, True, self._into)
        self._message.say(says, "warning", ways)

    def _choose_data(self, model: str, design: Design) -> None:
        folder = self.known_data.folder()
        title = f"Open the data of {model}"
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(folder), data_filter())
        if name:
            self.known_data.add(Path(name))
            data = DataFile(Path(name), ImageSpec.of(design))
            self._open(self._opened, data, into=self._into)

    # --- what is kept by itself ----------------------------------------------------------------------------------

    def _state_changed(self, state: State) -> None:
        if state is State.RUNNING:
            self._said = ""  # training goes on: the message about the opened model is out of date

    def _let_go(self, message: LetGo) -> None:
        """Say that the network before this one is kept, and how to bring it back."""
        is_said = bool(self._said) and self._said == self._message.text()
        said = f"{self._said} " if is_said else ""
        self._said = ""
        ways: dict[str, Act] = {**(self._ways if is_said else {})}
        ways["Take it up again"] = partial(self.open_path, message.path)
        note = f"{message.name or 'The network'}, trained to {stand(message.position)} on {message.data_name}, is kept."
        # The menu has it, too: nothing is lost when the message disappears.
        self._message.say(f"{said}{note}", "info", ways, passes=not (is_said and self._ways))

    def _not_kept(self, message: NotKept) -> None:
        self._patience.stop()
        ways: dict[str, Act] = {"Save it elsewhere…": self.save}
        if message.stays:
            ways["Let it go"] = self.let_it_go
        nothing = " Nothing was done, and it is still here." if message.stays else ""
        self._message.say(f"What was trained can't be kept: {message.reason}.{nothing}", "error", ways)

    def _not_recorded(self, message: RecordingFailed) -> None:
        self._message.say(f"The run goes on, but it is not recorded any more: {message.reason}.", "warning")

    def let_it_go(self) -> None:
        """Allow the trained network to be lost, as the user has agreed."""
        self._run.bridge.send(LetItGo())
        self._message.say("What comes next may take its place.", "warning")

    def ask_about_unkept(self, reason: str) -> Answer:
        """Ask what to do with training that can't be kept; a method of its own so that a test can answer."""
        told = f"It stands at {stand(self._run.position)}, and it can't be kept by itself: {reason}."
        return ask_to_save(self._window, "Save the trained model?", told)

    def save_then(self, then: Act) -> None:
        """Ask for a file, save to it, and call ``then`` when it is written."""
        self._save_then(then)


def stand(position: Position) -> str:
    """``epoch 3, step 2,871``."""
    return place(position.epoch, position.step) if position.step else "untrained"
