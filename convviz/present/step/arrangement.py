"""The panes of a step, in rows."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.program import Step
from convviz.present.step.pane import Pane


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Panes in rows.

    Parameters
    ----------
    rows : tuple of tuple of Pane
        From top to bottom, from left to right.
    heights : tuple of float
        Share of the height for every row; equal by default.
    neighbours : tuple of Step
        Other steps whose arrays are shown too and whose links are followed.
    low : bool
        Whether every row needs only the height of its numbers.
    """

    rows: tuple[tuple[Pane, ...], ...]
    heights: tuple[float, ...] = ()
    neighbours: tuple[Step, ...] = ()
    low: bool = False
