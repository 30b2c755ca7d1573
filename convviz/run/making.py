"""Makes what a session trains: an untrained network, a model from a file, a recorded run, or a branch of one."""

from __future__ import annotations

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled
from convviz.run.commands import Branch, OpenModel, OpenRecording, Prepare
from convviz.run.messages import OtherData, PreprocessAsked
from convviz.run.opening import OpenData, OpenedModel, open_data, open_model
from convviz.run.recording.branching import open_branch
from convviz.run.recording.reopening import open_recorded
from convviz.training.trainer import Trainer

__all__ = ["Making", "made", "words_of"]

Making = Prepare | OpenModel | OpenRecording | Branch
"""The commands that replace the network."""


def words_of(command: Making) -> str:
    """What the user reads meanwhile."""
    match command:
        case Prepare(data=None):
            return "Making the network"
        case Prepare(data=data):
            assert data is not None
            return f"Opening {data.name}"
        case Branch():
            return f"Going back to step {command.step:,}"
        case OpenModel() | OpenRecording():
            return f"Opening {command.path.name}"


def made(
    command: Making, current: OpenData | None, threads: int, cancelled: Cancelled
) -> OpenedModel | OtherData | PreprocessAsked:
    """Obey a command that replaces the network; ``current`` is the data set that is open.

    Raises
    ------
    ConvvizError, ValueError, OSError
        It is impossible; nothing is lost.
    """
    match command:
        case Branch():
            return open_branch(command, current, threads, cancelled)
        case OpenRecording():
            return open_recorded(command, current, threads, cancelled)
        case OpenModel():
            return open_model(command, current, threads, cancelled)
        case Prepare():
            data = current if command.data is None else open_data(command.data, cancelled)
            if data is None:
                raise ConvvizError("no data set is open")
            trainer = Trainer(command.design, data.train, data.test, threads=threads)
            return OpenedModel(trainer, data)
