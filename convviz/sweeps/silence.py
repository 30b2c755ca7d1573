"""Whether runs that have fallen silent are still being trained.

Dask tells a client when a result is there, when it failed and when what it needs is gone; but not always. Workers that
die at the same moment, or while data is on its way to them, can leave a run that waits for images which nobody has, or
one that the scheduler has forgotten. The sweep would wait for it for ever.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Silence"]

PATIENCE = 10.0
"""Seconds of silence after which the workers are asked."""
MOST_PATIENCE = 300.0
"""Most seconds of silence: they double after each loss, lest slow images be sent again and again."""
ANSWER = 5.0
"""Seconds to wait for an answer."""
UNANSWERED = 6
"""This many unanswered questions in a row count as the answer that nothing is trained."""


class Silence:
    """How long nothing has come from a sweep's runs, and whether they are lost.

    Parameters
    ----------
    client : distributed.Client
    topic : str
        What the keys of the sweep's runs begin with.
    """

    def __init__(self, client: Client, topic: str) -> None:
        self._client, self._topic = client, topic
        self._patience = PATIENCE
        self._unanswered = 0
        self._since = time.monotonic()

    def heard(self) -> None:
        """Note that something came from a run, or was sent to one."""
        self._since = time.monotonic()

    def is_lost(self) -> bool:
        """Whether no run of the sweep is trained though a worker could train one. Asks only after a long silence."""
        if time.monotonic() - self._since < self._patience:
            return False
        try:
            lost = not self._is_trained()
            self._unanswered = 0
        except (OSError, KeyError):  # a worker that was lost meanwhile, or is too busy to answer
            self._unanswered += 1
            lost = self._unanswered >= UNANSWERED
        if lost:
            self._unanswered = 0
            self._patience = min(2 * self._patience, MOST_PATIENCE)
        self.heard()
        return lost

    def _is_trained(self) -> bool:
        """Whether a worker trains a run of the sweep, or all of them are busy with something else."""
        ask, scheduler = self._client.sync, self._client.scheduler
        stacks: dict[str, dict[Any, Any]] = ask(scheduler.call_stack, callback_timeout=ANSWER)
        if any(str(key).startswith(self._topic) for stack in stacks.values() for key in stack):
            return True
        threads: dict[str, int] = ask(scheduler.ncores, callback_timeout=ANSWER)
        # Without any worker the images are gone as well.
        return bool(threads) and all(len(stacks.get(worker, ())) >= count for worker, count in threads.items())
