"""What drawing pictures costs training, measured in the session's thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from convviz.run.training_run import TrainingRun
from convviz.training.events import Event, MinibatchDone


@dataclass(slots=True)
class DrawingCost:
    """Counts how long minibatches take while a picture is drawn, and while none is.

    The session's thread writes it; the window's thread reads it, and says when a picture is drawn and whether anybody
    can see the window. Sums only grow, so that a reader takes differences.

    Attributes
    ----------
    is_drawing : bool
        A picture was posted and is not drawn yet.
    is_seen : bool
        The window is on the screen; in one that is not, less is measured.
    drawn, other : int
        Minibatches that began while one was drawn, and others.
    drawn_seconds, other_seconds : float
        How long they took in all.
    making_seconds : float
        How long it took to make pictures, and to measure the layers for the curves and the health beside them.
    """

    is_drawing: bool = False
    is_seen: bool = True
    drawn: int = 0
    other: int = 0
    drawn_seconds: float = 0.0
    other_seconds: float = 0.0
    making_seconds: float = 0.0

    def advance(self, run: TrainingRun, *, keep: bool, wanted: bool) -> Event | None:
        """Let a run take its next step, and note how long that took, apart from measuring its layers."""
        began, is_drawn = time.perf_counter(), self.is_drawing
        event = run.advance(keep=keep, wanted=wanted, seen=self.is_seen)
        if isinstance(event, MinibatchDone):
            seconds = time.perf_counter() - began
            if (measured := run.layers.shared) is not None:
                self.making_seconds += measured.costs.seconds
                seconds -= measured.costs.seconds
            if is_drawn:
                self.drawn += 1
                self.drawn_seconds += seconds
            else:
                self.other += 1
                self.other_seconds += seconds
        return event

    @contextmanager
    def making(self) -> Iterator[None]:
        """Measures a block in which a picture is made and posted; from then on it is being drawn."""
        began = time.perf_counter()
        self.is_drawing = True
        yield
        self.making_seconds += time.perf_counter() - began
