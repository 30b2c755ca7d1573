"""The rounds of successive halving: how far each run is trained now, and which are not trained on."""

from __future__ import annotations

from collections.abc import Callable

from convviz.plurals import counted
from convviz.sweeps.folder import SweepFolder
from convviz.sweeps.halving import survivors
from convviz.sweeps.plan import PlannedRun

__all__ = ["Rounds"]


class Rounds:
    """The rounds of a sweep, from the records in its folder; without halving there is one, to the end.

    Parameters
    ----------
    folder : SweepFolder
    """

    def __init__(self, folder: SweepFolder) -> None:
        self._folder = folder
        halving = folder.sweep.halving
        epochs = {run.number: run.design.training.epochs for run in folder.runs}
        self._rungs = {number: (one,) if halving is None else halving.rungs(one) for number, one in epochs.items()}

    def until(self, run: PlannedRun, rung: int) -> int:
        """The epoch that a run is trained to in a round."""
        rungs = self._rungs[run.number]
        return rungs[min(rung, len(rungs) - 1)]

    def now(self, end_early: Callable[[PlannedRun, str], object]) -> int:
        """The round that the sweep is in; ``end_early`` gets the runs that ended with an earlier one, and why."""
        folder, halving = self._folder, self._folder.sweep.halving
        if halving is None:
            return 0
        rounds = max(map(len, self._rungs.values()))
        gone: set[int] = set()
        for rung in range(rounds):
            alive = [run for run in folder.runs if run.number not in gone and not run.problem]
            records = {record.number: record for record in folder.manifest.runs}
            here = {run.number: folder.accuracy(run.number, self.until(run, rung)) for run in alive}
            if any(
                here[run.number] is None and records[run.number].state not in ("failed", "impossible") for run in alive
            ):
                return rung
            if rung == rounds - 1:
                return rung
            known = {number: accuracy for number, accuracy in here.items() if accuracy is not None}
            stay = survivors(known, folder.groups, halving.keep)
            for run in alive:
                if run.number not in stay and run.number in known:
                    gone.add(run.number)
                    if not records[run.number].is_over:
                        among = f"its setting was not among the best of {counted(len(known), 'run')}"
                        end_early(run, f"ended after epoch {self.until(run, rung)}: {among}")
        return rounds - 1
