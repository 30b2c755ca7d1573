"""The runs of a sweep's manifest, as the page of a sweep shows them."""

from __future__ import annotations

from typing import Any

from convviz.present.compare.sweep_table import SweepRun
from convviz.sweeps.fields import short_names
from convviz.sweeps.manifest import Manifest
from convviz.sweeps.values import written

__all__ = ["done_share", "sweep_runs"]


def done_share(live: dict[str, Any]) -> float:
    """How much of a run that is being trained is done."""
    step, steps = live.get("step"), live.get("steps")
    return step / steps if isinstance(step, int) and isinstance(steps, int) and steps else 0.0


def sweep_runs(manifest: Manifest, live: dict[Any, float]) -> list[SweepRun]:
    """The runs of a manifest, with short names of their fields; ``live`` are those that are trained, by number."""
    names = short_names(tuple(dict.fromkeys(path for run in manifest.runs for path in run.values)))
    found = []
    for run in manifest.runs:
        values: dict[str, float | str] = {}
        for path, value in run.values.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            values[names[path]] = float(value) if number else written(value)  # type: ignore[arg-type]
        state = "running" if run.state == "waiting" and run.number in live else run.state
        found.append(
            SweepRun(
                run.file,
                values,
                run.seed,
                state,
                run.accuracy,
                run.seconds,
                run.sentence,
                number=run.number,
                epochs=run.epochs,
                best=run.best,
                loss=run.loss,
                share=live.get(run.number, 0.0),
            )
        )
    return found
