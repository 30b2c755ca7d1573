"""The workspaces, in the order of their tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the tabs are on the screen before what it takes to make a workspace
    from convviz.gui.workspaces.context import WorkspaceContext
    from convviz.gui.workspaces.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Entry:
    """One workspace.

    Parameters
    ----------
    title : str
        On its tab.
    tip : str
        The question that it answers.
    make : callable
        Makes it, when it is first shown or when the window has nothing else to do.
    shows_image : str
        What a button says that goes there to look at the watched image; empty where that is not seen.
    """

    title: str
    tip: str
    make: Callable[[WorkspaceContext], Workspace]
    shows_image: str = ""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Makes a workspace of a class in the ``adapter.py`` of its folder, which is imported only then."""

    folder: str
    name: str

    @property
    def module(self) -> str:
        """What is imported."""
        return f"convviz.gui.workspaces.{self.folder}.adapter"

    def __call__(self, context: WorkspaceContext) -> Workspace:
        made: Workspace = getattr(import_module(self.module), self.name)(context)
        return made


WORKSPACES = (
    Entry("Data", "Which images are there, and what do they look like?", Adapter("data", "DataAdapter")),
    Entry("Build", "What network, on what data, with what settings?", Adapter("builder", "BuildAdapter")),
    Entry("Watch", "What happens while it learns", Adapter("watch", "WatchAdapter"), "Show in Watch"),
    Entry("Step", "One forward and backward pass, number by number", Adapter("step", "StepAdapter"), "Step this image"),
    Entry("Probe", "What has it learned, and why did it decide so?", Adapter("probe", "ProbeAdapter"), "Why?"),
    Entry("Compare", "What makes the difference?", Adapter("compare", "CompareAdapter")),
)
START = "Watch"
"""Title of the workspace that a fresh window shows."""
