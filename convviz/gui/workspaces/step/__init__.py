"""The Step workspace: a debugger for one pass."""

from convviz.gui.workspaces.step.workspace import StepWorkspace

__all__ = ["StepWorkspace"]
