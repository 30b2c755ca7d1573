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
    """

    title: str
    tip: str
    make: Callable[[WorkspaceContext], Workspace]


def lazily(module: str, name: str) -> Callable[[WorkspaceContext], Workspace]:
    """Make a workspace of a class whose module is imported only then."""

    def make(context: WorkspaceContext) -> Workspace:
        made = getattr(import_module(f"convviz.gui.workspaces.{module}"), name)(context)
        assert isinstance(made, Workspace)
        return made

    return make


WORKSPACES = (
    Entry("Build", "What network, on what data, with what settings?", lazily("builder.adapter", "BuildAdapter")),
    Entry("Watch", "What happens while it learns", lazily("watch.adapter", "WatchAdapter")),
    Entry("Step", "One forward and backward pass, number by number", lazily("step.adapter", "StepAdapter")),
)
START = "Watch"
"""Title of the workspace that a fresh window shows."""
