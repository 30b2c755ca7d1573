"""The models of the window: run, design and files. The module is imported after the window is on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from convviz.gui.files.data_files import DataFiles
from convviz.gui.files.design_files import DesignFiles
from convviz.gui.files.family import FamilyModel
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.opener import FileOpener
from convviz.gui.files.preprocess.asking import PreprocessAsking
from convviz.gui.files.run_files import RunFiles
from convviz.gui.files.weights.files import WeightFiles
from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.design_binding import DesignBinding
from convviz.gui.run_model.drawings import DrawingsModel
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.pins import PinsModel
from convviz.gui.run_model.probed_pass import ProbedPass
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.search import SearchModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.registry import Entry
from convviz.storage.last_session import SessionFolder
from convviz.storage.recording.folder import RecordingsFolder


class WindowModels:
    """The models behind a window; they are its children.

    Parameters
    ----------
    window : QWidget
    settings : QSettings
    message : InlineMessage
        The models show results and errors here.
    threads : int
        Threads of the trainer.
    kept : Path, optional
        Folder where trained networks are kept automatically; nowhere unless given.
    recorded : Path, optional
        Folder where runs are recorded; nowhere unless given.
    """

    def __init__(
        self,
        window: QWidget,
        settings: QSettings,
        message: InlineMessage,
        *,
        threads: int,
        kept: Path | None = None,
        recorded: Path | None = None,
    ) -> None:
        self.kept = None if kept is None else SessionFolder(kept)
        self._settings, self._message = settings, message
        self._recorded = recorded
        folder = None if recorded is None else RecordingsFolder(recorded)
        self.run = RunModel(threads, window, kept=self.kept, recorded=folder)
        self.breakpoints = BreakpointsModel(self.run, settings, window)
        self.pins = PinsModel(self.run, settings, window)
        self.follower = DesignFollower(self.run, window)
        self.watched = WatchedModel(self.run, window)
        self.drawings = DrawingsModel(self.run, None if kept is None else kept.parent / "drawings", window)
        self.past = PastModel(self.run, self.watched, window)
        self.probed = ProbedPass(self.run, window)
        self.hold = HoldModel(self.run, self.breakpoints, self.past, window)
        self.search = SearchModel(self.run, self.past, self.watched, self.hold, window)
        self.edited = EditedDesign(window)
        self.binding = DesignBinding(self.edited, self.run, self.follower, self.watched)
        self.model_files = ModelFiles(self.run, window, settings, message, kept=self.kept)
        self.data_files = DataFiles(
            self.run,
            window,
            settings,
            models=self.model_files,
            follower=self.follower,
            message=message,
            edited=self.edited,
            remembered=None if kept is None else kept.parent / "imports.json",
        )
        self.preprocess = PreprocessAsking(self.run, window, settings, self.model_files)
        self.weight_files = WeightFiles(self.run, self.edited, window, self.model_files)
        self.design_files = DesignFiles(self.edited.document, window, settings, message.say)
        self.run_files = RunFiles(
            self.run, window, settings, models=self.model_files, past=self.past, message=message, folder=folder
        )
        self.family = FamilyModel(self.run, self.past, self.run_files)
        self.opener = FileOpener(window, self.design_files, self.model_files, self.data_files, self.run_files)

    def context(self, entries: Sequence[Entry]) -> WorkspaceContext:
        """Return the models that every workspace gets."""
        return WorkspaceContext(
            self.run,
            self.edited,
            self.follower,
            self.watched,
            self.drawings,
            self.past,
            self.probed,
            self.breakpoints,
            self.hold,
            self.pins,
            self.search,
            self.data_files,
            self.design_files,
            self._message,
            self._settings,
            self.run_files,
            self.model_files.save_beside,
            image_views=tuple((one.title, one.shows_image) for one in entries if one.shows_image),
            runs_folder=self._recorded,
            open_run=self.run_files.open_path,
        )
