"""Curves as numbers: what is drawn over the steps of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

KINDS = ("raw", "smooth", "points", "dots", "steps")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve.

    Attributes
    ----------
    name : str
        Its name in the legend and in the table: ``training``.
    x, y : arrays (n,)
        x ascending. NaN leaves a gap.
    token : str
        Colour by the name of its use in the palette: ``training``, ``test``, ``raw``, ``faint``; or ``#rrggbb``.
    kind : str
        ``raw``: every value, 1 px, pale, thinned to the lowest and highest of each pixel; ``smooth``: 2 px, at most
        1,000 points; ``points``: 2 px with a dot at each value, for few; ``dots``: the dots without a line;
        ``steps``: 2 px, each value holds up to the next.
    dashed : bool
        Test curves are.
    in_legend : bool
        Whether the legend names it.
    begins : object
        What a curve that only grows has in common with itself before, so that only its new points are looked at. None:
        all of it may be another.
    """

    name: str
    x: npt.NDArray[np.generic]
    y: npt.NDArray[np.generic]
    token: str = "training"
    kind: str = "smooth"
    dashed: bool = False
    in_legend: bool = True
    begins: object = None

    def __post_init__(self) -> None:
        if np.shape(self.x) != np.shape(self.y) or np.ndim(self.x) != 1:
            raise ValueError(
                f"{self.name}: expected x and y of one length, got {np.shape(self.x)} and {np.shape(self.y)}"
            )
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: expected kind {', '.join(KINDS)}, got {self.kind!r}")


def as_table(series: Sequence[Series], x_name: str, most: int = 200) -> str:
    """Return curves as lines of text, tab-separated, one line an x; says so if it leaves out rows."""
    shown = [one for one in series if one.kind != "raw"] or list(series)
    if not any(len(one.x) for one in shown):
        return "no values yet"
    places = np.unique(np.concatenate([np.asarray(one.x, dtype=np.float64) for one in shown]))
    total = len(places)
    if total > most:
        places = places[np.linspace(0, total - 1, most).round().astype(np.intp)]
    lines = ["\t".join([x_name, *(one.name for one in shown)])]
    for place in places.tolist():
        row = [f"{place:g}"]
        for one in shown:
            at = int(np.searchsorted(one.x, place))
            hit = at < len(one.x) and float(one.x[at]) == place
            row.append(f"{float(one.y[at]):.6g}" if hit else "")
        lines.append("\t".join(row))
    if total > most:
        lines.append(f"{most} of {total} rows, evenly spread")
    return "\n".join(lines)
