"""Writes models into files while the training goes on."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from convviz.core.errors import ConvvizError
from convviz.run.messages import Message, NotSaved, Saved
from convviz.training.events import Position


class Keeper:
    """A thread that writes one file after the other, in the order they were asked for.

    Parameters
    ----------
    messages : queue.SimpleQueue
        Gets a :class:`Saved` or :class:`NotSaved` for every file.
    """

    def __init__(self, messages: queue.SimpleQueue[Message]) -> None:
        self._messages = messages
        self._thread: ThreadPoolExecutor | None = None

    def keep(self, name: str, position: Position, write: Callable[[], None]) -> None:
        """Write a file as soon as those before it are written."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "convviz-keeper")
        self._thread.submit(self._write, name, position, write)

    def close(self) -> None:
        """Return when all files have been written."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _write(self, name: str, position: Position, write: Callable[[], None]) -> None:
        # Told whatever happens: somebody may wait for it.
        outcome: Message = NotSaved(name, f"{name}: can't be written")
        try:
            write()
            outcome = Saved(name, position)
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            outcome = NotSaved(name, str(error) or f"{name}: can't be written: {type(error).__name__}")
        finally:
            self._messages.put(outcome)
