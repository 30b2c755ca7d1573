"""The folder of a sweep: its manifest and the recordings of its runs."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from convviz.files.claim import claimed, is_claimed
from convviz.files.errors import OutputError
from convviz.files.sniff import what_is_there
from convviz.storage.fingerprint import DataFingerprint
from convviz.sweeps.errors import SweepError
from convviz.sweeps.events import RunLive
from convviz.sweeps.manifest import (
    NAME,
    Manifest,
    RunRecord,
    new_manifest,
    read_manifest,
    sweep_of,
    write_manifest,
)
from convviz.sweeps.plan import PlannedRun, Sweep
from convviz.sweeps.stage import RunSoFar, run_so_far

__all__ = ["SweepFolder", "cancel_sweep", "check_new_folder", "last_sweep", "new_folder", "resumed_folder"]

WRITTEN_EVERY = 1.0
"""Least seconds between two writes of the manifest. It may lag behind: the recordings decide."""
HOLDING = 20.0
"""Seconds to wait for runs that are to stop."""


class SweepFolder:
    """A sweep's folder that belongs to this process.

    Parameters
    ----------
    path : Path
    manifest : Manifest
    sweep : Sweep
    runs : tuple of PlannedRun
    """

    def __init__(self, path: Path, manifest: Manifest, sweep: Sweep, runs: tuple[PlannedRun, ...]) -> None:
        self.path, self.manifest, self.sweep, self.runs = path, manifest, sweep, runs
        self._written = -math.inf
        self._curves: dict[int, tuple[float, ...]] = {}
        groups: dict[str, list[int]] = {}
        for run in runs:
            groups.setdefault(repr(dict(run.values)), []).append(run.number)
        self.groups: tuple[tuple[int, ...], ...] = tuple(map(tuple, groups.values()))
        """The runs of each setting, one a seed."""

    def look(self) -> None:
        """Take from the recordings how far each run is.

        Raises
        ------
        SweepError
            One is the recording of another run.
        """
        records = []
        for run, record in zip(self.runs, self.manifest.runs, strict=True):
            if not run.problem and record.state not in ("impossible", "cancelled"):
                # A failure that left no recording was due to its machine: the run is tried again.
                found = run_so_far(self.path / record.file, run.design)
                fresh = RunRecord(record.number, record.file, record.values, record.seed)
                record = self.record_of(fresh, found, run)
            records.append(record)
        self.manifest = _with_runs(self.manifest, records)
        self.save()

    def record_of(self, record: RunRecord, found: RunSoFar, run: PlannedRun) -> RunRecord:
        """The record of a run, brought up to date with its recording."""
        self._curves[run.number] = tuple(one.test_accuracy for one in found.epochs)
        record = replace(record.measured(found.epochs), state="waiting", sentence="")
        if found.failure:
            return replace(record, state="failed", sentence=found.failure)
        if len(found.epochs) >= run.design.training.epochs:
            return replace(record, state="finished")
        return record

    def accuracy(self, number: int, epoch: int) -> float | None:
        """Test accuracy of a run after an epoch; None if it is not as far."""
        curve = self._curves.get(number, ())
        return curve[epoch - 1] if len(curve) >= epoch else None

    def share_done(self, live: Mapping[int, RunLive]) -> float:
        """How much of the work is done, 0…1, including ``live`` runs; those that may end early count as whole ones."""
        done = total = 0.0
        for run, record in zip(self.runs, self.manifest.runs, strict=True):
            if record.state == "impossible":
                continue
            total += 1
            if record.is_over:
                done += 1
                continue
            now = live.get(record.number)
            share = record.epochs / run.design.training.epochs
            done += max(share, now.step / now.steps if now is not None and now.steps else 0.0)
        return done / total if total else 1.0

    def write(self, record: RunRecord) -> None:
        """Change the record of a run.

        Raises
        ------
        SweepError
            The manifest can't be written.
        """
        self.manifest = self.manifest.with_run(record)
        if time.monotonic() - self._written > WRITTEN_EVERY:
            self.save()

    def save(self) -> None:
        """Write the manifest.

        Raises
        ------
        SweepError
        """
        write_manifest(self.path / NAME, self.manifest)
        self._written = time.monotonic()

    def wait_until_written(self, numbers: Sequence[int]) -> None:
        """Wait until runs that were told to stop have closed their recordings; not for ever."""
        paths = [self.path / self.manifest.runs[number - 1].file for number in numbers]
        end = time.monotonic() + HOLDING
        while any(map(is_claimed, paths)) and time.monotonic() < end:
            time.sleep(0.05)


def check_new_folder(path: Path, runs: tuple[PlannedRun, ...] = ()) -> None:
    """Refuse a folder that is no place for a new sweep.

    Raises
    ------
    SweepError
        There is a sweep or a recording in it, or it can't be made; or no run can be trained.
    """
    if runs and all(run.problem for run in runs):
        raise SweepError(f"expected at least one run that can be trained, got none: {runs[0].problem}")
    try:
        if path.exists() and not path.is_dir():
            raise SweepError(f"{path}: expected a folder, {what_is_there(path)}")
        if is_claimed(path / NAME):
            raise _taken(path)
        if (path / NAME).exists():
            raise SweepError(
                f"{path}: expected a folder without a sweep, got one with a sweep; --resume goes on with it"
            )
        found = next(path.glob("[!.]*.cvz"), None)
    except (OSError, ValueError) as error:
        if isinstance(error, SweepError):
            raise
        raise SweepError(f"{path}: expected a folder to write in, got: {getattr(error, 'strerror', error)}") from None
    if found is not None:
        raise SweepError(f"{path}: expected a folder without recordings, got one with {found.name}")


def last_sweep(path: Path) -> Path | None:
    """The folder in ``path`` whose sweep was written last; None if there is no sweep."""
    newest: tuple[float, Path] | None = None
    with contextlib.suppress(OSError):
        for one in path.iterdir():
            with contextlib.suppress(OSError):
                written = (one / NAME).stat().st_mtime
                newest = max(newest, (written, one)) if newest is not None else (written, one)
    return None if newest is None else newest[1]


@contextlib.contextmanager
def new_folder(
    path: Path, sweep: Sweep, runs: tuple[PlannedRun, ...], data: DataFingerprint, dataroot: str = ""
) -> Iterator[SweepFolder]:
    """Make the folder of a new sweep; it belongs to this process while the block runs.

    Raises
    ------
    SweepError
        As :func:`check_new_folder`, or it can't be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise SweepError(f"{path}: expected a folder to write in, got: {getattr(error, 'strerror', error)}") from None
    check_new_folder(path, runs)
    with _owned(path):
        folder = SweepFolder(path, new_manifest(sweep, runs, data, dataroot), sweep, runs)
        folder.save()
        try:
            yield folder
        finally:
            folder.save()


@contextlib.contextmanager
def resumed_folder(path: Path) -> Iterator[SweepFolder]:
    """The folder of a sweep that is to go on; it belongs to this process while the block runs.

    Raises
    ------
    SweepError
        There is no sweep in it, it is damaged, or another process works in it.
    """
    with _owned(path):
        manifest = read_manifest(path / NAME)
        sweep, runs = sweep_of(manifest, path / NAME)
        runs = tuple(
            PlannedRun(run.number, run.values, run.seed, run.design, run.problem or record.sentence)
            if record.state == "impossible"
            else run
            for run, record in zip(runs, manifest.runs, strict=True)
        )
        folder = SweepFolder(path, manifest, sweep, runs)
        folder.look()
        try:
            yield folder
        finally:
            folder.save()


def cancel_sweep(path: Path) -> Manifest:
    """Give up the runs of a sweep that aren't done; what is recorded of them stays.

    Raises
    ------
    SweepError
        There is no sweep in the folder, it is damaged, or a process works in it.
    """
    with resumed_folder(path) as folder:
        records = [
            record
            if record.is_over
            else replace(record, state="cancelled", sentence=f"cancelled at epoch {record.epochs}")
            for record in folder.manifest.runs
        ]
        folder.manifest = _with_runs(folder.manifest, records)
        return folder.manifest


@contextlib.contextmanager
def _owned(path: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(claimed(path / NAME))
        except OutputError:
            raise _taken(path) from None
        yield


def _taken(path: Path) -> SweepError:
    return SweepError(f"{path}: expected a folder in which no sweep runs, got one in which another does")


def _with_runs(manifest: Manifest, runs: Sequence[RunRecord]) -> Manifest:
    return replace(manifest, runs=tuple(runs))
