"""Which images are watched beside the main one: the worst ones, random ones, or the user's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

Place = tuple[str, int]
"""Split and row of an image."""
MOST = 16
"""Images of a strip."""


class StripKind(StrEnum):
    """Where the images come from."""

    WORST = "worst"
    RANDOM = "random"
    CHOSEN = "chosen"

    @property
    def about(self) -> str:
        """One sentence for the tooltip."""
        return {
            StripKind.WORST: "The test images with the largest losses after the last epoch",
            StripKind.RANDOM: "Images that were drawn at random",
            StripKind.CHOSEN: "Images of your own choice",
        }[self]


@dataclass(frozen=True, slots=True)
class StripChoice:
    """The user's choice.

    Parameters
    ----------
    kind : StripKind
    seed : int
        Of the random images.
    chosen : tuple of (str, int)
        The user's own, the oldest first.
    """

    kind: StripKind = StripKind.WORST
    seed: int = 0
    chosen: tuple[Place, ...] = ()

    def with_place(self, place: Place) -> StripChoice:
        """Add an image; the oldest is dropped if there are too many."""
        if place in self.chosen:
            return replace(self, kind=StripKind.CHOSEN)
        return replace(self, kind=StripKind.CHOSEN, chosen=(*self.chosen, place)[-MOST:])

    def without(self, place: Place) -> StripChoice:
        """Remove an image."""
        return replace(self, chosen=tuple(one for one in self.chosen if one != place))

    def again(self) -> StripChoice:
        """Draw other random images."""
        return replace(self, kind=StripKind.RANDOM, seed=self.seed + 1)

    def places(self, worst: Sequence[int], split: str, counts: Mapping[str, int]) -> tuple[Place, ...]:
        """The images.

        Parameters
        ----------
        worst : sequence of int
            Rows of the test images with the largest losses, the worst first.
        split : str
            Where random images are drawn from.
        counts : mapping of str to int
            How many images each split has; others do not exist.
        """
        if self.kind is StripKind.WORST:
            places = [("test", row) for row in worst]
        elif self.kind is StripKind.CHOSEN:
            places = list(self.chosen)
        else:
            count = counts.get(split, 0)
            rows = np.random.default_rng((self.seed, count)).permutation(count)[:MOST]
            places = [(split, int(row)) for row in rows]
        return tuple(place for place in places if place[1] < counts.get(place[0], 0))[:MOST]
