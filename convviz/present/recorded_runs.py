"""A recorded run in words, for lists of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from convviz.present.words import count, counted
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.folder import plain_name
from convviz.storage.recording.names import parent_name, short_name
from convviz.storage.recording.when import clock, short_clock

__all__ = ["RunLine", "run_line", "unexpected_sentence"]

ENDS = {
    "finished": ("finished", "success"),
    "stopped": ("stopped", "muted"),
    "failed": ("failed", "danger"),
    "running": ("being recorded", "accent_text"),
    "ended unexpectedly": ("ended unexpectedly", "warning"),
}
"""How a run ended → what is said of it, and the colour of the words."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a list says of a run.

    Parameters
    ----------
    title : str
        The name that the user gave it, else that of its design, with when it began where several have that.
    about : str
        The design, if the title is another name; the data set.
    result : str
        ``97.12 %`` of the test images; empty before the first epoch.
    after : str
        ``after epoch 3``, if training went on after the epoch that the result is of.
    best : str
        ``best 97.30 %``, if that was another epoch's.
    ended, token : str
        How it ended, and the colour of the words.
    where : str
        ``epoch 4 of 10, step 2,871 of 9,380``.
    branch : str
        What it branched from.
    when : str
        ``today, 14:02``.
    size : str
        ``45 MB``.
    losses : tuple of float
    """

    title: str
    about: str = ""
    result: str = ""
    best: str = ""
    ended: str = ""
    token: str = "muted"
    where: str = ""
    branch: str = ""
    when: str = ""
    size: str = ""
    losses: tuple[float, ...] = ()
    after: str = ""

    @property
    def outcome(self) -> str:
        """``97.12 % after epoch 3``: the result, and when it was measured."""
        return f"{self.result} {self.after}".strip()

    @property
    def says(self) -> str:
        """All of it, to be read out."""
        parts = (self.title, self.about, self.outcome, self.best, self.ended, self.where, self.branch, self.when)
        return ", ".join(part for part in (*parts, self.size) if part)


def run_line(
    run: ListedRun, now: datetime | None = None, names: Mapping[Path, str] | None = None, parent: str = ""
) -> RunLine:
    """Say what a list shows of a run.

    Parameters
    ----------
    run : ListedRun
    now : datetime, optional
    names : mapping of Path to str, optional
        Names of the runs in the list.
    parent : str
        Name of the run that it branched from.
    """
    name, size = plain_name(run.path), megabytes(run.nbytes)
    if run.problem:
        problem = run.problem.removeprefix(f"{run.path}: ")
        return RunLine(name, ended="can't be opened", token="danger", where=problem, size=size)
    design = run.name or "an untitled design"
    title = names[run.path] if names else short_name(run.path, run.name)
    about = f"on {run.data_name}" if title.startswith(design) else f"{design} on {run.data_name}"
    result = "" if run.accuracy is None else percent(run.accuracy)
    best = ""
    if run.accuracy is not None and run.best_accuracy is not None and percent(run.best_accuracy) != result:
        best = f"best {percent(run.best_accuracy)}"
    went_on = bool(result) and run.step * run.epochs > run.epoch * run.steps
    after = f"after epoch {count(run.epoch)}" if went_on else ""
    ended, token = ENDS.get(run.ended, (run.ended, "muted"))
    epochs = f"{counted(run.epochs, 'epoch')}, {counted(run.step, 'step')}"
    if run.step < run.steps:
        begun = max(math.ceil(run.step * run.epochs / run.steps), 1)  # as everywhere: the epoch that it was in
        epochs = f"epoch {begun:,} of {run.epochs:,}, step {count(run.step)} of {count(run.steps)}"
    branch = ""
    if run.parent is not None:
        branch = f"branch of {parent or parent_name(run.parent)} at step {count(run.parent.step)}"
    when = clock(run.created, now)
    return RunLine(title, about, result, best, ended, token, epochs, branch, when, size, run.losses, after)


def unexpected_sentence(run: ListedRun) -> str:
    """What is said at the next start of a run that was not ended."""
    when = short_clock(run.created)
    named = f"The run of {when}" if when else "The last run"
    what = f"{run.name or 'an untitled design'} on {run.data_name}"
    return f"{named}, {what}, ended unexpectedly at step {count(run.step)}."


def percent(share: float) -> str:
    """``97.12 %``."""
    return f"{100 * share:.2f} %"


def megabytes(nbytes: int) -> str:
    """``45 MB``, ``0.4 MB``."""
    size = nbytes / 1e6
    return f"{size:,.0f} MB" if size >= 10 else f"{size:.1f} MB"
