"""The exact part of the image that one cell of a layer sees, including gaps left by strides and dilations.

A window covers a rectangle, so each axis is followed separately: for every row of a layer's maps, the rows of the
image that it was computed from, and the same for columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from convviz.core.wiring import IMAGES
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import LayerCosts
from convviz.present.words import counted

__all__ = ["lines_seen", "receptive_sentence"]

Seen = npt.NDArray[np.bool_]


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
    seen = np.eye(size, dtype=np.bool_)
    by_name = {IMAGES: seen}
    for layer in layers:
        seen = _together([by_name[name] for name in layer.reads])
        if layer.everywhere:
            seen = np.broadcast_to(seen.any(axis=0), seen.shape)
        if layer.window is None:
            by_name[layer.name] = seen
            continue
        before, after = layer.margins[2 * axis : 2 * axis + 2]
        around = np.pad(seen, ((before, after), (0, 0)))
        places, stride = layer.output[1 + axis], layer.window.stride[axis]
        seen = np.zeros((places, size), np.bool_)
        for cell in range(layer.window.kernel[axis]):
            first = cell * layer.window.dilation[axis]
            seen |= around[first : first + (places - 1) * stride + 1 : stride]
        by_name[layer.name] = seen
    return seen


def _together(paths: Sequence[Seen]) -> Seen:
    """What all paths see; maps of other sizes than the first (a factor for each map) are seen from everywhere."""
    found = paths[0]
    for other in paths[1:]:
        found = found | (other if len(other) == len(found) else other.any(axis=0))
    return found


def receptive_sentence(layers: Sequence[LayerCosts], image: tuple[int, int]) -> str:
    """Describe what one cell of the last layer sees of the image, and how much it shares with its neighbour."""
    layer = layers[-1]
    rows, columns = (lines_seen(layers, axis, image[axis]) for axis in (0, 1))
    if layer.field.whole:
        missed = image[0] * image[1] - int(rows.any(axis=0).sum() * columns.any(axis=0).sum())
        but = f" but {counted(missed, 'pixel')}" if missed else ""
        return f"Every feature sees the whole image{but}."
    many, wide = rows.sum(axis=1), columns.sum(axis=1)
    most = int(many.max()), int(wide.max())
    first = "1 pixel of the image" if most == (1, 1) else f"{written_shape(most)} pixels of the image"
    if 0 in most:
        first = "nothing of the image"
    spread = _reach(rows), _reach(columns)
    if spread != most and 0 not in most:
        first += f", spread over {written_shape(spread)}"
    if (many < most[0]).any() or (wide < most[1]).any():
        first += ", at the edges less"
    if layer.field.maps is not None:
        return f"Each feature is a cell of the maps, in one row now, and sees what it saw there: {first}."
    if len(layer.output) != 3 or len(columns) == 1:
        return f"{first}."
    # The two neighbours that share the most are not cut off by an edge.
    shared = int((columns[:-1] & columns[1:]).sum(axis=1).max())
    if not shared:
        gap = layer.field.step[1] - layer.field.size[1]
        between = f"leave {counted(gap, 'column')} between them" if gap > 0 else "share none"
        return f"{first}; neighbours {between}."
    apart, both = counted(layer.field.step[1], "column"), counted(shared, "column")
    cells = f"{most[0]}×{shared} = {counted(most[0] * shared, 'pixel')}"
    return f"{first}; neighbours are {apart} apart and share {both}, {cells}."


def _reach(seen: Seen) -> int:
    """Rows or columns from the first to the last that a cell sees; the largest over all cells."""
    found = np.flatnonzero(seen[int(seen.sum(axis=1).argmax())])
    return int(found[-1] - found[0] + 1) if len(found) else 0
