"""A worker's task: to train one run up to an epoch, from the end of its recording.

This is all that is sent to a worker, and all that comes back. A stage that is repeated because a worker or its answer
was lost goes on from the recording, and trains nothing twice.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convviz.api.recordings import open_run
from convviz.api.run import Run
from convviz.api.training import RecordingWarning, train
from convviz.core.design import Design
from convviz.core.errors import DesignError, NonFiniteError
from convviz.files.claim import is_claimed
from convviz.plurals import counted
from convviz.storage.designs import read_design
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.schema import companions
from convviz.sweeps.errors import SweepError
from convviz.sweeps.images import ArrivedImages
from convviz.training.events import EpochDone, MinibatchDone

__all__ = ["Outcome", "RunSoFar", "SweepStage", "attempt", "run_so_far", "train_stage", "worker_of"]

WORKER = "convviz_worker"
"""Attribute of an error with the address of its worker; it is sent along with the error."""

PATIENCE = 60.0
"""Seconds to wait for a worker that was believed lost but is still writing the recording."""
ASKED_EVERY = 0.1
"""Seconds between two questions whether the sweep still waits."""


@dataclass(frozen=True, slots=True)
class SweepStage:
    """A run to be trained up to the end of an epoch.

    Parameters
    ----------
    number : int
        Of the run.
    folder, file : str
        Of its recording. If ``sent``, the folder is another machine's.
    design : str
        TOML.
    until : int
        Epoch.
    threads : int
    topic : str
        Under which it reports.
    sent : bool
        Whether recordings are sent, because the worker doesn't see the folder.
    begun : bytes
        The recording so far, if it is sent and there is one.
    every : float
        Seconds between two reports.
    """

    number: int
    folder: str
    file: str
    design: str
    until: int
    threads: int
    topic: str
    sent: bool = False
    begun: bytes = b""
    every: float = 0.5


@dataclass(frozen=True, slots=True)
class RunSoFar:
    """How far a recorded run is.

    Parameters
    ----------
    epochs : tuple of EpochMeasures
        Epochs that are done.
    failure : str
        Why it can't be trained on; empty if it can.
    step : int
    """

    epochs: tuple[EpochMeasures, ...] = ()
    failure: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stage.

    Parameters
    ----------
    number : int
    so_far : RunSoFar
    recording : bytes
        If it was sent.
    """

    number: int
    so_far: RunSoFar
    recording: bytes = b""


def run_so_far(path: Path, design: Design) -> RunSoFar:
    """How far a run is according to its recording; nothing is done if there is none, or a damaged one.

    Raises
    ------
    SweepError
        It is the recording of another run.
    """
    if not path.exists():
        return RunSoFar()
    try:
        with open_run(path) as recorded:
            if recorded.design != design:
                raise SweepError(f"{path}: expected the recording of this run, {design.name}, got that of another")
            failure = recorded.head.reason if recorded.head.ended == "failed" else ""
            return RunSoFar(recorded.history, failure, recorded.last_step)
    except RecordingError:
        return RunSoFar()


def train_stage(stage: SweepStage, images: ArrivedImages) -> Outcome:
    """Train a run up to the end of an epoch; runs in a worker.

    Raises
    ------
    SweepError, ConvvizError, OSError, MemoryError
        The cause is this machine: another one, or another attempt, may succeed.
    """
    # A run without a recording is of no use here.
    warnings.simplefilter("error", RecordingWarning)
    if not stage.sent:
        return trained(stage, Path(stage.folder) / stage.file, images)
    with tempfile.TemporaryDirectory(prefix="convviz-sweep-") as folder:
        path = Path(folder) / stage.file
        if stage.begun:
            path.write_bytes(stage.begun)
        outcome = trained(stage, path, images)
        return replace(outcome, recording=path.read_bytes())


def attempt(
    train_it: Callable[[SweepStage, ArrivedImages], Outcome], stage: SweepStage, images: ArrivedImages
) -> Outcome:
    """Train a run in a worker; an error knows which worker it was, by :func:`worker_of`."""
    try:
        return train_it(stage, images)
    except Exception as error:
        error.__dict__[WORKER] = worker_address()
        raise


def worker_of(error: BaseException) -> str:
    """Address of the worker in which an attempt failed; empty if it is not known."""
    return str(error.__dict__.get(WORKER, ""))


def worker_address() -> str:
    """Address of the worker of Dask that runs this thread; empty if none does."""
    try:
        from distributed import get_worker

        return str(get_worker().address)
    except (ImportError, ValueError):
        return ""


def trained(stage: SweepStage, path: Path, images: ArrivedImages) -> Outcome:
    """Train a run whose recording is at ``path``."""
    design = read_design(stage.design)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    wait_for_others(path)
    before = run_so_far(path, design)
    if before.failure or len(before.epochs) >= stage.until:
        return Outcome(stage.number, before)
    reports = Reports(stage, worker)
    reports.began(before)
    last = [False]

    def on_event(event: object) -> None:
        last[0] = isinstance(event, EpochDone) and event.position.epoch >= stage.until
        if isinstance(event, MinibatchDone):
            reports.minibatch(event)

    try:
        with images.bench(stage.threads) as bench:
            done = train(
                begun(path) or design,
                images.data,
                on_event=on_event,
                stop=lambda: last[0] or not reports.wanted(),
                record=path,
                threads=stage.threads,
                bench=bench,
            )
    except RecordingWarning as warning:
        raise SweepError(str(warning).partition("; training goes on")[0]) from None
    except (NonFiniteError, DesignError) as error:
        after = run_so_far(path, design)
        # It would fail on any machine.
        return Outcome(stage.number, after if after.failure else replace(after, failure=str(error)))
    after = RunSoFar(done.history, step=done.place.step)
    if len(after.epochs) < stage.until and reports.wanted():
        raise SweepError(
            f"{path}: expected a recording of {counted(stage.until, 'epoch')}, got one of {len(after.epochs)}"
        )
    return Outcome(stage.number, after)


def begun(path: Path) -> Run | None:
    """The run at the last complete moment of its recording; None to start from the beginning."""
    if not path.exists():
        return None
    try:
        with open_run(path) as recorded:
            found = recorded.at(recorded.key_points[-1])
    except (RecordingError, IndexError):
        for one in (path, *companions(path)):
            one.unlink(missing_ok=True)
        return None
    return found if found.place.step else None


def wait_for_others(path: Path, patience: float = PATIENCE) -> None:
    """Wait until nobody writes a recording.

    Raises
    ------
    SweepError
        Somebody does for too long.
    """
    end = time.monotonic() + patience
    while is_claimed(path):
        if time.monotonic() > end:
            raise SweepError(f"{path}: expected a recording that nobody writes, got one that another run is writing")
        time.sleep(0.1)


class Reports:
    """Reports a run's progress to the sweep a few times a second; does nothing outside a worker."""

    def __init__(self, stage: SweepStage, name: str) -> None:
        self._stage, self._name = stage, name
        self._worker, self._is_wanted = worker_and_question()
        self._told = self._asked = 0.0
        self._wanted = True

    def began(self, before: RunSoFar) -> None:
        """Report that the stage begins."""
        self._tell(began=True, step=before.step)

    def minibatch(self, event: MinibatchDone) -> None:
        """Report a minibatch."""
        now = time.monotonic()
        if now - self._told >= self._stage.every:
            self._told = now
            p = event.position
            self._tell(step=p.step, steps=p.steps, epoch=p.epoch, loss=float(event.loss))

    def wanted(self) -> bool:
        """Whether the sweep still waits for this stage."""
        now = time.monotonic()
        if self._wanted and now - self._asked >= min(ASKED_EVERY, self._stage.every):
            self._asked = now
            self._wanted = self._is_wanted()
        return self._wanted

    def _tell(self, **what: Any) -> None:
        if self._worker is not None:
            self._worker.log_event(self._stage.topic, {"number": self._stage.number, "where": self._name, **what})


def worker_and_question() -> tuple[Any, Callable[[], bool]]:
    """The worker of Dask that runs this thread, if one does, and whether its task is still wanted."""
    try:
        from distributed import get_worker
        from distributed.worker import thread_state

        worker, key = get_worker(), thread_state.key
    except (ImportError, ValueError, AttributeError):
        return None, lambda: True

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state not in ("cancelled", "released", "forgotten")

    return worker, is_wanted
