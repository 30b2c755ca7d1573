"""The manifest of a sweep: one JSON file beside the recordings, replaced as a whole whenever a run ends.

The recordings decide what is done; the manifest says what was to be done, and what became of runs that left none. So a
command that is killed leaves nothing to repair.
"""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from convviz.core.errors import DesignError
from convviz.files.atomic import write_bytes_atomically
from convviz.files.inputs import NotRegularError, open_regular
from convviz.files.sniff import what_is_there
from convviz.plurals import small
from convviz.storage.designs import read_design, write_design
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.network_state import EpochMeasures
from convviz.sweeps.errors import SweepError
from convviz.sweeps.fields import Value
from convviz.sweeps.halving import Halving
from convviz.sweeps.plan import PlannedRun, Sweep, files_of, planned
from convviz.sweeps.values import axis_of, read_axis
from convviz.version import __version__

__all__ = ["NAME", "Manifest", "RunRecord", "State", "new_manifest", "read_manifest", "sweep_of", "write_manifest"]

NAME = "sweep.json"
FORMAT = "convviz-sweep"
VERSION = 2
"""Version 1 had no cancelled runs."""
MAX_BYTES = 64 << 20

State = Literal["waiting", "finished", "ended early", "failed", "impossible", "cancelled"]


class RunRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a run.

    Parameters
    ----------
    number : int
    file : str
        Name of its recording in the folder.
    values : dict
        The fields that differ, without the seed.
    seed : int
    state : str
    sentence : str
        Why it failed, is impossible or was ended early.
    epochs : int
        That are done.
    accuracy, best : float or None
        On the test images: after the last epoch, and the highest.
    loss, train_accuracy : float or None
        After the last epoch, on the training images.
    seconds : float
        Of training.
    """

    number: int
    file: str
    values: dict[str, bool | int | float | str | list[int] | None]
    seed: int
    state: State = "waiting"
    sentence: str = ""
    epochs: int = 0
    accuracy: float | None = None
    best: float | None = None
    loss: float | None = None
    train_accuracy: float | None = None
    seconds: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the run needs no further work."""
        return self.state in ("finished", "ended early", "failed", "impossible", "cancelled")

    def measured(self, epochs: tuple[EpochMeasures, ...]) -> RunRecord:
        """With what was measured after its last epoch."""
        if not epochs:
            return self
        last = epochs[-1]
        known = [one.test_accuracy for one in epochs if math.isfinite(one.test_accuracy)]
        return replace(
            self,
            epochs=len(epochs),
            accuracy=_finite(last.test_accuracy),
            best=max(known, default=None),
            loss=_finite(last.train_loss),
            train_accuracy=_finite(last.train_accuracy),
            seconds=round(last.seconds, 3),
        )


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sweep and its runs.

    Parameters
    ----------
    id : str
        A random name that no other sweep has.
    created : str
        ISO 8601, with the offset from UTC.
    design : str
        The design that all runs begin from, as TOML.
    axes : tuple of str
        What is tried, as ``FIELD=VALUES``.
    seeds, random, drawing, halving
        As :class:`~convviz.sweeps.plan.Sweep`.
    dataroot : str
        Path of the data set; empty for built-in images, or those that a program gave.
    data_name, train_images, test_images, train_sha256, test_sha256
        To recognise the images.
    runs : tuple of RunRecord
        In the order of their numbers, from 1.
    """

    id: str
    created: str
    design: str
    axes: tuple[str, ...]
    runs: tuple[RunRecord, ...]
    seeds: int = 1
    random: int | None = None
    drawing: int = 0
    halving: tuple[int, int] | None = None
    dataroot: str = ""
    data_name: str = ""
    train_images: int = 0
    test_images: int = 0
    train_sha256: str = ""
    test_sha256: str = ""
    convviz: str = __version__
    format: str = FORMAT
    version: int = VERSION

    @property
    def data(self) -> DataFingerprint:
        """Fingerprint of the images that the runs share."""
        return DataFingerprint(self.data_name, self.train_images, self.test_images, self.train_sha256, self.test_sha256)

    def with_run(self, run: RunRecord) -> Manifest:
        """With another record of a run."""
        at = run.number - 1
        return replace(self, runs=(*self.runs[:at], run, *self.runs[at + 1 :]))

    def count(self, *states: State) -> int:
        """How many runs are in one of these states."""
        return sum(run.state in states for run in self.runs)


def new_manifest(sweep: Sweep, runs: tuple[PlannedRun, ...], data: DataFingerprint, dataroot: str = "") -> Manifest:
    """The manifest of a sweep that begins."""
    files = files_of(runs, sweep)
    records = tuple(
        RunRecord(
            run.number,
            files[run.number],
            {path: list(value) if isinstance(value, tuple) else value for path, value in run.values.items()},
            run.seed,
            "impossible" if run.problem else "waiting",
            run.problem,
        )
        for run in runs
    )
    return Manifest(
        uuid4().hex,
        datetime.now().astimezone().isoformat(timespec="seconds"),
        write_design(sweep.design),
        tuple(axis.words for axis in sweep.axes),
        records,
        sweep.seeds,
        sweep.random,
        sweep.drawing,
        None if sweep.halving is None else (sweep.halving.first, sweep.halving.keep),
        dataroot,
        data.name,
        data.train_images,
        data.test_images,
        data.train_sha256,
        data.test_sha256,
    )


def sweep_of(manifest: Manifest, where: Path) -> tuple[Sweep, tuple[PlannedRun, ...]]:
    """The sweep that a manifest describes, with its runs.

    Raises
    ------
    SweepError
        It contradicts itself.
    """
    try:
        design = read_design(manifest.design, f"{where}: design")
        axes = tuple(read_axis(design, text) for text in manifest.axes)
        if manifest.random is None:
            # The values as they are written down, not as this version would round them.
            axes = tuple(axis_of(design, axis.path, _values(manifest, axis.path)) for axis in axes)
        halving = None if manifest.halving is None else Halving(*manifest.halving)
    except DesignError as error:
        raise SweepError(str(error)) from None
    except SweepError as error:
        raise SweepError(f"{where}: {error}") from None
    sweep = Sweep(design, axes, manifest.seeds, manifest.random, manifest.drawing, halving)
    runs = planned(sweep)
    asked = [(dict(run.values), run.seed) for run in runs]
    told = [({path: _value(value) for path, value in run.values.items()}, run.seed) for run in manifest.runs]
    if asked != told or [run.number for run in manifest.runs] != list(range(1, len(runs) + 1)):
        raise SweepError(f"{where}: expected the runs of its fields and values, got others")
    return sweep, runs


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; nothing in it is trusted before it is checked.

    Raises
    ------
    SweepError
        One sentence: the file, what was expected and what came.
    """
    try:
        with open_regular(path) as file:
            contents = file.read(MAX_BYTES + 1)
    except (NotRegularError, OSError, ValueError):
        raise SweepError(f"{path}: expected a sweep, {what_is_there(path)}") from None
    if len(contents) > MAX_BYTES:
        raise SweepError(f"{path}: expected a sweep of at most {MAX_BYTES >> 20} MiB, got a larger file")
    try:
        head = msgspec.json.decode(contents)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise SweepError(f"{path}: expected a sweep, {what_is_there(path)}") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise SweepError(f"{path}: expected a sweep, got JSON of another kind")
    version = head.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SweepError(f"{path}: version: expected {VERSION} or older, got {version}, which a newer convviz wrote")
    try:
        found = msgspec.convert(head, Manifest)
    except msgspec.ValidationError as error:
        raise SweepError(f"{path}: {small(str(error))}") from None
    for run in found.runs:
        if Path(run.file).name != run.file or not run.file.endswith(".cvz"):
            raise SweepError(f"{path}: runs: expected names of recordings in its folder, got {run.file[:80]!r}")
    return found


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest, all of it or nothing.

    Raises
    ------
    SweepError
        It can't be written.
    """
    try:
        written = replace(manifest, version=VERSION)
        write_bytes_atomically(path, msgspec.json.format(msgspec.json.encode(written), indent=1))
    except OSError as error:
        raise SweepError(f"{path}: can't be written: {error.strerror or error}") from None


def _values(manifest: Manifest, path: str) -> list[Value]:
    found: dict[str, Value] = {}
    for run in manifest.runs:
        if path in run.values:
            value = _value(run.values[path])
            found.setdefault(repr(value), value)
    return list(found.values())


def _value(given: Any) -> Value:
    found: Value = tuple(given) if isinstance(given, list) else given
    return found


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
