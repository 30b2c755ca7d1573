"""The exact part of the image that one cell of a layer sees, in words and as a rectangle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convviz.present.design.build_text import written_shape
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.design.lines import lines_seen, span
from convviz.present.words import counted

__all__ = ["field_of_cell", "receptive_sentence"]

Box = tuple[int, int, int, int]


def field_of_cell(layers: Sequence[LayerCosts], image: tuple[int, int], at: tuple[int, int]) -> Box:
    """Top, left, height and width of what one cell of the last layer sees; may reach over the image's edges.

    Where maps became larger on the way, neighbours may see the same, and what lies outside the image is left out.
    """
    field = layers[-1].field
    if field.even:
        return field.of_cell(*at)
    found = [np.flatnonzero(lines_seen(layers, axis, image[axis])[at[axis]]) for axis in (0, 1)]
    (top, height), (left, width) = ((int(n[0]), int(n[-1] - n[0] + 1)) if len(n) else (0, 0) for n in found)
    return top, left, height, width


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
    spread = span(rows), span(columns)
    if spread != most and 0 not in most:
        first += f", spread over {written_shape(spread)}"
    if (many < most[0]).any() or (wide < most[1]).any():
        first += ", at the edges less"
    if layer.field.maps is not None:
        return f"Each feature is a cell of the maps, in one row now, and sees what it saw there: {first}."
    if len(layer.output) != 3 or len(columns) == 1:
        return f"{first}."
    if not layer.field.even:
        same = int((columns[1:] == columns[:-1]).all(axis=1).sum())
        return f"{first}; {'some' if same else 'no'} neighbours see the same."
    # The two neighbours that share the most are not cut off by an edge.
    shared = int((columns[:-1] & columns[1:]).sum(axis=1).max())
    if not shared:
        gap = layer.field.step[1] - layer.field.size[1]
        between = f"leave {counted(gap, 'column')} between them" if gap > 0 else "share none"
        return f"{first}; neighbours {between}."
    apart, both = counted(layer.field.step[1], "column"), counted(shared, "column")
    cells = f"{most[0]}×{shared} = {counted(most[0] * shared, 'pixel')}"
    return f"{first}; neighbours are {apart} apart and share {both}, {cells}."
