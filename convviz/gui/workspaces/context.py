"""What the window gives to every workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings

from convviz.gui.files.data_files import DataFiles
from convviz.gui.files.design_files import DesignFiles
from convviz.gui.files.run_files import RunFiles
from convviz.gui.run_model.breakpoints import BreakpointsModel
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


@dataclass(frozen=True, slots=True)
class WorkspaceContext:
    """The window's models.

    Parameters
    ----------
    run : RunModel
    edited : EditedDesign
        The design that every workspace shows and edits.
    follower : DesignFollower
        Knows whether an edit waits for a new run.
    watched : WatchedModel
        The image that is looked at.
    drawings : DrawingsModel
        Images of the user's own hand.
    past : PastModel
        The moment of the run that is looked at.
    probed : ProbedPass
        What Probe wants to be stepped.
    breakpoints : BreakpointsModel
        What holds the run, or marks its steps.
    hold : HoldModel
        The minibatch that is held.
    pins : PinsModel
        The pinned numbers.
    search : SearchModel
        A search back through the run.
    data : DataFiles
        Opens data sets.
    designs : DesignFiles
        Opens and saves designs.
    message : InlineMessage
        Says a sentence over the whole window.
    settings : QSettings
        What is remembered from one start to the next.
    runs : RunFiles
        Opens recorded runs.
    save_model : callable
        Saves the trained network to a file, in the format that its name says.
    image_views : tuple of (str, str)
        Titles of the workspaces that show the watched image, and what a button to each says.
    runs_folder : Path or None
        Where runs are recorded without being asked; None if they are not.
    open_run : callable or None
        Opens a recorded run.
    """

    run: RunModel
    edited: EditedDesign
    follower: DesignFollower
    watched: WatchedModel
    drawings: DrawingsModel
    past: PastModel
    probed: ProbedPass
    breakpoints: BreakpointsModel
    hold: HoldModel
    pins: PinsModel
    search: SearchModel
    data: DataFiles
    designs: DesignFiles
    message: InlineMessage
    settings: QSettings
    runs: RunFiles
    save_model: Callable[[Path], object]
    image_views: tuple[tuple[str, str], ...] = ()
    runs_folder: Path | None = None
    open_run: Callable[[Path], object] | None = None
