"""Which panes a step has, in rows."""

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
        Share of every row; equal unless given.
    neighbours : tuple of Step
        Other steps whose arrays are shown and whose links are followed.
    low : bool
        Whether no row needs more height than its numbers do.
    """

    rows: tuple[tuple[Pane, ...], ...]
    heights: tuple[float, ...] = ()
    neighbours: tuple[Step, ...] = ()
    low: bool = False
