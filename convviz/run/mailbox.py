"""A slot between two threads that holds the newest picture only."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot, latest wins.

    The reader says that it wants something; the writer looks at :attr:`wanted` when it has a moment, and posts. A
    picture that nobody has fetched is replaced by the next one, so a slow reader never makes a queue.
    """

    def __init__(self) -> None:
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

    def fetch(self) -> T | None:
        """Take the item out; None where there is none."""
        with self._lock:
            item, self._item = self._item, None
            return item
