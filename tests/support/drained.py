"""What a session says, up to a message that a test waits for."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from convviz.run.messages import Message
from convviz.run.session import Session
from tests.support.patience import PATIENCE


def drain(session: Session, until: Callable[[Message], bool]) -> list[Message]:
    """Messages up to and including the first for which ``until`` holds.

    Raises
    ------
    TimeoutError
    """
    found: list[Message] = []
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found.append(session.messages.get(timeout=max(end - time.monotonic(), 0.001)))
        except queue.Empty:
            raise TimeoutError(f"no such message within {PATIENCE:g} s; the last was {found[-1:]}") from None
        if until(found[-1]):
            return found
