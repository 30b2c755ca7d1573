"""What a pane draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.present.colour import Role


@dataclass(frozen=True, slots=True, eq=False)
class PanePicture:
    """What a pane draws.

    Parameters
    ----------
    array : ndarray
        ``(tiles, rows, columns)``; read-only.
    role : Role
        Decides the colours.
    vmax : float
        Value at the upper end of the scale: the largest of the whole array, so that another filter keeps it.
    known : ndarray of bool or None
        Cells that are computed; None for all.
    covered : ndarray of bool or None
        Cells that some window covers; None for all.
    caption : str
        Replaces the pane's own where it says something; such as ``24×24, 300 of 576 done``.
    """

    array: Array
    role: Role
    vmax: float
    known: npt.NDArray[np.bool_] | None = None
    covered: npt.NDArray[np.bool_] | None = None
    caption: str = ""
    names: tuple[str, ...] = ()
    """What stands in a corner of every cell of a row: classes, and which of them is the label."""
