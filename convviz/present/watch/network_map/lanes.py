"""Which links of the network map pass above columns, each in a lane where it crosses none of the others."""

from __future__ import annotations

from collections.abc import Sequence

from convviz.present.watch.network_map.columns import Column

MOST = 5
"""Number of lanes; further links share the highest."""
Ends = tuple[int, int]
"""Numbers of the columns at the left and at the right end of a link."""


def lanes_of(columns: Sequence[Column]) -> dict[Ends, int]:
    """A lane for every link that passes other columns; lane 0 is the lowest.

    Short links lie below long ones, so that one inside another is drawn inside it. Links that only touch, where one
    ends at the column that the other begins at, may share a lane.

    Parameters
    ----------
    columns : sequence of Column
        Left to right; their sources may be any columns before them.
    """
    links = {(source, target) for target, column in enumerate(columns) for source in column.sources}
    passing = sorted((link for link in links if link[1] - link[0] > 1), key=lambda link: (link[1] - link[0], link))
    lanes: dict[Ends, int] = {}
    for start, end in passing:
        taken = {lane for (left, right), lane in lanes.items() if left < end and start < right}
        free = next(lane for lane in range(len(lanes) + 1) if lane not in taken)
        lanes[start, end] = min(free, MOST - 1)
    return lanes


def share_of(columns: Sequence[Column], source: int, target: int) -> tuple[float, float]:
    """The part of a column's height, from 0 to 1, that a link from a source leads to.

    All of it as a rule; where maps are put one after another, those of this source only.
    """
    if not is_joined(columns, target):
        return 0.0, 1.0
    first, units = first_unit(columns, source, target), columns[target].units
    return first / units, (first + columns[source].units) / units


def first_unit(columns: Sequence[Column], source: int, target: int) -> int:
    """Number of the map that map 0 of a source becomes, where each becomes one."""
    if not is_joined(columns, target):
        return 0
    sources = columns[target].sources
    return sum(columns[one].units for one in sources[: sources.index(source)])


def is_joined(columns: Sequence[Column], target: int) -> bool:
    """Whether a column's maps are those of its sources, one after another."""
    column = columns[target]
    sources = column.sources
    return not column.weight and len(sources) > 1 and sum(columns[one].units for one in sources) == column.units
