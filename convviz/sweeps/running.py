"""A sweep from Python, from its first run to its last."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from convviz.api.data import load_data
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.data.dataset import Dataset
from convviz.data.given import check_data
from convviz.run.opening import split_of
from convviz.storage.fingerprint import DataFingerprint
from convviz.sweeps import warming
from convviz.sweeps.engine import RETRIES, SweepEngine
from convviz.sweeps.errors import SweepError
from convviz.sweeps.events import SweepEvent
from convviz.sweeps.fields import Value
from convviz.sweeps.folder import check_new_folder, new_folder, resumed_folder
from convviz.sweeps.halving import Halving
from convviz.sweeps.manifest import NAME, Manifest, read_manifest
from convviz.sweeps.plan import PlannedRun, Sweep, planned
from convviz.sweeps.values import axis_of
from convviz.sweeps.workers import Workers, check_dask, local_workers, workers_of_scheduler
from convviz.training.fit import check_fit, sized
from convviz.training.images import Split
from convviz.training.known_fingerprint import fingerprint_of
from convviz.training.room import check_room_to_train

__all__ = ["Where", "fit_check", "plan", "resume_sweep", "start_sweep", "sweep"]


@dataclass(frozen=True, slots=True)
class Where:
    """Where runs are trained.

    Parameters
    ----------
    workers : int or None
        Processes on this machine; one a core unless given.
    threads : int or None
        Of each trainer; the cores divided by the workers unless given.
    scheduler : str
        Address of a Dask scheduler, whose workers are used instead.
    retries : int
        How often a run is tried again that failed because of its machine.
    """

    workers: int | None = None
    threads: int | None = None
    scheduler: str = ""
    retries: int = RETRIES

    def get_ready(self, design: Design) -> None:
        """Start preparing what the workers need, in the background.

        Raises
        ------
        SweepError
            Dask is missing.
        """
        check_dask()
        if not self.scheduler:
            warming.begin(design)

    def open(self) -> contextlib.AbstractContextManager[Workers]:
        """The workers."""
        if self.scheduler:
            return workers_of_scheduler(self.scheduler, self.threads)
        return local_workers(self.workers, self.threads)


HERE = Where()


def sweep(
    design: Design,
    data: Dataset,
    over: Mapping[str, str | Sequence[Value]],
    *,
    out: str | Path,
    seeds: int = 1,
    random: int | None = None,
    drawing: int = 0,
    halving: Halving | None = None,
    workers: int | None = None,
    threads: int | None = None,
    scheduler: str = "",
    resume: bool = False,
    on_event: Callable[[SweepEvent], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Manifest:
    """Train a design with many settings, several at the same time.

    Parameters
    ----------
    design : Design
    data : Dataset
    over : mapping
        Fields of the design, and what to try for each: ``{"training.optimiser.lr": "0.001..0.1:log:8",
        "layers.conv1.filters": [8, 16, 32]}``. :mod:`convviz.sweeps.values` says how ranges are written.
    out : str or Path
        A new folder: one recording a run, to be opened with :func:`convviz.open_run`, and ``sweep.json``.
    seeds : int
        How often every setting is trained: with the design's seed and the ones after it.
    random : int, optional
        Draw this many settings at random instead of trying every combination.
    drawing : int
        Seed of that draw.
    halving : Halving, optional
        End the worse runs early.
    workers, threads, scheduler
        As :class:`Where`.
    resume : bool
        Go on with the sweep in ``out``; what is done there is not done again. The other arguments must be the same.
    on_event : callable, optional
        Called with ``RunLive``, ``RunChanged`` and ``Progress`` events.
    stop : callable, optional
        Asked a few times a second; once it says yes, the sweep stops, and can be resumed.

    Returns
    -------
    Manifest
        ``runs`` has a record of each, with its values, seed, state and accuracy.

    Raises
    ------
    SweepError
        One sentence: the field or file, what was expected and what came.
    DataError
        The pixels do not lie in 0…1.

    Notes
    -----
    Processes are started, so a script needs ``if __name__ == "__main__":`` around what calls this, as with
    :mod:`multiprocessing`.
    """
    axes = tuple(axis_of(design, path, values) for path, values in over.items())
    wanted = Sweep(design, axes, seeds, random, drawing, halving)
    where = Where(workers, threads, scheduler)
    path = Path(out)
    if not resume:
        return start_sweep(path, wanted, data, where, on_event=on_event, stop=stop)
    found = read_manifest(path / NAME)
    asked = tuple(axis.words for axis in axes), seeds, random, drawing
    if (found.axes, found.seeds, found.random, found.drawing) != asked:
        raise SweepError(f"{path}: expected the sweep of these fields and values to go on with, got another")
    return resume_sweep(path, where, data, on_event=on_event, stop=stop)


def start_sweep(
    path: Path,
    wanted: Sweep,
    data: Dataset,
    where: Where = HERE,
    *,
    dataroot: str = "",
    on_event: Callable[[SweepEvent], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Manifest:
    """Begin a sweep in a new folder, and train it to its end or until ``stop`` says yes.

    Raises
    ------
    SweepError, DataError
    """
    where.get_ready(wanted.design)
    check_data(data)
    runs = plan(wanted, data)
    data = shared_images(runs, data)
    check_new_folder(path, runs)
    hear(stop)
    # Workers first: without them, no folder is left behind.
    with where.open() as workers, new_folder(path, wanted, runs, print_of(data), dataroot) as folder:
        return SweepEngine(folder, data, workers, on_event=on_event, stop=stop, retries=where.retries).work()


def resume_sweep(
    path: Path,
    where: Where = HERE,
    data: Dataset | None = None,
    *,
    on_event: Callable[[SweepEvent], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Manifest:
    """Go on with the sweep in a folder: every run that is not done is trained to its end, from where its recording is.

    Parameters
    ----------
    path : Path
    where : Where
    data : Dataset, optional
        The images; unless given, they are opened from where they were.
    on_event, stop : callable, optional

    Raises
    ------
    SweepError, DataError
    """
    check_dask()
    with resumed_folder(path) as folder:
        over = all(record.is_over for record in folder.manifest.runs)
        if over and (folder.sweep.halving is None or folder.manifest.count("cancelled")):
            return folder.manifest
        where.get_ready(folder.sweep.design)
        manifest = folder.manifest
        if data is None:
            data = load_data(manifest.dataroot or None, folder.sweep.design)
        check_data(data)
        data = shared_images(folder.runs, data)
        problem = manifest.data.difference(print_of(data))
        if problem:
            raise SweepError(f"{path}: data: {problem}")
        hear(stop)
        with where.open() as workers:
            return SweepEngine(folder, data, workers, on_event=on_event, stop=stop, retries=where.retries).work()


def hear(stop: Callable[[], bool] | None) -> None:
    """Ask once before workers start: who listens for signals does so from then on.

    An exception in the middle would leave Dask with workers that it can neither use nor close.
    """
    if stop is not None:
        stop()


def plan(wanted: Sweep, data: Dataset) -> tuple[PlannedRun, ...]:
    """The runs of a sweep, with the reason for each that is impossible with these images.

    Raises
    ------
    SweepError
        There is none, or too many.
    """
    return planned(wanted, fit_check(split_of(data, "training"), split_of(data, "test")))


def fit_check(train: Split, test: Split) -> Callable[[Design], None]:
    """A check that raises a ``DesignError`` for a design that can't be trained here with these images."""
    seen: dict[object, str] = {}

    def check(design: Design) -> None:
        training = design.training
        sizes = training.train_size, training.test_size
        key = (design.layers, design.input, design.classes, sizes, training.batch_size, training.optimiser)
        if key not in seen:
            seen[key] = ""
            try:
                check_room_to_train(design, 1)
                for name, split, size in zip(("training", "test"), (train, test), sizes, strict=True):
                    sized("train_size" if name == "training" else "test_size", size, len(split))
                    check_fit(design, name, split)
            except DesignError as error:
                seen[key] = str(error)
        if seen[key]:
            raise DesignError(seen[key])

    return check


def shared_images(runs: Sequence[PlannedRun], data: Dataset) -> Dataset:
    """The images that the runs use; no others are sent to the workers."""
    possible = [run.design.training for run in runs if not run.problem]
    train = [one.train_size or len(data.y_train) for one in possible]
    test = [one.test_size or len(data.y_test) for one in possible]
    return data.take(max(train, default=None), max(test, default=None))


def print_of(data: Dataset) -> DataFingerprint:
    """Fingerprint of images."""
    return fingerprint_of(data.name, split_of(data, "training"), split_of(data, "test"))
