"""Trained models: saving, opening, recent ones, and the question before training is lost that no file has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.data.open import dialog_filter as data_filter
from convviz.data.sources import DataFile, DataSource, ImageSpec
from convviz.gui.files.recent import DATA, MODELS, RecentFiles
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.question import Answer, ask_to_save
from convviz.present.words import duration, place
from convviz.run.commands import Identify, Keep, OpenModel
from convviz.run.messages import Identified, NotSaved, Origin, OtherData, Prepared, Saved
from convviz.storage.model_files import dialog_filter, filters
from convviz.training.events import Position

PATIENCE_MS = 250
"""So long nothing is said of a file that is being written: most are done by then."""

Act = Callable[[], object]


class ModelFiles(QObject):
    """What can be done with the session's network as a whole.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Dialogs open over it.
    settings : QSettings
        Where recent files are kept.
    message : InlineMessage
        Says what came of it.

    Attributes
    ----------
    opening : Signal()
        A file is about to take the place of what is open.
    traceOpened : Signal()
        It was a pass, to be stepped.
    """

    opening = Signal()
    traceOpened = Signal()

    def __init__(self, run: RunModel, window: QWidget, settings: QSettings, message: InlineMessage) -> None:
        super().__init__(window)
        self._run, self._window, self._message = run, window, message
        self.recent = RecentFiles(settings, MODELS)
        self.known_data = RecentFiles(settings, DATA)
        self._saving: list[tuple[Path, Act | None]] = []
        """Files being written, and what waits for them; they come in this order."""
        self._opened = Path()
        """Model that was opened last."""
        self._data: DataSource | None = None
        """Data set that it was opened with, where somebody chose one."""
        self._lost = False
        """Whether what is being done ends a short training without a question."""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_saving)
        run.prepared.connect(self._prepared)
        run.saved.connect(self._saved)
        run.notSaved.connect(self._not_saved)
        run.otherData.connect(self._other_data)

    # --- saving ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ask for a file and save to it."""
        self._save_then(None)

    def save_to(self, path: Path, then: Act | None = None) -> None:
        """Save to a file as soon as the session comes to it; when it is written, ``then`` is called."""
        self._saving.append((path, then))
        self._run.unsaved.ask()
        self._run.bridge.send(Keep(path))
        self._patience.start()

    def _save_then(self, then: Act | None) -> None:
        path = self.ask_where()
        if path is not None:
            self.save_to(path, then)

    def ask_where(self) -> Path | None:
        """Ask for a file to save to; a method of its own so that a test can answer."""
        known = self.recent.paths()
        start = known[0].parent if known else Path.home()
        dialog = QFileDialog(self._window, "Save the trained model", str(start), dialog_filter())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffixes = filters()
        # A suffix is put in before it asks whether to replace a file.
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffixes.get(chosen, ".h5")))
        dialog.setDefaultSuffix("h5")
        dialog.selectFile(f"{self._run.design.name or 'model'}.h5")
        try:
            return Path(dialog.selectedFiles()[0]) if dialog.exec() else None
        finally:
            dialog.deleteLater()

    def _say_saving(self) -> None:
        if self._saving:
            self._message.say(f"Saving {self._saving[0][0].name} …", "info")

    def _saved(self, message: Saved) -> None:
        path, then = self._saving.pop(0)
        self._patience.stop()
        self.recent.add(path)
        self._message.say(f"Saved to {path.name}: {stand(message.position)}.", "success")
        if then is not None:
            then()

    def _not_saved(self, message: NotSaved) -> None:
        self._saving.pop(0)
        self._patience.stop()
        self._message.say(message.reason, "error", {"Save elsewhere…": self.save})

    # --- opening -----------------------------------------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open a model; where that fails nothing changes, and a sentence says why."""
        self._run.bridge.send(Identify(path, as_model=True))

    def open_identified(self, message: Identified) -> None:
        """Open a file that was looked at. Nobody is asked to save a training that it can't end, being no model."""
        opening = partial(self._open, message.path)
        if message.is_model:
            self.when_nothing_is_lost(f"Opening {message.path.name}", opening)
        else:
            opening()

    def _open(self, path: Path, data: DataSource | None = None, anyway: bool = False) -> None:
        self._message.say("")
        self.opening.emit()
        self._opened, self._data = path, data
        self._run.bridge.send(OpenModel(path, data, tuple(self.known_data.paths()), anyway))

    def _prepared(self, message: Prepared) -> None:
        if message.origin is not None:
            self._say_opened(message.origin, message.data_name)

    def _say_opened(self, origin: Origin, data_name: str) -> None:
        """A model has been opened, on this data set: say what can be done with it."""
        self.recent.add(self._opened)
        position = origin.position
        if origin.is_trace:
            says = f"Opened the pass of {origin.name}: its network, and its images as data. Step shows it."
        elif not origin.goes_on:
            known = f" ({stand(position)})" if position.step else ""
            says = f"The weights of {origin.name}{known} are on {data_name} now; Train begins a new run."
        elif not position.step:
            says = f"Opened {origin.name}, which is untrained."
        elif origin.is_finished:
            says = f"Opened {origin.name}: all {position.epochs} epochs are done; with more epochs set, Resume goes on."
        else:
            opened = f"Opened {origin.name} at {stand(position)}"
            says = f"{opened}: Resume goes on with {data_name} as if it had never stopped."
        if self._lost:
            says += " The short training before it was not saved."
        self._message.say(says, "success" if origin.goes_on else "info")
        if origin.is_trace:
            self.traceOpened.emit()

    def _other_data(self, message: OtherData) -> None:
        name, trained = message.name, f"was trained on {message.trained_on}"
        if not message.trained_on:
            trained = "takes other images"
        ways: dict[str, Act] = {"Open its data…": partial(self._choose_data, message)}
        if not message.data_name:
            says = f"{name} {trained}, and no data set is open."
        elif message.misfit:
            says = f"{name} {trained}, and {message.data_name} does not fit it: {message.misfit}."
        else:
            says = f"{name} {trained}, so it can't go on exactly with the {message.data_name} at hand."
            ways["Use its weights here"] = partial(self._use_weights, self._opened, self._data)
        self._message.say(says, "warning", ways)

    def _choose_data(self, message: OtherData) -> None:
        folder = self.known_data.folder()
        title = f"Open the data of {message.name}"
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(folder), data_filter())
        if name:
            self.known_data.add(Path(name))
            data = DataFile(Path(name), ImageSpec.of(message.design))
            path = self._opened
            self.when_nothing_is_lost(f"Opening {path.name}", partial(self._open, path, data))

    def _use_weights(self, path: Path, data: DataSource | None) -> None:
        self.when_nothing_is_lost(f"Opening {path.name}", partial(self._open, path, data, True))

    # --- before something is lost ------------------------------------------------------------------------------

    def when_nothing_is_lost(self, doing: str, act: Act, *, asked_for: bool = False) -> None:
        """Do something that ends the training; ask first if that goes on, or if much of it is in no file.

        Parameters
        ----------
        doing : str
            ``Opening model.h5``
        act : callable
            Called now, when the network was saved, or never.
        asked_for : bool
            To end the training is what was asked for: it is a question only where much of it is in no file.
        """
        run = self._run
        ask = run.unsaved.is_much or (run.is_active and run.unsaved.steps > 0 and not asked_for)
        self._lost = run.unsaved.steps > 0 and not ask
        if not ask:
            act()
            return
        answer = self.ask_about_training("Save this training first?", f"{doing} ends it", "Don't save")
        if answer is Answer.SAVE:
            self._save_then(act)
        elif answer is Answer.DISCARD:
            act()

    def may_close(self) -> bool:
        """Whether the window may be closed now; where much training is in no file, the user is asked."""
        if not self._run.unsaved.is_much:
            return True
        answer = self.ask_about_training("Save the trained model?", "Closing the window ends it", "Discard")
        if answer is Answer.SAVE:
            self._save_then(self._window.close)
        return answer is Answer.DISCARD

    def ask_about_training(self, question: str, doing: str, discard: str) -> Answer:
        """Ask what to do with training that no file has; a method of its own so that a test can answer."""
        run = self._run
        lost = f"{duration(run.unsaved.seconds)} of training"
        if run.unsaved.seconds < 1:
            lost = "this training"
        told = f"{doing}, and {lost} is in no file: it stands at {stand(run.position)}."
        return ask_to_save(self._window, question, told, discard=discard)


def stand(position: Position) -> str:
    """``epoch 3, step 2,871``."""
    return place(position.epoch, position.step) if position.step else "untrained"
