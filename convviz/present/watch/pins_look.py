"""Pinned numbers as Watch gets them: their measured values, and which one is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PinTrack:
    """What was measured of a pin.

    Parameters
    ----------
    number : int
    text : str
    steps, values : ndarray, ``(n,)``
        Numbers of minibatches, ascending, and the value in the pass of each.
    fault : str
        Why it can't be measured; empty if it can.
    """

    number: int
    text: str
    steps: Values
    values: Values
    fault: str = ""

    def at(self, step: int) -> float:
        """The last value up to the pass of a minibatch; NaN before the first."""
        place = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[place]) if place >= 0 else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class PinsLook:
    """All pins.

    Parameters
    ----------
    revision : int
        Changes whenever anything changes.
    tracks : tuple of PinTrack
    chosen : int
        Number of the pin whose curve is drawn; 0 if there is none.
    fault : str
        Why the text typed last can't be pinned.
    doing : str
        What is being measured in the past; empty if nothing is.
    names : tuple of str
        Arrays that an expression may ask for.
    """

    revision: int = 0
    tracks: tuple[PinTrack, ...] = ()
    chosen: int = 0
    fault: str = ""
    doing: str = ""
    names: tuple[str, ...] = ()
