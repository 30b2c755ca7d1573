"""Copies a recording to a file that the user chose."""

from __future__ import annotations

from collections.abc import Callable

from convviz.core.errors import ConvvizError
from convviz.run.commands import KeepRecording
from convviz.run.keeping import Keeper
from convviz.run.messages import RecordingKept
from convviz.run.reasons import sentence
from convviz.run.recording.run_recording import RunRecording
from convviz.storage.recording.copying import copy_recording


def keep_recording(
    command: KeepRecording, kept: RunRecording | None, keeper: Keeper, tell: Callable[[RecordingKept], object]
) -> None:
    """Copy a recording, by default the run's own, to a file that the user chose, in the background."""
    path, source = command.path, command.source or (None if kept is None else kept.path)
    if source is None:
        tell(RecordingKept(path, f"{path.name}: there is no recorded run to keep yet"))
        return

    def copy() -> None:
        reason = f"{path.name}: can't be written"
        try:
            if kept is not None:
                kept.flush()
            copy_recording(source, path)
            reason = ""
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            reason = sentence(error)
        finally:
            tell(RecordingKept(path, reason))

    keeper.work(copy)
