"""Keeps trained networks automatically: none is dropped before it is in a file.

The network of a run has one file, which is rewritten in the background whenever the run holds, now and
then after an epoch, and at once before another network takes its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from convviz.core.errors import ConvvizError
from convviz.run.keeping import Keeper
from convviz.run.messages import NotKept, NotSaved
from convviz.run.training_run import TrainingRun
from convviz.storage.last_session import LastSession, SessionFolder
from convviz.storage.model_files import can_go_on

PAUSE = 30.0
"""Least number of seconds between two files during training: what comes between them is in the run's recording."""
SHARE = 20
"""The wait is also at least this multiple of the time that the last file took to write."""


class NotKeptError(ConvvizError):
    """The network could not be kept, so it stays the current one."""


class Safekeeping:
    """The file of the run's network, and the record of what is open.

    Parameters
    ----------
    folder : SessionFolder or None
        None keeps nothing.
    keeper : Keeper
        Writes in the background.
    tell : callable
        Takes a message: what could not be kept in the background, once for each reason.
    """

    def __init__(
        self, folder: SessionFolder | None, keeper: Keeper, tell: Callable[[NotKept | NotSaved], object]
    ) -> None:
        self._folder, self._keeper, self._tell = folder, keeper, tell
        self._reported: set[str] = set()
        self._path: Path | None = None
        """The file of this network, once it has one."""
        self._kept = 0
        """Number of changes of the run that are in the file."""
        self._saved = 0
        """Number of changes that are in a file which the user saved."""
        self._due = False
        self._next = 0.0
        """When the next file may be written while training goes on."""
        self._last: LastSession | None = None

    def begin(self, run: TrainingRun, path: Path | None = None) -> None:
        """Begin with another network, which is already in ``path`` or is untrained."""
        self._kept, self._saved, self._due = run.changes, 0, False
        self._path = path if path is not None and self._is_ours(path) else None

    def let_go(self, run: TrainingRun) -> None:
        """Allow unsaved training to be lost."""
        self._kept, self._due = run.changes, False

    def is_saved(self, changes: int) -> None:
        """Note that the user has saved the network as it was after this number of changes."""
        self._saved = changes

    def save(self, run: TrainingRun | None, path: Path) -> None:
        """Write the network to a file of the user's, in the background."""
        if run is None:
            self._tell(NotSaved(path.name, f"{path.name}: there is no network to save yet"))
            return
        # Weights alone are not enough to go on with.
        saved = partial(self.is_saved, run.changes) if can_go_on(path) else lambda: None
        self._keeper.keep(path, run.trainer.position, run.state(), run.used_data(), saved)

    def ask(self) -> None:
        """Keep the network of a run that holds, as soon as the files before are written."""
        self._due = True

    def epoch_ended(self) -> None:
        """Keep the network at the end of an epoch, unless a file has just been written."""
        self._due = self._due or time.monotonic() >= self._next

    def tend(self, run: TrainingRun) -> None:
        """Begin writing if a file is due, unless one is being written.

        Raises
        ------
        OSError
            The folder can't be made.
        """
        if not self._due or self._keeper.is_busy or self._folder is None:
            return
        self._due = False
        if run.changes != self._kept and is_finite(run):
            self._work(self._writing(run))

    def _writing(self, run: TrainingRun) -> Callable[[], None]:
        """Copy the network, and return what writes it."""
        assert self._folder is not None
        folder, path = self._folder, self._place(run)
        changes, state, used, record = run.changes, run.state(), run.used_data(), self._record(run)

        def write() -> None:
            began = time.monotonic()
            self._keeper.save(path, state, used)
            folder.prune()
            if record is not None:
                folder.write(record)
            self._kept = changes
            self._next = time.monotonic() + max(PAUSE, SHARE * (time.monotonic() - began))

        return write

    def _work(self, write: Callable[[], object]) -> None:
        """Write in the background; every reason of a failure is reported once."""

        def guarded() -> None:
            try:
                write()
            except (ConvvizError, ValueError, OSError, MemoryError) as error:
                reason = str(error) or type(error).__name__
                if reason not in self._reported:
                    self._reported.add(reason)
                    self._tell(NotKept(reason, stays=False))

        self._keeper.work(guarded)

    def keep(self, run: TrainingRun) -> Path | None:
        """Write the network to a file now; None if there is nothing to keep.

        Raises
        ------
        NotKeptError
            It can't be written.
        """
        if self._folder is None:
            return None
        if run.changes != self._kept:
            self._keeper.wait()
        if run.changes != self._kept and is_finite(run):
            try:
                self._writing(run)()
            except (ConvvizError, ValueError, OSError, MemoryError) as error:
                if run.changes == self._saved:
                    return None
                raise NotKeptError(str(error) or type(error).__name__) from error
            self._due = False
        return self._path

    def remember(self, record: LastSession, run: TrainingRun | None) -> None:
        """Record what is open, and which file has the current network."""
        self._last = record
        if self._folder is not None:
            folder, made = self._folder, record if run is None else self._record(run) or record
            self._work(lambda: folder.write(made))

    def _place(self, run: TrainingRun) -> Path:
        assert self._folder is not None
        if self._path is None:
            self._path = self._folder.place_for(run.trainer.design.name)
        return self._path

    def _is_ours(self, path: Path) -> bool:
        return self._folder is not None and path.parent == self._folder.path

    def _record(self, run: TrainingRun) -> LastSession | None:
        recording = run.recording.path
        if self._last is None or (self._path is None and recording is None):
            return self._last
        position = run.trainer.position
        return msgspec.structs.replace(
            self._last,
            network="" if self._path is None else self._path.name,
            epoch=position.epoch,
            step=position.step,
            accuracy=run.test_accuracy,
            recording="" if recording is None else str(recording),
            measured=run.epochs_done,
        )


def is_finite(run: TrainingRun) -> bool:
    """Whether all of the network's numbers are finite; otherwise the last good file stays."""
    return all(bool(np.isfinite(array).all()) for array in run.trainer.network.arrays.values())
