"""The output of a sweep: one line per run, a progress bar on a terminal, and a table at the end."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from statistics import mean, stdev
from typing import TYPE_CHECKING

from convviz.cli.output import print_out

if TYPE_CHECKING:
    from convviz.sweeps.events import SweepEvent, SweepProgress
    from convviz.sweeps.manifest import Manifest, RunRecord

BEST = 10
"""Most settings in the table at the end."""


class SweepBar:
    """Prints events: as lines of JSON, or as one line per run with a progress bar below."""

    def __init__(self, as_json: bool) -> None:
        from tqdm import tqdm

        self._as_json = as_json
        self._bar = tqdm(unit=" runs", dynamic_ncols=True, disable=as_json or not sys.stderr.isatty(), leave=False)

    def __enter__(self) -> SweepBar:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._bar.close()

    def tell(self, event: SweepEvent) -> None:
        """Print one event."""
        import msgspec

        from convviz.sweeps.events import RunChanged, SweepProgress

        if isinstance(event, RunChanged):
            if self._as_json:
                print_out(run_json(event.run, "run"))
                return
            self._bar.clear()
            print_out(run_line(event.run))
            self._bar.refresh()
        elif isinstance(event, SweepProgress):
            if self._as_json:
                print_out(json.dumps({"event": "progress", **msgspec.to_builtins(event)}))
            else:
                self._show(event)

    def _show(self, event: SweepProgress) -> None:
        self._bar.total = event.runs
        self._bar.n = event.over
        losses = [f"{live.number}: {live.loss:.3f}" for live in event.live if live.loss is not None]
        words = f"{len(event.live)} running" + (f", loss of {', '.join(losses[:4])}" if losses else "")
        self._bar.set_description(words, refresh=True)


def values_words(run: RunRecord) -> str:
    """``lr 0.01, conv1.filters 16, seed 0``."""
    from convviz.sweeps.fields import short_names
    from convviz.sweeps.values import written

    names = short_names(tuple(run.values))
    return ", ".join([*(f"{names[path]} {written(value)}" for path, value in run.values.items()), f"seed {run.seed}"])


def run_line(run: RunRecord) -> str:
    """The line to print for a run that has ended."""
    start = f"{run.number:4d}  {values_words(run)}: "
    if run.state == "finished" and run.accuracy is not None:
        return f"{start}Test Accuracy = {run.accuracy} ({run.seconds:.1f} s)"
    if run.state == "waiting":
        return f"{start}epoch {run.epochs}, Test Accuracy = {run.accuracy}"
    return f"{start}{run.state}: {run.sentence}" if run.sentence else f"{start}{run.state}"


def run_json(run: RunRecord, event: str) -> str:
    """A run as one line of JSON."""
    import msgspec

    return json.dumps({"event": event, **msgspec.to_builtins(run)})


def result_lines(done: Manifest) -> list[str]:
    """The best settings, each with the mean and the spread over its seeds."""
    settings: dict[str, list[RunRecord]] = {}
    for run in done.runs:
        if run.state == "finished" and run.accuracy is not None:
            settings.setdefault(repr(run.values), []).append(run)
    rows = []
    for runs in settings.values():
        found = [run.accuracy for run in runs if run.accuracy is not None]
        spread = f" ± {stdev(found):.4f} over {len(found)} seeds" if len(found) > 1 else ""
        words = values_words(runs[0]).rpartition(", seed")[0] or values_words(runs[0])
        rows.append((mean(found), f"{mean(found):.4f}{spread}  {words}"))
    rows.sort(key=lambda row: -row[0])
    counts = ", ".join(
        f"{done.count(state):,} {state}"
        for state in ("finished", "ended early", "failed", "impossible", "cancelled", "waiting")
        if done.count(state)
    )
    head = f">>> {counts}. Best by mean test accuracy:" if rows else f">>> {counts}"
    return [head, *(text for _, text in rows[:BEST])]
