"""The health strip of the network map: dead units, the size of updates, and which of these are worth a look.

The limits are rules of thumb, and are called so where they are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from convviz.present.numbers import format_value

AXIS = (-5.0, -1.0)
"""Powers of ten at the ends of the axis of ‖ΔW‖/‖W‖."""
GOOD = (-4.0, -2.0)
"""Powers of ten between which ‖ΔW‖/‖W‖ is good, as a rule of thumb."""
FAR = 0.5
"""How many powers of ten outside of that are far outside."""
DEAD_SOME, DEAD_MANY = 0.1, 0.5
"""Shares of dead units that are worth a look, and that are a fault."""

State = Literal["fine", "odd", "ill"]
TOKENS = {"fine": "muted", "odd": "warning", "ill": "danger"}
"""Colours of the palette."""


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one layer.

    Parameters
    ----------
    dead : str
        ``2/24``; a dash where that is not known.
    dead_share : float
        NaN where it is not known.
    dead_state : str
    ratio : str
        ‖ΔW‖/‖W‖.
    ratio_at : float
        Its place on the axis, 0 … 1; NaN where there is none.
    ratio_state : str
    """

    dead: str = "–"
    dead_share: float = math.nan
    dead_state: State = "fine"
    ratio: str = "–"
    ratio_at: float = math.nan
    ratio_state: State = "fine"

    @property
    def ratio_sign(self) -> str:
        """``▲`` where updates are too large, ``▼`` where they are too small; empty where they are as usual."""
        if self.ratio_state == "fine":
            return ""
        return "▲" if self.ratio_at > 0.5 else "▼"

    @property
    def ratio_token(self) -> str:
        """Its colour; too large and too small have different ones."""
        return "focus" if self.ratio_sign == "▼" else TOKENS[self.ratio_state]

    @property
    def token(self) -> str:
        """The colour of the worse of the two."""
        order = ("fine", "odd", "ill").index
        return self.ratio_token if order(self.ratio_state) >= order(self.dead_state) else TOKENS[self.dead_state]


def place_on_axis(power: float) -> float:
    """The place of a number on the axis of powers of ten, limited to 0…1."""
    return min(max((power - AXIS[0]) / (AXIS[1] - AXIS[0]), 0.0), 1.0)


def health(silent: float, units: float, ratio: float, *, judged: bool) -> Health:
    """Judge a layer by how many of its units are silent, and by ‖ΔW‖/‖W‖; NaN where a number does not exist.

    ``judged`` is whether a silent unit of this layer is dead: not so for scores and the like.
    """
    found = {}
    if judged and math.isfinite(silent) and units > 0:
        share = silent / units
        state: State = "ill" if share >= DEAD_MANY else "odd" if share >= DEAD_SOME else "fine"
        found = {"dead": f"{silent:.0f}/{units:.0f}", "dead_share": share, "dead_state": state}
    if math.isfinite(ratio) and ratio >= 0:
        power = math.log10(ratio) if ratio > 0 else -math.inf
        outside = max(GOOD[0] - power, power - GOOD[1])
        found |= {
            "ratio": format_value(ratio, 2),
            "ratio_at": place_on_axis(power),
            "ratio_state": "ill" if outside > FAR else "odd" if outside > 0 else "fine",
        }
    elif ratio in (math.inf, -math.inf):
        found |= {"ratio": "∞", "ratio_at": 1.0, "ratio_state": "ill"}
    return Health(**found)  # type: ignore[arg-type]
