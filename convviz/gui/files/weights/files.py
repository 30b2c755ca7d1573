"""Files of weights in the window: chosen or dropped, matched with the design at hand, and taken."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.weights.dialog import WeightsDialog
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.run import RunModel
from convviz.run.commands import MatchWeights
from convviz.run.messages import Identified, WeightsMatched
from convviz.storage.weights.open_file import dialog_filter


class WeightFiles(QObject):
    """The actions on files of weights.

    Parameters
    ----------
    run : RunModel
    edited : EditedDesign
        The design that gets the weights.
    window : QWidget
        Parent of the dialogs.
    models : ModelFiles
        Opens what was taken.

    Attributes
    ----------
    dialog : WeightsDialog or None
        The one that was opened last.
    """

    def __init__(self, run: RunModel, edited: EditedDesign, window: QWidget, models: ModelFiles) -> None:
        super().__init__(window)
        self._run, self._edited, self._window, self._models = run, edited, window, models
        self.dialog: WeightsDialog | None = None
        run.identified.connect(self._identified)
        run.weightsMatched.connect(self._matched)

    def choose(self) -> None:
        """Ask for a file, and show what it has for the design."""
        path = self.ask_which()
        if path is not None:
            self.open_path(path)

    def ask_which(self) -> Path | None:
        """Ask for a file; a method of its own so that a test can answer."""
        folder = str(self._models.recent.folder())
        name, _ = QFileDialog.getOpenFileName(self._window, "Take weights from a file", folder, dialog_filter())
        return Path(name) if name else None

    def open_path(self, path: Path) -> None:
        """Match a file with the design at hand; the table is shown when that is done."""
        self._run.bridge.send(MatchWeights(path, self._edited.design))

    def _identified(self, message: Identified) -> None:
        if message.is_weights:
            self.open_path(message.path)

    def _matched(self, message: WeightsMatched) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = WeightsDialog(message, self._window)
        dialog.taken.connect(lambda: self._models.open_weights(message.path, message.design))
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self, _result: int) -> None:
        self.dialog = None
