"""The Build workspace: what network, on what data, with what settings? One noun a file."""

from __future__ import annotations

from convviz.gui.workspaces.builder.page import BuildPage

__all__ = ["BuildPage"]
