"""Where a run stands: with the network's arrays, all that is needed to go on as if it had never stopped.

Random numbers need no saving: every draw is named by the seed, the epoch and the step (see :mod:`convviz.core.seeds`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands.

    Parameters
    ----------
    epoch : int
        From 1; 0 before the first minibatch.
    minibatch : int
        Minibatches done in this epoch.
    step : int
        Minibatches done in all.
    evaluated : int
        Epochs that were trained and evaluated: ``epoch``, or one less while an epoch is open.
    losses : tuple of float
        Loss of every minibatch of this epoch so far.
    learning_rate : float
        What the schedule multiplies.
    """

    epoch: int = 0
    minibatch: int = 0
    step: int = 0
    evaluated: int = 0
    losses: tuple[float, ...] = ()
    learning_rate: float = 0.01

    def problem(self, minibatches: int, epochs: int) -> str:
        """What is impossible in a run of so many minibatches an epoch and so many epochs; empty if nothing is.

        Parameters
        ----------
        minibatches : int
            Of an epoch, at least 1.
        epochs : int
        """
        if not 0 <= self.epoch <= epochs:
            return f"epoch: expected 0 to {epochs:,}, got {self.epoch:,}"
        most = minibatches if self.epoch else 0
        if not 0 <= self.minibatch <= most:
            return f"minibatch: expected 0 to {most:,}, got {self.minibatch:,}"
        step = max(self.epoch - 1, 0) * minibatches + self.minibatch
        if self.step != step:
            return f"step: expected {step:,}, got {self.step:,}"
        least = max(self.epoch - 1, 0)
        either = {self.epoch, least} if self.minibatch == most else {least}
        if self.evaluated not in either:
            return f"evaluated epochs: expected {' or '.join(map(str, sorted(either)))}, got {self.evaluated:,}"
        if len(self.losses) != self.minibatch:
            return f"losses: expected {self.minibatch:,}, one a minibatch, got {len(self.losses):,}"
        if not all(map(math.isfinite, self.losses)):
            return "losses: expected finite numbers, got NaN or infinity"
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            return f"learning rate: expected a number greater than 0, got {self.learning_rate:g}"
        return ""
