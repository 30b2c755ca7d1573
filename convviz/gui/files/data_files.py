"""Choosing and opening data sets; a trained model is recognised and opened as one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
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
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import costs
from convviz.run.commands import Identify
from convviz.run.messages import Failed, Identified
from convviz.run.state import State

FOLDER = "data/folder"
"""Key in the settings."""


class DataFiles(QObject):
    """Opens data sets; the network stays if its images fit.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Parent of the dialogs.
    settings : QSettings
        The folder is stored here.
    models : ModelFiles
        Opens a file that turns out to be a trained model.
    follower : DesignFollower
    message : InlineMessage
        Is cleared when another data set is opened, and shows errors.
    edited : EditedDesign
        The design that data sets are opened for.
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
        self._opened: Path | None = None
        """The file that was requested last."""
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
        """Open a file: as a trained model if it is one, else as a data set."""
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
        self._message.say("")
        self._opened = path
        if path is not None:
            self._models.known_data.add(path)
        self._follower.open(design, data)

    def _failed(self, message: Failed) -> None:
        if message.diverged:
            return  # the run failed, no file
        ways: dict[str, Callable[[], object]] = {}
        if message.fits is not None and self._opened is not None:
            changed, says = with_input(self._edited.design, message.fits), written_shape(message.fits)
            if costs(changed).valid:
                ways[f"Change the input to {says}"] = partial(self._change, changed, self._opened)
        if self._run.state is State.EMPTY:
            ways["Use the built-in digits"] = self.open_builtin
        self._message.say(message.reason, "error", ways)

    def _change(self, design: Design, path: Path) -> None:
        """Change the design's input to a file's images, and open the file."""
        self._edited.document.edit(design, f"input for {path.name}")
        self._open(design, DataFile(path, ImageSpec.of(design)), path)


def with_input(design: Design, shape: tuple[int, int, int]) -> Design:
    """The design for images of another shape (C, H, W)."""
    channels, height, width = shape
    return replace(design, input=replace(design.input, channels=channels, height=height, width=width))
