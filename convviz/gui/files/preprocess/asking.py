"""Asks for the preprocessing that a model of another program expects, and remembers it by the file's checksum."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QWidget

from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.preprocess.dialog import PreprocessDialog
from convviz.gui.run_model.run import RunModel
from convviz.run.messages import PreprocessAsked
from convviz.storage.preprocess import Preprocess

KEY = "preprocess"
"""Group of the answers in the settings."""


class PreprocessAsking(QObject):
    """Answers for models of other programs.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Parent of the dialog.
    settings : QSettings
        Stores the answers.
    models : ModelFiles
        Opens the model once it is answered.

    Attributes
    ----------
    dialog : PreprocessDialog or None
        The one that is open.
    settings : QSettings
    """

    def __init__(self, run: RunModel, window: QWidget, settings: QSettings, models: ModelFiles) -> None:
        super().__init__(window)
        self._window, self.settings, self._models = window, settings, models
        self.dialog: PreprocessDialog | None = None
        run.preprocessAsked.connect(self._asked)

    def known(self, checksum: str) -> Preprocess | None:
        """The answer that was given for a file; None if there was none."""
        text = self.settings.value(f"{KEY}/{checksum}", "")
        try:
            return msgspec.json.decode(str(text), type=Preprocess) if text else None
        except (msgspec.MsgspecError, ValueError):
            return None  # of another version, or not ours

    def _asked(self, message: PreprocessAsked) -> None:
        known = self.known(message.checksum)
        if known is not None and not known.problem(message.design):
            self._models.open_with(message.path, known, partial(self.ask_again, message))
            return
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = PreprocessDialog(message, self._window)
        dialog.answered.connect(lambda answer: self._answered(message, answer))
        dialog.finished.connect(self._closed)
        dialog.open()

    def ask_again(self, message: PreprocessAsked) -> None:
        """Forget the answer for a file, and ask anew."""
        self.settings.remove(f"{KEY}/{message.checksum}")
        self._models.open_path(message.path)

    def _answered(self, message: PreprocessAsked, answer: Preprocess) -> None:
        self.settings.setValue(f"{KEY}/{message.checksum}", msgspec.json.encode(answer).decode())
        self._models.open_with(message.path, answer)

    def _closed(self, _result: int) -> None:
        self.dialog = None
