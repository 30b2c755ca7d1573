"""The content of a pane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.present.colour import ColourRole


@dataclass(frozen=True, slots=True, eq=False)
class PanePicture:
    """The content of a pane.

    Parameters
    ----------
    array : ndarray
        ``(tiles, rows, columns)``; read-only.
    role : ColourRole
        Decides the colours.
    vmax : float
        Value at the upper end of the scale: the largest of the whole array, so that all filters share the scale.
    known : ndarray of bool or None
        Cells that are computed; None for all.
    covered : ndarray of bool or None
        Cells that some window covers; None for all.
    caption : str
        Replaces the pane's own unless empty; for example ``24×24, 300 of 576 done``.
    """

    array: Array
    role: ColourRole
    vmax: float
    known: npt.NDArray[np.bool_] | None = None
    covered: npt.NDArray[np.bool_] | None = None
    caption: str = ""
    names: tuple[str, ...] = ()
    """Text in a corner of every cell of a row: the class names, and the number of the label."""
