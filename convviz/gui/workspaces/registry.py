"""The workspaces, in the order of their tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

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


def lazily(folder: str, name: str) -> Callable[[WorkspaceContext], Workspace]:
    """Make a workspace of a class in the ``adapter.py`` of its folder, which is imported only then."""

    def make(context: WorkspaceContext) -> Workspace:
        made = getattr(import_module(f"convviz.gui.workspaces.{folder}.adapter"), name)(context)
        assert isinstance(made, Workspace)
        return made

    return make


WORKSPACES = (
    Entry("Data", "Which images are there, and what do they look like?", lazily("data", "DataAdapter")),
    Entry("Build", "What network, on what data, with what settings?", lazily("builder", "BuildAdapter")),
    Entry("Watch", "What happens while it learns", lazily("watch", "WatchAdapter"), "Show in Watch"),
    Entry("Step", "One forward and backward pass, number by number", lazily("step", "StepAdapter"), "Step this image"),
)
START = "Watch"
"""Title of the workspace that a fresh window shows."""
