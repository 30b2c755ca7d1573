"""The views of Watch and their places on the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module

from convviz.gui.workspaces.watch.view import WatchView


class Place(Enum):
    """The place of a view on the page; several views in one place have the order of :data:`VIEWS`."""

    TOP = auto()
    BELOW = auto()
    """Below the top, as wide as possible."""
    TAB = auto()
    """A tab of the card at the end of that row; one of them is visible."""
    SIDE = auto()
    """Right of all others; hidden if it has nothing to show."""
    WHOLE = auto()
    """Covers everything except the side while a picture is enlarged."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One view.

    Parameters
    ----------
    title : str
        Title of its tab.
    place : Place
    module : str
        Name of the module in ``views``.
    name : str
        Name of the class.
    """

    title: str
    place: Place
    module: str
    name: str

    def make(self) -> WatchView:
        """Make the view."""
        made = getattr(import_module(f"convviz.gui.workspaces.watch.views.{self.module}"), self.name)()
        assert isinstance(made, WatchView)
        return made


VIEWS = (
    Entry("Network", Place.TOP, "network.card", "NetworkCard"),
    Entry("Curves", Place.BELOW, "run_curves", "RunCurves"),
    Entry("Settings", Place.TAB, "settings_card", "SettingsCard"),
    Entry("Histograms", Place.TAB, "histograms", "HistogramView"),
    Entry("Filter", Place.SIDE, "filter_detail", "FilterDetailView"),
    Entry("Enlarged", Place.WHOLE, "enlarged", "EnlargedPicture"),
)
