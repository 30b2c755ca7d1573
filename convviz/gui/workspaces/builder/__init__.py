"""The Build workspace: which network, on which data, with which settings?"""

from __future__ import annotations

from convviz.gui.workspaces.builder.page import BuildPage

__all__ = ["BuildPage"]
