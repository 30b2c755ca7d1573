"""Facts about recorded runs, as plain values, for listing and comparing them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Parent
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import companions

__all__ = ["Catalogue", "ListedRun", "listed_run", "nbytes_of"]

PARTS = 60
"""Most points of the small curve of a run's loss."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A recorded run in a list.

    Parameters
    ----------
    path : Path
    nbytes : int
        Bytes that it takes on the disk, including the files beside it while it is written.
    name : str
        Name of its design.
    created : str
        When recording began: ISO 8601.
    ended : str
        As :attr:`~convviz.storage.recording.read.Recording.ended`.
    step, steps : int
        Minibatches that are done, and those of the whole run.
    accuracy : float or None
        On the test images, after the last whole epoch.
    data_name : str
    id : str
        The run's id, by which its branches refer to it.
    parent : Parent or None
        The run and step that it branched from.
    problem : str
        Why it can't be opened; empty if it can.
    best_accuracy : float or None
        The highest test accuracy of any epoch.
    epoch, epochs : int
        Epochs that were evaluated, and those of the whole run.
    seconds : float
        Time of training up to the last whole epoch.
    seed : int
    begin : int
        Step at which recording began.
    design : Design or None
        The design as it was trained last; two runs are compared by it.
    losses : tuple of float
        Mean losses of equal parts of the recorded minibatches, for a small curve.
    """

    path: Path
    nbytes: int
    name: str = ""
    created: str = ""
    ended: str = ""
    step: int = 0
    steps: int = 0
    accuracy: float | None = None
    data_name: str = ""
    id: str = ""
    parent: Parent | None = None
    problem: str = ""
    best_accuracy: float | None = None
    epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    seed: int = 0
    begin: int = 0
    design: Design | None = None
    losses: tuple[float, ...] = ()


class Catalogue:
    """Facts about many runs; a file that has not changed is read only once.

    It may be used by one thread at a time.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[object, ListedRun]] = {}

    def of(self, paths: Iterable[Path]) -> list[ListedRun]:
        """The runs at these paths, in their order."""
        found = []
        for path in paths:
            key = stamp(path)
            known = self._known.get(path)
            if known is None or known[0] != key or known[1].ended == "running":
                # Reading may merge the log that a crash has left into the file, so the stamp is taken afterwards.
                made = listed_run(path)
                known = self._known[path] = stamp(path), made
            found.append(known[1])
        return found


def listed_run(path: Path) -> ListedRun:
    """Facts about a recorded run; if it can't be opened, its ``problem`` says why."""
    size = 0
    with contextlib.suppress(OSError):
        size = nbytes_of(path)
    try:
        with Recording(path) as run:
            head, epochs, design = run.head, run.epochs(), run.last_design
            return ListedRun(
                path,
                size,
                head.name,
                head.created,
                run.ended,
                run.last_step,
                head.minibatches * design.training.epochs,
                epochs[-1].test_accuracy if epochs else None,
                head.data.name,
                head.id,
                head.parent,
                best_accuracy=max((one.test_accuracy for one in epochs), default=None),
                epoch=len(epochs),
                epochs=design.training.epochs,
                seconds=epochs[-1].seconds if epochs else 0.0,
                seed=design.training.seed,
                begin=head.begin,
                design=design,
                losses=parts_of(run.minibatches().loss),
            )
    except RecordingError as error:
        return ListedRun(path, size, problem=str(error))


def parts_of(losses: Array) -> tuple[float, ...]:
    """Means over at most ``PARTS`` equal parts; values that are not finite are left out."""
    parts = np.array_split(losses, min(PARTS, len(losses))) if len(losses) else []
    finite = [part[np.isfinite(part)] for part in parts]
    return tuple(float(part.mean()) for part in finite if len(part))


def nbytes_of(path: Path) -> int:
    """Bytes that a recording takes, including the files beside it."""
    return sum(one.stat().st_size for one in (path, *companions(path)) if one.exists())


def stamp(path: Path) -> object:
    """A value that changes whenever a recording does: times and sizes of its file and its log."""
    found = []
    for one in (path, *companions(path)[:1]):
        with contextlib.suppress(OSError):
            status = one.stat()
            found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)
