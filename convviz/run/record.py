"""What a run leaves behind beside its weights: the measures of its epochs, and the time it took."""

from __future__ import annotations

from convviz.run.model import PastEpoch
from convviz.training.events import EpochDone, Event


class RunRecord:
    """Grows with the run.

    Parameters
    ----------
    epochs : tuple of PastEpoch
        Those that were done before.
    seconds : float
        Time of training before.
    """

    def __init__(self, epochs: tuple[PastEpoch, ...] = (), seconds: float = 0.0) -> None:
        self.epochs = epochs
        self.seconds = seconds

    def add(self, event: Event, seconds: float) -> None:
        """Something was done that took so long."""
        self.seconds += seconds
        if isinstance(event, EpochDone):
            row = PastEpoch(
                event.loss,
                event.train_loss,
                event.train_accuracy,
                event.test_loss,
                event.test_accuracy,
                self.seconds,
            )
            self.epochs = (*self.epochs, row)
