"""The thread that a session runs in."""

from __future__ import annotations

import threading

from convviz.run.session import Session


def run_in_thread(session: Session) -> threading.Thread:
    """Serve a session in its own thread, which ends with the :class:`Quit` command."""
    thread = threading.Thread(target=session.serve, name="convviz-session", daemon=True)
    thread.start()
    return thread
