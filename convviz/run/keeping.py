"""Saves models to files while training continues."""

from __future__ import annotations

import dataclasses
import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from convviz.core.errors import ConvvizError
from convviz.run.messages import Message, NotSaved, Saved
from convviz.run.opening import OpenData
from convviz.storage.model_files import save_model
from convviz.storage.network_state import NetworkState
from convviz.training.events import Position
from convviz.training.known_fingerprint import KnownFingerprint


class Keeper:
    """A thread that writes one file after the other, in the order of the requests.

    Parameters
    ----------
    messages : queue.SimpleQueue
        Gets a :class:`Saved` or :class:`NotSaved` for every file.
    done : callable
        Called in this thread whenever something has been done.

    Attributes
    ----------
    prints : KnownFingerprint
        Fingerprint of the images that were read last; others may use it, too.
    """

    def __init__(self, messages: queue.SimpleQueue[Message], done: Callable[[], object] = lambda: None) -> None:
        self._messages, self._done = messages, done
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
        self.prints = KnownFingerprint()

    @property
    def is_busy(self) -> bool:
        """Whether something is being written, or waits for it."""
        return self._last is not None and not self._last.done()

    def wait(self) -> None:
        """Wait until all requests are written."""
        if self._last is not None:
            wait([self._last])

    def work(self, write: Callable[[], object]) -> None:
        """Do this after everything that was asked for before."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "convviz-keeper")
        self._last = self._thread.submit(self._work, write)

    def save(self, path: Path, state: NetworkState, used: OpenData) -> None:
        """Write a file, now.

        Raises
        ------
        ConvvizError, ValueError, OSError, MemoryError
        """
        if state.place.step:
            state = dataclasses.replace(state, data=self.prints.of(used.name, used.train, used.test))
        save_model(path, state)

    def keep(
        self, path: Path, position: Position, state: NetworkState, used: OpenData, saved: Callable[[], object]
    ) -> None:
        """Write a file as soon as those before it are written.

        Parameters
        ----------
        path : Path
        position : Position
            Repeated in the answer.
        state : NetworkState
            A copy that nobody writes into.
        used : OpenData
            The data that it is trained on. Its fingerprint is computed in this thread, because that reads all images.
        saved : callable
            Called in this thread when the file is written.
        """
        self.work(lambda: self._write(path, position, state, used, saved))

    def close(self) -> None:
        """Wait until all files have been written."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _write(
        self, path: Path, position: Position, state: NetworkState, used: OpenData, saved: Callable[[], object]
    ) -> None:
        # Answered in any case: another thread may be waiting for it.
        name = path.name
        outcome: Message = NotSaved(name, f"{name}: can't be written")
        try:
            self.save(path, state, used)
            outcome = Saved(name, position)
            saved()
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            outcome = NotSaved(name, str(error) or f"{name}: can't be written: {type(error).__name__}")
        finally:
            self._messages.put(outcome)

    def _work(self, write: Callable[[], object]) -> None:
        try:
            write()
        finally:
            self._done()
