"""Successive halving: all settings begin, and after a few epochs only the better ones go on.

With ``first`` = 1 and ``keep`` = 3, all settings are trained for one epoch, the best third for three, the best ninth
for nine, until the design's epochs are reached. A setting is judged by the mean test accuracy of its seeds. (Jamieson
and Talwalkar, *Non-stochastic best arm identification and hyperparameter optimization*, 2016.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convviz.sweeps.errors import SweepError

__all__ = ["Halving", "survivors"]


@dataclass(frozen=True, slots=True)
class Halving:
    """How runs are ended early.

    Parameters
    ----------
    first : int
        Epochs that every run gets.
    keep : int
        After each round one setting in ``keep`` goes on, for ``keep`` times as many epochs.
    """

    first: int = 1
    keep: int = 3

    def __post_init__(self) -> None:
        if self.first < 1:
            raise SweepError(f"halving: expected at least 1 epoch for every run, got {self.first}")
        if not 2 <= self.keep <= 100:
            raise SweepError(f"halving: expected that one setting in 2 to 100 goes on, got {self.keep}")

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """Epochs after which runs are compared, and those of a whole run at the end.

        Examples
        --------
        >>> Halving(first=1, keep=3).rungs(10)
        (1, 3, 9, 10)
        """
        found: list[int] = []
        at = self.first
        while at < epochs:
            found.append(at)
            at *= self.keep
        return (*found, epochs)


def survivors(accuracies: Mapping[int, float], groups: Sequence[Sequence[int]], keep: int) -> set[int]:
    """The runs that go on.

    Parameters
    ----------
    accuracies : mapping of int to float
        Test accuracy by run, of those that could be trained.
    groups : sequence of sequences of int
        The runs of each setting, one a seed.
    keep : int
        One setting in ``keep`` goes on; at least one does.
    """
    means: list[tuple[float, int]] = []
    for at, runs in enumerate(groups):
        if any(run in accuracies for run in runs):
            # A seed that could not be trained this far counts with an accuracy of 0. Of equal settings, the first wins.
            means.append((-sum(accuracies.get(run, 0.0) for run in runs) / len(runs), at))
    count = math.ceil(len(means) / keep)
    return {run for _, at in sorted(means)[:count] for run in groups[at] if run in accuracies}
