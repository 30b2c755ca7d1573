"""The timeline of a run: its loss on a logarithmic scale, a column a pixel, and the marks above it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from convviz.present.history import History
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.peaks import loss_peaks

__all__ = ["LossColumns", "Sign", "TimelineMark", "TimelinePicture", "timeline_of", "timeline_picture"]

BLOCK = 64
"""Losses that are reduced to one entry, used where a pixel has many."""
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Something that happened after so many minibatches; ``kind`` is ``edit``, ``hit``, ``mark`` or ``fork``."""

    step: int
    text: str
    kind: str

    @property
    def headline(self) -> str:
        """The text without its explanation."""
        return self.text.partition(": ")[0].rstrip(".") if self.kind in ("hit", "mark") else self.text


@dataclass(frozen=True, slots=True)
class Sign:
    """Which network is on show, in a word; ``kind`` is that of a badge."""

    word: str
    kind: str
    about: str


PAST = Sign("Past", "accent", "This is the network as it was at a past moment: End shows the live one")
HELD = Sign("Held", "error", "The live network: a breakpoint holds its run")
LIVE = {
    "training": Sign("Live", "live", "The live network: it is trained while you look"),
    "paused": Sign("Paused", "neutral", "The live network: its run is paused"),
    "stopped": Sign("Stopped", "neutral", "The live network: its run was stopped, and Resume trains on from here"),
    "ended": Sign("Ended", "neutral", "The network at the end of its run"),
}


@dataclass(frozen=True, slots=True, eq=False)
class TimelinePicture:
    """What the timeline shows.

    Parameters
    ----------
    run : int
        Number of the run; another run replaces the timeline.
    steps, losses : ndarray, ``(n,)``
        Of every minibatch; steps ascending.
    marks : tuple of Mark
        By step.
    past : PastLook
    held : int or None
        Number of the minibatch that is held before its update.
    is_held : bool
        Whether a breakpoint holds the live run, before an update or after an epoch.
    """

    run: int
    steps: Values
    losses: Values
    marks: tuple[TimelineMark, ...] = ()
    past: PastLook = field(default_factory=PastLook)
    held: int | None = None
    is_held: bool = False

    @property
    def sign(self) -> Sign:
        """The sign of the moment on show."""
        if self.past.step is not None:
            return PAST
        return HELD if self.is_held else LIVE[self.past.live_state]

    def peak_from(self, step: int, way: int) -> int | None:
        """The nearest peak of the loss before (-1) or after (1) a step; None if there is none."""
        peaks = loss_peaks(self.steps, self.losses)
        beyond = peaks[peaks > step] if way > 0 else peaks[peaks < step][::-1]
        return int(beyond[0]) if len(beyond) else None

    @property
    def now(self) -> int:
        """Step of the moment on show."""
        return self.past.live if self.past.step is None else self.past.step

    def loss_at(self, step: int) -> float:
        """Loss of the minibatch that led to a step; NaN if it is not known."""
        at = int(np.searchsorted(self.steps, step))
        return float(self.losses[at]) if at < len(self.steps) and self.steps[at] == step else float("nan")


def timeline_picture(look: Look, past: PastLook) -> TimelinePicture | None:
    """The timeline of a look; None where nothing is recorded, or nothing was trained."""
    is_held = look.breakpoints is not None and look.breakpoints.held is not None
    return timeline_of(look.history, past, None if look.hold is None else look.hold.step, is_held=is_held)


def timeline_of(
    history: History, past: PastLook, held: int | None = None, *, is_held: bool = False
) -> TimelinePicture | None:
    """The same from the curves of a run."""
    track = history.minibatches
    if not past.can_replay or not len(track):
        return None
    marks = [TimelineMark(step, text, "edit") for step, text in history.edits.sentences()]
    marks += [TimelineMark(step, text, kind) for step, text, kind in history.marks]
    marks += [TimelineMark(one.step, f"branch: {one.words}", "fork") for one in past.family if not one.is_parent]
    marks.sort(key=lambda one: one.step)
    return TimelinePicture(history.runs, track.column(0), track.column(1), tuple(marks), past, held, is_held)


class LossColumns:
    """The largest and the mean loss of each pixel's minibatches; each loss of a run is reduced only once."""

    def __init__(self) -> None:
        self._run = -1
        self._largest: Values = np.empty(0)
        self._mean: Values = np.empty(0)

    def of(
        self, picture: TimelinePicture, width: int, last: float, first: float = 0.0
    ) -> tuple[Values, Values, Values]:
        """Columns of a picture.

        Parameters
        ----------
        picture : TimelinePicture
        width : int
            Pixels that the steps from ``first`` to ``last`` take.
        last, first : float

        Returns
        -------
        x, largest, mean : ndarray, ``(k,)``
            Pixel, and its losses; those without a finite, positive loss are left out.
        """
        start = max(int(np.searchsorted(picture.steps, first)) - 1, 0)
        end = int(np.searchsorted(picture.steps, last, side="right")) + 1
        steps, largest = picture.steps[start:end], picture.losses[start:end]
        mean = largest
        if len(steps) > 2 * BLOCK * width:
            self._grow(picture)
            blocks = slice(start // BLOCK, min(len(self._largest), -(-end // BLOCK)))
            steps, largest, mean = picture.steps[::BLOCK][blocks], self._largest[blocks], self._mean[blocks]
        inside = (steps >= first) & (steps <= last)
        steps, largest, mean = steps[inside], largest[inside], mean[inside]
        pixel = ((steps - first) * ((width - 1) / max(last - first, 1))).astype(np.intp)
        good = np.isfinite(largest) & (largest > 0) & np.isfinite(mean) & (mean > 0)
        pixel, largest, mean = pixel[good], largest[good], mean[good]
        if not len(pixel):
            return np.empty(0), np.empty(0), np.empty(0)
        starts = np.flatnonzero(np.diff(pixel, prepend=-1))
        counts = np.diff(starts, append=len(pixel))
        return (
            pixel[starts].astype(np.float64),
            np.maximum.reduceat(largest, starts),
            np.add.reduceat(mean, starts) / counts,
        )

    def _grow(self, picture: TimelinePicture) -> None:
        if picture.run != self._run:
            self._run, self._largest, self._mean = picture.run, np.empty(0), np.empty(0)
        done, whole = len(self._largest), len(picture.losses) // BLOCK
        if whole > done:
            fresh = picture.losses[done * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
            finite = np.isfinite(fresh)
            count = finite.sum(axis=1)
            total = np.where(finite, fresh, 0.0).sum(axis=1)
            means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
            self._largest = np.concatenate([self._largest, np.where(finite, fresh, 0.0).max(axis=1)])
            self._mean = np.concatenate([self._mean, means])
