"""Messages that must not be lost, on their way out of the session's thread."""

from __future__ import annotations

import queue
from collections.abc import Callable

from convviz.run.messages import Message, WorstImages
from convviz.training.events import EpochDone, Evaluating, MinibatchDone
from convviz.training.layers_measured import LayersMeasured

PROGRESS = (MinibatchDone, Evaluating, EpochDone, LayersMeasured, WorstImages)
"""What a run brings by itself, up to hundreds of times a second: the reader looks for it when it has time. A run does
not hold or end without another message after it."""


def nobody() -> None:
    """The listener that does nothing."""


class Outbox(queue.SimpleQueue[Message]):
    """An ordered queue that says when something else than progress has been put into it.

    Attributes
    ----------
    arrived : callable
        Is called in the thread that put it.
    """

    def __init__(self) -> None:
        self.arrived: Callable[[], None] = nobody

    def put(self, item: Message, block: bool = True, timeout: float | None = None) -> None:
        """Append a message."""
        super().put(item, block, timeout)
        if not isinstance(item, PROGRESS):
            self.arrived()
