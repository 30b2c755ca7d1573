"""Probe in the window, for its tests."""

from __future__ import annotations

from whole_window import PROBE, WholeWindow

from convviz.core.network import Network
from convviz.gui.workspaces.probe.adapter import ProbeAdapter
from convviz.gui.workspaces.probe.page import TABS, ProbePage


def page_of(qtbot, window: WholeWindow, tab: str = "Mistakes") -> ProbePage:
    """The workspace in front, with the network as it is now measured, at one of its tabs."""
    window.go_to(PROBE)
    front = window.stack.front
    assert isinstance(front, ProbeAdapter)
    qtbot.waitUntil(lambda: front.is_current, timeout=20000)
    front.page.go_to(TABS.index(tab))
    return front.page


def in_window(window: WholeWindow) -> Network:
    """The untrained network that the window shows."""
    return Network(window.run.design)
