"""Makes what a session trains: an untrained network, a model from a file, a recorded run, or a branch of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled
from convviz.run.commands import Branch, OpenModel, OpenRecording, Prepare
from convviz.run.messages import Busy, OtherData, PreprocessAsked
from convviz.run.opening import OpenData, OpenedModel, open_data, open_model
from convviz.run.recording.branching import open_branch
from convviz.run.recording.reopening import open_recorded
from convviz.run.recording.way import Told
from convviz.storage.model_files import load_model
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.folder import begun_at, is_named_by_us, plain_name
from convviz.storage.recording.when import short_clock
from convviz.training.trainer import Trainer

__all__ = ["Maker", "Making"]

Making = Prepare | OpenModel | OpenRecording | Branch
"""The commands that replace the network."""


def words_of(command: Making) -> str:
    """The words that the user reads meanwhile."""
    match command:
        case Prepare(data=None):
            return "Making the network"
        case Prepare(data=data):
            assert data is not None
            return f"Opening {data.name}"
        case Branch():
            return f"Going back to step {command.step:,}"
        case OpenRecording():
            return f"Opening {run_name(command.path)}"
        case OpenModel():
            return f"Opening {command.path.name}"


def run_name(path: Path) -> str:
    """``the run course-7×7 of 14:02``: what the user knows it by, not the name that we gave its file."""
    if not is_named_by_us(path):
        return path.name
    when = short_clock(begun_at(path))  # by its name: these words are read while the file itself is waited for
    return f"the run {plain_name(path)}{f' of {when}' if when else ''}"


class Maker:
    """Obeys commands that replace the network.

    If a model of another program is read and the user is asked about its preprocessing, the model is kept until the
    next command and not read again for the answer.

    Parameters
    ----------
    tell : callable
        Takes a :class:`~convviz.run.messages.Busy`: what is done, how far it is, and that it has ended.
    """

    def __init__(self, tell: Callable[[Busy], object]) -> None:
        self._tell = tell
        self._kept: tuple[tuple[object, ...], NetworkState] | None = None

    def make(
        self, command: Making, current: OpenData | None, threads: int, cancelled: Cancelled
    ) -> OpenedModel | OtherData | PreprocessAsked:
        """Obey a command; ``current`` is the data set that is open.

        Raises
        ------
        ConvvizError, ValueError, OSError
            It is impossible; nothing is lost.
        """
        tell = self._tell
        words, said, replays = words_of(command), [-1], isinstance(command, OpenRecording | Branch)
        tell(Busy(words, replays=replays))

        def told(done: int, total: int) -> None:
            share = 100 * done // max(total, 1)
            if share != said[0]:  # a replay may have thousands of minibatches
                said[0] = share
                tell(Busy(words, done, total, replays))

        try:
            return self._make(command, current, threads, cancelled, told)
        finally:
            tell(Busy(""))

    def _make(
        self, command: Making, current: OpenData | None, threads: int, cancelled: Cancelled, told: Told
    ) -> OpenedModel | OtherData | PreprocessAsked:
        if not isinstance(command, OpenModel):
            self._kept = None
            return made(command, current, threads, cancelled, told)
        found = None
        try:
            found = open_model(command, current, threads, cancelled, self._read)
        finally:
            if not isinstance(found, PreprocessAsked):
                self._kept = None
        return found

    def _read(self, path: Path, cancelled: Cancelled | None = None) -> NetworkState:
        """Read a model, or take the one that was read last if its file is still the same."""
        try:
            about = path.stat()
        except OSError:
            return load_model(path, cancelled)  # reading it reports what is wrong
        file = path, about.st_ino, about.st_size, about.st_mtime_ns
        if self._kept is None or self._kept[0] != file:
            self._kept = file, load_model(path, cancelled)
        return self._kept[1]


def made(
    command: Prepare | OpenRecording | Branch,
    current: OpenData | None,
    threads: int,
    cancelled: Cancelled,
    told: Told,
) -> OpenedModel | OtherData:
    """Make what needs no model."""
    match command:
        case Branch():
            return open_branch(command, current, threads, cancelled, told)
        case OpenRecording():
            return open_recorded(command, current, threads, cancelled, told)
        case Prepare():
            data = current if command.data is None else open_data(command.data, cancelled)
            if data is None:
                raise ConvvizError("no data set is open")
            trainer = Trainer(command.design, data.train, data.test, threads=threads)
            return OpenedModel(trainer, data)
