"""Walking along curves with the keys, one value at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt

from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.series import Series

CURVE_KEYS = FocusKeys(
    "a curve",
    {
        "Walk from value to value": ("Left", "Right"),
        "Ten values further": ("Ctrl+Left", "Ctrl+Right"),
        "A hundred values further": ("PgUp", "PgDown"),
        "The first or the last value": ("Home", "End"),
        "Hold the value in sight": ("Return", "Enter"),
        "Let go of it": ("Esc",),
        "Show the whole curve": ("0",),
    },
)

_KEYS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -100,
    Qt.Key.Key_PageDown: 100,
}
_FASTER = 10
"""Factor on the keys' distance with Ctrl."""
_MARGIN = 0.1
"""Distance from an edge at which the view moves, as a fraction of its width."""


def places(series: Sequence[Series]) -> npt.NDArray[np.float64]:
    """Every x at which a curve has a value, ascending: each minibatch, and epochs where no minibatch is known."""
    there = [np.asarray(one.x, dtype=np.float64) for one in series if len(one.x)]
    return np.unique(np.concatenate(there)) if there else np.zeros(0)


def walk(
    stops: npt.NDArray[np.float64],
    at: float | None,
    key: int,
    view: tuple[float, float],
    *,
    faster: bool = False,
) -> float | None:
    """The destination of a key.

    Parameters
    ----------
    stops : ndarray, ``(n,)``
        Values of x, ascending.
    at : float, optional
        The current position; None to begin at the edge of the view.
    key : int
        One of ``Qt.Key``: Left and Right go on by one, Page Up and Page Down by a hundred, Home and End to the ends.
    view : (float, float)
        The visible range.
    faster : bool
        Ctrl is held: ten times as far.

    Returns
    -------
    float or None
        None for any other key, and if there is no further stop.
    """
    if not len(stops):
        return None
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return float(stops[0 if key == Qt.Key.Key_Home else -1])
    if key not in _KEYS:
        return None
    stride = _KEYS[key]
    if at is None:  # the edge of the view from which the key leads inwards
        here = int(np.searchsorted(stops, view[0])) if stride > 0 else int(np.searchsorted(stops, view[1], "right")) - 1
        stride = 0
    else:
        here = int(np.searchsorted(stops, at))
    index = here + stride * (_FASTER if faster else 1)
    return float(stops[min(max(index, 0), len(stops) - 1)])


def nearest_points(series: Sequence[Series], x: float) -> list[tuple[Series, float, float]]:
    """Each curve's point that is nearest to an x, as (series, x, y); none for empty curves."""
    found = []
    for one in series:
        if not len(one.x):
            continue
        at = int(np.searchsorted(one.x, x))
        if at and (at == len(one.x) or x - float(one.x[at - 1]) <= float(one.x[at]) - x):
            at -= 1
        found.append((one, float(one.x[at]), float(one.y[at])))
    return found


def moved_to_hold(view: tuple[float, float], x: float) -> tuple[float, float]:
    """The view, moved as little as needed to make an x visible."""
    low, high = view
    margin = _MARGIN * (high - low)
    if x < low + margin:
        shift = x - (low + margin)
    elif x > high - margin:
        shift = x - (high - margin)
    else:
        shift = 0.0
    return low + shift, high + shift
