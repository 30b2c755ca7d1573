"""The moments that a recording has without replay; without its data set there are no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.files.cancel import Cancelled
from convviz.run.recording.replay import Agreement
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone, Position
from convviz.training.minibatch import Minibatch

__all__ = ["KeyPointsOnly", "Moments"]


class Moments(Protocol):
    """Goes to moments of a run: :class:`~convviz.run.recording.replay.Replayer`, or :class:`KeyPointsOnly`."""

    agreement: Agreement

    def go_to(
        self,
        step: int,
        *,
        before: bool = False,
        cancelled: Cancelled | None = None,
        passed: Callable[[MinibatchDone], object] | None = None,
    ) -> None:
        """Load or replay the network as it was after ``step`` minibatches."""

    def minibatch(self, step: int, *, cancelled: Cancelled | None = None) -> Minibatch:
        """The minibatch that led to ``step``."""

    def gradients(self) -> dict[str, Array]:
        """Gradients of the last minibatch; empty if unknown."""

    @property
    def arrays(self) -> Mapping[str, Array]:
        """The network's arrays at the current step."""

    @property
    def design(self) -> Design:
        """With the settings of that moment."""

    @property
    def step(self) -> int:
        """The current step."""

    @property
    def position(self) -> Position:
        """Position of the run at the current step."""


class KeyPointsOnly:
    """Goes to key points.

    Parameters
    ----------
    recording : Recording
    missing : str
        Why there are no other moments: one sentence.
    """

    def __init__(self, recording: Recording, missing: str) -> None:
        self._recording, self._missing = recording, missing
        self._state: NetworkState | None = None
        self.agreement = Agreement(-1)

    def __enter__(self) -> KeyPointsOnly:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def go_to(
        self,
        step: int,
        *,
        before: bool = False,
        cancelled: Cancelled | None = None,
        passed: Callable[[MinibatchDone], object] | None = None,
    ) -> None:
        """Load the network of a key point.

        Raises
        ------
        RecordingError
            There is none at that step.
        """
        points = [point for point in self._recording.key_points() if point.step == step]
        if not points:
            raise RecordingError(self._missing)
        self._state, self.agreement = self._recording.state(points[0]), Agreement(step)

    def minibatch(self, step: int, *, cancelled: Cancelled | None = None) -> Minibatch:
        """No minibatch can be replayed.

        Raises
        ------
        RecordingError
        """
        raise RecordingError(self._missing)

    def gradients(self) -> dict[str, Array]:
        """None are recorded."""
        return {}

    @property
    def arrays(self) -> Mapping[str, Array]:
        """The network's arrays at the key point."""
        return self._at.arrays

    @property
    def design(self) -> Design:
        """With the settings of that moment."""
        return self._at.design

    @property
    def step(self) -> int:
        """Of the key point."""
        return self._at.place.step

    @property
    def position(self) -> Position:
        """Position of the run at the key point."""
        place = self._at.place
        minibatches = self._recording.head.minibatches
        return Position(place.epoch, place.minibatch, place.step, self._at.design.training.epochs, minibatches)

    @property
    def _at(self) -> NetworkState:
        assert self._state is not None
        return self._state
