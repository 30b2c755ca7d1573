"""Data sets: choosing, opening, and telling a data file from a trained model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.core.design import Design
from convviz.data.open import dialog_filter
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.run.commands import Identify
from convviz.run.messages import Identified
from convviz.run.state import State

FOLDER = "data/folder"
"""Place in the settings."""


class DataFiles(QObject):
    """Opens data sets; the network stays if its images fit.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Dialogs open over it.
    settings : QSettings
        Where the folder is remembered.
    models : ModelFiles
        Opens what turns out to be a trained model.
    follower : DesignFollower
    message : InlineMessage
        Is cleared when another data set is opened, and says what failed.
    edited : EditedDesign
        Data sets are opened for this design.
    """

    def __init__(
        self,
        run: RunModel,
        window: QWidget,
        settings: QSettings,
        *,
        models: ModelFiles,
        follower: DesignFollower,
        message: InlineMessage,
        edited: EditedDesign,
    ) -> None:
        super().__init__(window)
        self._run, self._window, self._settings = run, window, settings
        self._models, self._follower, self._message = models, follower, message
        self._edited = edited
        run.identified.connect(self._identified)
        run.failed.connect(self._failed)

    def choose(self) -> None:
        """Ask for a file and open it."""
        folder = str(self._settings.value(FOLDER, str(Path.home())))
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a data set", folder, dialog_filter())
        if name:
            self.open_path(name)

    @Slot(str)
    def open_path(self, path: Path | str) -> None:
        """Open a file: as a trained model if it is one, and else as a data set."""
        self._run.bridge.send(Identify(Path(path)))

    def open_builtin(self) -> None:
        """Use the built-in digits."""
        self._open(self._edited.design, BuiltinDigits())

    def _identified(self, message: Identified) -> None:
        path = message.path
        if message.is_model or message.as_model:
            self._models.open_identified(message)
            return
        self._settings.setValue(FOLDER, str(path.parent))
        design = self._edited.design
        self._open(design, DataFile(path, ImageSpec.of(design)), path)

    def _open(self, design: Design, data: DataSource, path: Path | None = None) -> None:
        self._models.when_nothing_is_lost(f"Opening {data.name}", partial(self._open_now, design, data, path))

    def _open_now(self, design: Design, data: DataSource, path: Path | None) -> None:
        self._message.say("")
        if path is not None:
            self._models.known_data.add(path)
        self._follower.open(design, data)

    def _failed(self, reason: str) -> None:
        rescue = {"Use the built-in digits": self.open_builtin} if self._run.state is State.EMPTY else {}
        self._message.say(reason, "error", rescue)
