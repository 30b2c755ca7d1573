"""Messages that must not be lost, on their way out of the session's thread."""

from __future__ import annotations

import queue
from collections.abc import Callable

from convviz.run.messages import Message, WorstImages
from convviz.training.events import EpochDone, Evaluating, MinibatchDone
from convviz.training.layers_measured import LayersMeasured

PROGRESS = (MinibatchDone, Evaluating, EpochDone, LayersMeasured, WorstImages)
"""Messages of a run in progress, up to hundreds a second: the reader fetches them when it has time. A run does not hold
or end without another message after it."""


def nobody() -> None:
    """The listener that does nothing."""


class Outbox(queue.SimpleQueue[Message]):
    """An ordered queue that reports when anything but progress has been put into it.

    Attributes
    ----------
    arrived : callable
        Called in the thread that put it.
    """

    def __init__(self) -> None:
        self.arrived: Callable[[], None] = nobody

    def put(self, item: Message, block: bool = True, timeout: float | None = None) -> None:
        """Append a message."""
        super().put(item, block, timeout)
        if not isinstance(item, PROGRESS):
            self.arrived()
