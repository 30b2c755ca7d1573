"""The existing recording of a run that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from convviz.core.design import Design
from convviz.files.claim import refuse_claimed
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Head
from convviz.storage.recording.read import Recording

__all__ = ["Earlier", "earlier_recording"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A recording that is continued.

    Parameters
    ----------
    head : Head
    design : Design
        The design in force at the place where it goes on.
    """

    head: Head
    design: Design


def earlier_recording(path: Path, state: NetworkState) -> Earlier:
    """The recording at ``path``, if it is that of the run which goes on from ``state``.

    Raises
    ------
    RecordingError
        It is that of another run, or ends before ``state``.
    OutputError
        Another run is recorded there.
    """
    refuse_claimed(path)
    step = state.place.step
    with Recording(path) as recording:
        head = recording.head
        wanted = f"{path}: expected the recording of the run that goes on at step {step:,}, or a new file"
        if not head.begin <= step <= recording.last_step:
            raise RecordingError(f"{wanted}, got one of steps {head.begin:,} to {recording.last_step:,}")
        known = head.data.fingerprint
        is_same = (
            recording.place(step, state.place.learning_rate).losses == state.place.losses
            and [one.loss for one in recording.epochs_until(step)[: state.place.evaluated]]
            == [one.loss for one in state.epochs]
            and recording.design(1).layers == state.design.layers
            and (known is None or state.data is None or not known.difference(state.data))
        )
        if not is_same:
            raise RecordingError(f"{wanted}, got that of another run")
        edits = [event.design for event in recording.events() if event.kind == "design" and event.step <= step]
        return Earlier(head, recording.design(next((one for one in reversed(edits) if one), 1)))
