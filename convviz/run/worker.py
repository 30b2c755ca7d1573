"""The thread that a session runs in."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from convviz.run.messages import Message
from convviz.run.session import Session


def run_in_thread(session: Session) -> threading.Thread:
    """Serve a session in its own thread, which ends with the :class:`Quit` command."""
    thread = threading.Thread(target=session.serve, name="convviz-session", daemon=True)
    thread.start()
    return thread


def drain(session: Session, until: Callable[[Message], bool], seconds: float = 60.0) -> list[Message]:
    """Messages up to and including the first for which ``until`` holds.

    Raises
    ------
    TimeoutError
    """
    found: list[Message] = []
    end = time.monotonic() + seconds
    while True:
        try:
            found.append(session.messages.get(timeout=max(end - time.monotonic(), 0.001)))
        except queue.Empty:
            raise TimeoutError(f"no such message within {seconds:g} s; the last was {found[-1:]}") from None
        if until(found[-1]):
            return found
