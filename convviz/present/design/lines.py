"""Which rows and columns of the image every row and column of a layer's maps is computed from.

A window covers a rectangle, so each axis is followed separately, and gaps left by strides and dilations stay gaps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from convviz.core.wiring import IMAGES
from convviz.present.design.layer_costs import LayerCosts

__all__ = ["Seen", "all_lines", "lines_seen", "span"]

Seen = npt.NDArray[np.bool_]
"""What is seen, as bools: (rows or columns of maps, rows or columns of the image)."""


def lines_seen(layers: Sequence[LayerCosts], axis: int, size: int) -> Seen:
    """For every row (axis 0) or column (1) of the last maps, the rows or columns of the image it was computed from.

    Where branches meet, all paths count.

    Parameters
    ----------
    layers : sequence of LayerCosts
        All layers up to the one that is asked about.
    axis : int
    size : int
        Rows or columns of the image.

    Returns
    -------
    ndarray of bool, (rows or columns of the last maps, size)
    """
    return all_lines(layers, axis, size)[layers[-1].name if layers else IMAGES]


def all_lines(layers: Sequence[LayerCosts], axis: int, size: int) -> dict[str, Seen]:
    """The same for the maps of every layer, by name; ``x`` are the images."""
    by_name: dict[str, Seen] = {IMAGES: np.eye(size, dtype=np.bool_)}
    for layer in layers:
        seen = _together([by_name[name] for name in layer.reads])
        if layer.everywhere:
            seen = np.broadcast_to(seen.any(axis=0), seen.shape)
        for op in layer.moving:
            # float32, as sums of bytes would overflow beyond 255.
            seen = op.lines(axis, len(seen)).astype(np.float32) @ seen.astype(np.float32) > 0
        by_name[layer.name] = seen
    return by_name


def span(seen: Seen) -> int:
    """Rows or columns from the first to the last that a cell sees, for the first of the cells that see most."""
    found = np.flatnonzero(seen[int(seen.sum(axis=1).argmax())])
    return int(found[-1] - found[0] + 1) if len(found) else 0


def _together(paths: Sequence[Seen]) -> Seen:
    """What all paths see; a path of another size than the first, as factors of maps, reaches every place."""
    found = paths[0]
    for other in paths[1:]:
        found = found | (other if len(other) == len(found) else other.any(axis=0))
    return found
