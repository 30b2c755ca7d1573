"""A slot between two threads that holds only the newest picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from convviz.run.outbox import nobody

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot; the latest item wins.

    The reader asks for an item; the writer checks :attr:`wanted` from time to time, and posts. A picture that was not
    fetched is replaced by the next one, so a slow reader never causes a queue.

    Attributes
    ----------
    arrived : callable
        Called in the writer's thread after each post.
    """

    def __init__(self) -> None:
        self.arrived: Callable[[], None] = nobody
        self._lock = threading.Lock()
        self._item: T | None = None
        self._wanted = threading.Event()

    @property
    def wanted(self) -> bool:
        """Whether the reader waits for a new item."""
        return self._wanted.is_set()

    def want(self) -> None:
        """Ask for a new item."""
        self._wanted.set()

    def post(self, item: T) -> None:
        """Put an item into the slot."""
        with self._lock:
            self._item = item
            self._wanted.clear()
        self.arrived()

    def fetch(self) -> T | None:
        """Take the item out; None if there is none."""
        with self._lock:
            item, self._item = self._item, None
            return item
