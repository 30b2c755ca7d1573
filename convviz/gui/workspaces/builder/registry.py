"""The views of Build and their places at the side of the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module

from convviz.gui.workspaces.builder.view import BuildView


class Place(Enum):
    """The place of a view; views in the same place are one above the other, in the order of :data:`VIEWS`."""

    LAYER = auto()
    """Beside the layers: about the selected one."""
    SETTINGS = auto()
    """At the right edge: about the training as a whole."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One view of Build: its place, and the class to import for it.

    Parameters
    ----------
    place : Place
    module : str
        Name of the module below ``convviz.gui.workspaces.builder``.
    name : str
        Name of the class.
    """

    place: Place
    module: str
    name: str

    def make(self) -> BuildView:
        """Make the view."""
        made = getattr(import_module(f"convviz.gui.workspaces.builder.{self.module}"), self.name)()
        assert isinstance(made, BuildView)
        return made


VIEWS = (
    Entry(Place.LAYER, "inspector.inspector", "LayerInspector"),
    Entry(Place.SETTINGS, "settings.hyper_panel", "HyperPanel"),
    Entry(Place.SETTINGS, "settings.data_box", "DataBox"),
    Entry(Place.SETTINGS, "settings.augmentation_box", "AugmentationBox"),
)
