"""Layers that move numbers to other places, or make maps of another size, again as plain loops.

As in :mod:`reference`, nothing here shares code with the ops. All of these layers are linear: a cell of
the output is a sum of cells of the input, each times a weight that depends on the two places alone. So every function
gives those weights as ``(output cell, input cell, weight)``, and :func:`forward` and :func:`backward` go over them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from reference import Sliding

Array = npt.NDArray[np.float64]
Place = tuple[int, int, int]
"""Channel, row and column."""
Link = tuple[Place, Place, float]


def forward(x: Array, shape: Place, links: Iterable[Link]) -> Array:
    """Every image's maps of ``shape``: weights times cells, added up."""
    out = np.zeros((len(x), *shape))
    for to, source, weight in links:
        for n in range(len(x)):
            out[(n, *to)] += weight * x[(n, *source)]
    return out


def backward(d_out: Array, shape: Place, links: Iterable[Link]) -> Array:
    """The gradient of the input: every link the other way."""
    return forward(d_out, shape, [(source, to, weight) for to, source, weight in links])


def average(maps: Place, sliding: Sliding, counted: tuple[int, int, int, int]) -> list[Link]:
    """The mean of every window over the cells in the maps and in the ``counted`` rows and columns around them."""
    found = []
    channels, height, width = maps
    oh, ow = sliding.places(height, width)
    for p, q in np.ndindex(oh, ow):
        count = 0
        for i, j in np.ndindex(sliding.kernel):
            y = p * sliding.stride[0] + i * sliding.dilation[0] - sliding.margins[0]
            x = q * sliding.stride[1] + j * sliding.dilation[1] - sliding.margins[2]
            count += -counted[0] <= y < height + counted[1] and -counted[2] <= x < width + counted[3]
        for c in range(channels):
            found += [((c, p, q), (c, y, x), 1.0 / count) for _, _, y, x in sliding.cells(p, q, height, width)]
    return found


def channel_shuffle(maps: Place, groups: int) -> list[Link]:
    """Channels of ``groups`` groups, one of each in turn."""
    channels, height, width = maps
    turns = channels // groups
    order = [group * turns + turn for turn in range(turns) for group in range(groups)]
    places = list(np.ndindex(height, width))
    return [((to, y, x), (source, y, x), 1.0) for to, source in enumerate(order) for y, x in places]


def transposed(maps: Place, weight: Array, sliding: Sliding, shape: Place, groups: int) -> list[Link]:
    """Every cell puts its filters ``weight (C, F / groups, KH, KW)`` on maps of ``shape``, and what overlaps adds up.

    ``sliding`` is the convolution that runs backwards: its margins are what is cut off.
    """
    found = []
    per = weight.shape[1]
    for c, p, q in np.ndindex(*maps):
        for f in range(per):
            to = c // (maps[0] // groups) * per + f
            for i, j, y, x in sliding.cells(p, q, shape[1], shape[2]):
                found.append(((to, y, x), (c, p, q), float(weight[c, f, i, j])))
    return found


def separable(maps: Place, rows: list[dict[int, float]], columns: list[dict[int, float]]) -> list[Link]:
    """For every row and column of the output, the rows and columns that it is made of, with their weights."""
    return [
        ((c, p, q), (c, y, x), down * across)
        for c in range(maps[0])
        for p, some in enumerate(rows)
        for q, others in enumerate(columns)
        for y, down in some.items()
        for x, across in others.items()
    ]


def nearest(size: int, times: int) -> list[dict[int, float]]:
    """Every row so many times."""
    return [{row: 1.0} for row in range(size) for _ in range(times)]


def bilinear(size: int, times: int, *, align: bool) -> list[dict[int, float]]:
    """Rows between rows: the two neighbours, the nearer one more."""
    found = []
    for place in range(size * times):
        at = (place + 0.5) / times - 0.5
        if align:
            at = place * (size - 1) / (size * times - 1) if size * times > 1 else 0.0
        at = min(max(at, 0.0), size - 1.0)
        low = int(at)
        part = at - low
        found.append({low: 1.0 - part} | ({low + 1: part} if part else {}))
    return found


def reflected(size: int, before: int, after: int) -> list[dict[int, float]]:
    """The rows, with those before and after mirrored."""
    inside = list(range(size))
    order = [*inside[1 : before + 1][::-1], *inside, *(inside[-2 - k] for k in range(after))]
    return [{row: 1.0} for row in order]


def regions(size: int, count: int) -> list[dict[int, float]]:
    """Means of so many regions, which overlap where they don't come out even."""
    found = []
    for place in range(count):
        first, last = place * size // count, ((place + 1) * size + count - 1) // count
        found.append(dict.fromkeys(range(first, last), 1.0 / (last - first)))
    return found
