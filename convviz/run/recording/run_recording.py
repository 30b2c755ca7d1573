"""The recording of the run that a session trains: there is at most one, and it may have failed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from convviz.core.design import Design
from convviz.files.claim import kept_in_place
from convviz.run.opening import OpenData
from convviz.run.recording.measuring import SharedMeasures
from convviz.run.recording.recorder import Recorder
from convviz.run.recording.recordings import Past, Recordings
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.head import Parent
from convviz.storage.recording.rows import RunEvent
from convviz.training.events import Event
from convviz.training.layer_meter import MeasuringWish
from convviz.training.trainer import Trainer

__all__ = ["RunRecording"]


class RunRecording:
    """Passes what happens to the run on to its recorder, if there is one.

    Parameters
    ----------
    recordings : Recordings or None
        None records nothing.
    parent : Parent, optional
    opened : Path, optional
        The recording of the run up to here, if it was opened from one.
    stays : tuple of Path
        Recordings that have its past.

    Attributes
    ----------
    has_begun : bool
        Whether recording has begun, as far as anything is recorded.
    """

    def __init__(
        self,
        recordings: Recordings | None,
        parent: Parent | None = None,
        opened: Path | None = None,
        stays: tuple[Path, ...] = (),
    ) -> None:
        self._recordings, self._parent, self._opened, self._stays = recordings, parent, opened, stays
        self._kept = ExitStack()
        """Marks the recordings with its past as in use, so that none is removed."""
        if recordings is not None:
            for path in stays:
                if recordings.has(path):
                    self._kept.enter_context(kept_in_place(path))
        self._recorder: Recorder | None = None
        self.has_begun = self._is_over = False
        self._reason = ""

    @property
    def path(self) -> Path | None:
        """The file; None where nothing is recorded."""
        return self._opened if self._recorder is None else self._recorder.path

    def begin(self, trainer: Trainer, data: OpenData, epochs: tuple[EpochMeasures, ...], seconds: float) -> None:
        """Record from here on."""
        self.has_begun = True
        if self._recordings is None:
            return
        past = Past(self._parent, epochs, seconds, self._opened, self._stays)
        self._recorder = self._recordings.begin(trainer, data, past)

    def wish(self) -> MeasuringWish | None:
        """What the recording wants measured after the next minibatch; None where nothing is recorded."""
        return None if self._recorder is None else self._recorder.wish()

    def heard(self, event: Event, seconds: float, shared: SharedMeasures | None = None) -> None:
        """Record an event of the trainer; ``shared`` is what was measured of the layers after it already."""
        if self._recorder is not None:
            self._recorder.heard(event, seconds, shared)

    def set_learning_rate(self, rate: float) -> None:
        """Record a live edit of the base rate."""
        if self._recorder is not None:
            self._recorder.set_learning_rate(rate)

    def adopted(self, design: Design) -> None:
        """Record a live edit of settings."""
        if self._recorder is not None:
            self._recorder.adopted(design)

    def weights_changed(self, names: tuple[str, ...]) -> None:
        """Record that parameters were edited."""
        if self._recorder is not None:
            self._recorder.weights_changed(names)

    def mark(self, event: RunEvent) -> None:
        """Record a breakpoint's hit or a logpoint's mark."""
        if self._recorder is not None:
            self._recorder.add(event)

    def fails(self, error: Exception) -> None:
        """Remember why the run can't go on; recorded with its end."""
        self._reason = str(error) or "there is not enough memory"

    def ended(self, *, finished: bool) -> None:
        """Record that the run ended; it may go on later."""
        if self._recorder is not None:
            self._recorder.ended(finished=finished, reason=self._reason)
        self._reason, self._is_over = "", True

    def went_on(self) -> None:
        """Record that it goes on after it had ended."""
        if self._recorder is not None:
            self._recorder.went_on()
        self._is_over = False

    def flush(self) -> None:
        """Return when all is in the file."""
        if self._recorder is not None:
            self._recorder.flush()

    def close(self, trainer: Trainer) -> None:
        """Close the file: another run begins, or none."""
        if self._recorder is not None and self._recordings is not None:
            if not self._is_over:  # the window was closed during a run
                self._recorder.ended(finished=not trainer.has_more)
            self._recordings.end(self._recorder, trainer)
        if self._recorder is not None or trainer.position.step:
            self._parent = None  # the next one is trained from its beginning
        self._opened, self._stays = None, ()
        self._kept.close()
        self._recorder, self.has_begun, self._is_over = None, False, False
