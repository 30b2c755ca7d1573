"""A slot between two threads that holds only the newest picture."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot; the latest item wins.

    The reader asks for an item; the writer checks :attr:`wanted` from time to time, and posts. A picture that was not
    fetched is replaced by the next one, so a slow reader never causes a queue.
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
        """Take the item out; None if there is none."""
        with self._lock:
            item, self._item = self._item, None
            return item
