"""The views of Watch and their places on the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module

from convviz.gui.workspaces.watch.view import WatchView


class Place(Enum):
    """The place of a view on the page; views in the same place are in the order of :data:`VIEWS`."""

    PAST = auto()
    """A strip above everything; visible only while its view has something to show."""
    MAP = auto()
    """The top of the page."""
    CARD = auto()
    """Below the map, side by side if the width allows it; each view brings its own card."""
    SIDE = auto()
    """Right of map and cards, below each other; each is visible only while it has something to show."""
    TIMELINE = auto()
    """The bottom of the page, over its whole width; visible only while there is something to show."""
    WHOLE = auto()
    """Covers map and cards while it has something to show."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One view of Watch: its place, and the class to import for it.

    Parameters
    ----------
    title : str
        Title of its tab, if cards share a place.
    place : Place
    module : str
        Name of the module in ``views``.
    name : str
        Name of the class.
    width : int
        Smallest width of a card, in pixels.
    """

    title: str
    place: Place
    module: str
    name: str
    width: int = 340

    def make(self) -> WatchView:
        """Make the view."""
        made = getattr(import_module(f"convviz.gui.workspaces.watch.views.{self.module}"), self.name)()
        assert isinstance(made, WatchView)
        return made


VIEWS = (
    Entry("Break", Place.PAST, "breakpoints.strip", "BreakStrip"),
    Entry("Warnings", Place.PAST, "warning_strip", "WarningStrip"),
    Entry("Past", Place.PAST, "past_strip", "PastStrip"),
    Entry("Search", Place.PAST, "search_strip", "SearchStrip"),
    Entry("Network", Place.MAP, "network.card", "NetworkCard"),
    Entry("Layer", Place.CARD, "layer_card", "LayerCard"),
    Entry("Histograms", Place.CARD, "histograms", "HistogramView"),
    Entry("Pinned", Place.CARD, "pinned", "PinnedCard"),
    Entry("Over time", Place.CARD, "over_time", "OverTimeCard", 310),
    Entry("Curves", Place.CARD, "run_curves", "RunCurves", 380),
    Entry("Held image", Place.SIDE, "hold.image", "HeldImage"),
    Entry("Filter", Place.SIDE, "filter_detail", "FilterDetailView"),
    Entry("Timeline", Place.TIMELINE, "timeline", "TimelineView"),
    Entry("Breakpoints", Place.SIDE, "breakpoints.drawer", "BreakpointsDrawer"),
    Entry("Hold", Place.WHOLE, "hold.page", "HoldPage"),
    Entry("Enlarged", Place.WHOLE, "enlarged", "EnlargedPicture"),
)
