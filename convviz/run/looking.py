"""What it costs training that somebody looks at it, as training itself notices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from convviz.run.training_run import TrainingRun
from convviz.training.events import Event, MinibatchDone


@dataclass(slots=True)
class Looking:
    """Counts how long minibatches take while a picture is drawn, and while none is.

    The session's thread writes it; the window's thread reads it, and says when a picture is drawn. Sums only grow, so
    that a reader takes differences.

    Attributes
    ----------
    is_drawing : bool
        A picture was posted and is not drawn yet.
    lit, dark : int
        Minibatches that began while one was drawn, and others.
    lit_seconds, dark_seconds : float
        How long they took in all.
    making_seconds : float
        How long it took to make pictures.
    """

    is_drawing: bool = False
    lit: int = 0
    dark: int = 0
    lit_seconds: float = 0.0
    dark_seconds: float = 0.0
    making_seconds: float = 0.0

    def advance(self, run: TrainingRun, *, keep: bool, wanted: bool) -> Event | None:
        """Let a run take its next step, and note how long it took."""
        began, is_lit = time.perf_counter(), self.is_drawing
        event = run.advance(keep=keep, wanted=wanted)
        if isinstance(event, MinibatchDone):
            seconds = time.perf_counter() - began
            if is_lit:
                self.lit += 1
                self.lit_seconds += seconds
            else:
                self.dark += 1
                self.dark_seconds += seconds
        return event

    @contextmanager
    def making(self) -> Iterator[None]:
        """A picture is made here and posted, to be drawn from then on."""
        began = time.perf_counter()
        self.is_drawing = True
        yield
        self.making_seconds += time.perf_counter() - began
