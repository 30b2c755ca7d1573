"""What the user chose about the network map: which maps it shows, and what their colour scales are taken over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MapScope(StrEnum):
    """The numbers that decide the end of a column's colour scale, which is also held over time."""

    LAYER_MOST = "layer, 97 %"
    LAYER = "layer"
    NETWORK = "network"

    @property
    def about(self) -> str:
        """One sentence for the tooltip."""
        return {
            MapScope.LAYER_MOST: "one colour scale per layer, wide enough for 97 % of its values, steady over time",
            MapScope.LAYER: "one colour scale per layer, up to its largest value, steady over time",
            MapScope.NETWORK: "one colour scale for the whole network, up to its largest value, steady over time",
        }[self]


@dataclass(frozen=True, slots=True)
class MapChoice:
    """The user's choices.

    Parameters
    ----------
    activated : bool
        Whether maps are shown after their activation.
    scope : MapScope
    """

    activated: bool = False
    scope: MapScope = MapScope.LAYER_MOST
