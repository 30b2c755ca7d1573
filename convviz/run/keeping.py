"""Saves models to files while training continues."""

from __future__ import annotations

import dataclasses
import queue
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from convviz.core.errors import ConvvizError
from convviz.run.messages import Message, NotSaved, Saved
from convviz.run.opening import OpenData, fingerprint_of
from convviz.storage.model_files import save_model
from convviz.storage.network_state import NetworkState
from convviz.training.events import Position


class Keeper:
    """A thread that writes one file after the other, in the order of the requests.

    Parameters
    ----------
    messages : queue.SimpleQueue
        Gets a :class:`Saved` or :class:`NotSaved` for every file.
    """

    def __init__(self, messages: queue.SimpleQueue[Message]) -> None:
        self._messages = messages
        self._thread: ThreadPoolExecutor | None = None

    def keep(self, path: Path, position: Position, state: NetworkState, used: OpenData) -> None:
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
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "convviz-keeper")
        self._thread.submit(self._write, path, position, state, used)

    def close(self) -> None:
        """Return when all files have been written."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _write(self, path: Path, position: Position, state: NetworkState, used: OpenData) -> None:
        # Answered whatever happens: somebody may be waiting for it.
        name = path.name
        outcome: Message = NotSaved(name, f"{name}: can't be written")
        try:
            if state.place.step:
                state = dataclasses.replace(state, data=fingerprint_of(used.name, used.train, used.test))
            save_model(path, state)
            outcome = Saved(name, position)
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            outcome = NotSaved(name, str(error) or f"{name}: can't be written: {type(error).__name__}")
        finally:
            self._messages.put(outcome)
