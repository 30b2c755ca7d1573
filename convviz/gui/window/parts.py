"""The parts of a main window, for the helpers that a window makes and that reach back into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:  # imported when the window is on the screen
    from convviz.gui.files.data_files import DataFiles
    from convviz.gui.files.design_files import DesignFiles
    from convviz.gui.files.model_files import ModelFiles
    from convviz.gui.files.run_files import RunFiles
    from convviz.gui.run_model.edited_design import EditedDesign
    from convviz.gui.run_model.run import RunModel
    from convviz.gui.widgets.messages.inline_message import InlineMessage
    from convviz.gui.window.last_time import LastTime
    from convviz.gui.window.top_bar import TopBar
    from convviz.gui.window.workspace_stack import WorkspaceStack


class WindowParts(QMainWindow):
    """Base of the main window: its bars and workspaces, and the parts it has once it is assembled.

    Attributes
    ----------
    message : InlineMessage
    stack : WorkspaceStack
    top : TopBar
    is_assembled : bool
        Whether the models and a workspace have been made; the attributes below exist from then on.
    run : RunModel
    edited : EditedDesign
    models : ModelFiles
    data : DataFiles
    designs : DesignFiles
    runs : RunFiles
    last_time : LastTime
    """

    message: InlineMessage
    stack: WorkspaceStack
    top: TopBar
    is_assembled: bool
    run: RunModel
    edited: EditedDesign
    models: ModelFiles
    data: DataFiles
    designs: DesignFiles
    runs: RunFiles
    last_time: LastTime
