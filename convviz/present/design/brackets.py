"""The links that a list of layers doesn't show by itself, as brackets beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convviz.core.layers import AnyLayer
from convviz.core.wiring import links_of

__all__ = ["Bracket", "brackets"]


@dataclass(frozen=True, slots=True)
class Bracket:
    """A line beside the list, from one layer to several or from several to one.

    Parameters
    ----------
    sources, targets : tuple of int
        Numbers of layers; -1 is the images. One of the two has a single number.
    lane : int
        0 is next to the list; brackets in one lane don't touch.
    """

    sources: tuple[int, ...]
    targets: tuple[int, ...]
    lane: int = 0

    @property
    def rows(self) -> tuple[int, ...]:
        """All its layers, from top to bottom."""
        return tuple(sorted({*self.sources, *self.targets}))


def brackets(layers: Sequence[AnyLayer]) -> tuple[Bracket, ...]:
    """Every link that does not go from a layer to the next one.

    Links from one layer to several make one bracket; of the other links, those that end at the same layer do.
    """
    skips = [(source, to) for source, to in links_of(layers) if to - source > 1]
    by_source: dict[int, list[int]] = {}
    for source, to in skips:
        by_source.setdefault(source, []).append(to)
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((source,), tuple(to)) for source, to in by_source.items() if len(to) > 1
    ]
    by_target: dict[int, list[int]] = {}
    for source, to in skips:
        if len(by_source[source]) == 1:
            by_target.setdefault(to, []).append(source)
    found += [(tuple(sources), (to,)) for to, sources in by_target.items()]
    return _in_lanes([Bracket(sources, targets) for sources, targets in found])


def _in_lanes(found: list[Bracket]) -> tuple[Bracket, ...]:
    """Give short brackets the lanes next to the list, and longer ones those around them."""
    taken: list[list[tuple[int, int]]] = []
    made: list[Bracket] = []
    for one in sorted(found, key=lambda one: (one.rows[-1] - one.rows[0], one.rows)):
        first, last = one.rows[0], one.rows[-1]
        free = (n for n, lane in enumerate(taken) if all(last < a or b < first for a, b in lane))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        made.append(Bracket(one.sources, one.targets, lane))
    return tuple(sorted(made, key=lambda one: (one.rows, one.lane)))
