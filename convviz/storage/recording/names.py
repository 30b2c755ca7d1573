"""What a recorded run is called, wherever it is named: by the user's name or, with when it began, by its design's."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from convviz.storage.recording.folder import begun_at, is_named_by_us, plain_name
from convviz.storage.recording.head import Parent
from convviz.storage.recording.notes import RunNotes, RunRemarks
from convviz.storage.recording.read import Recording
from convviz.storage.recording.when import short_clock

__all__ = ["full_name", "given_name", "name_of_recording", "parent_name", "short_name"]

UNTITLED = "an untitled design"


def short_name(path: Path, design: str, given: str = "") -> str:
    """The name of a run, which others of the same design have too: ``course-7×7``.

    Parameters
    ----------
    path : Path
        Of its recording; a file that the user named names the run.
    design : str
        Name of its design.
    given : str
        The name that the user gave it in the remarks on runs, if any.
    """
    return given or (design or UNTITLED if is_named_by_us(path) else path.stem)


def full_name(path: Path, design: str, created: str, given: str = "", now: datetime | None = None) -> str:
    """The name of a run among all of its design: ``course-7×7 of 14:02``. One that the user gave stands alone.

    Parameters
    ----------
    path, design, given
        As for :func:`short_name`.
    created : str
        When it was begun (ISO 8601), by what its recording says. The name of its file comes first: it is all that is
        known of a run whose recording is gone, and may be of the minute before.
    now : datetime, optional
    """
    name = short_name(path, design, given)
    when = "" if given or not is_named_by_us(path) else short_clock(begun_at(path) or created, now)
    return f"{name} of {when}" if when else name


def given_name(recording: Recording) -> str:
    """The name that the user gave a run in the remarks beside its recording; empty if none."""
    return RunNotes(recording.path.parent).marks.get(recording.head.id, RunRemarks()).name


def name_of_recording(recording: Recording) -> str:
    """The full name of a run whose recording is open."""
    head = recording.head
    return full_name(recording.path, head.name, head.created, given_name(recording))


def parent_name(parent: Parent) -> str:
    """The full name of the run that another one branched from, by the name of its file alone."""
    path = Path(parent.name)
    return full_name(path, plain_name(path), "")
