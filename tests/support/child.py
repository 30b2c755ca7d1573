"""Another Python process that a test talks to, which never outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from patience import PATIENCE


@contextmanager
def child(
    *arguments: str, seconds: float = PATIENCE, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run ``python *arguments`` beside the test, its output in pipes; without an ``env``, without a compiler.

    Python is up sooner without: see ``CONVVIZ_FAST``.

    It is killed when the block is left, however that happens, and after the given time: a test that still
    reads from it then sees the end of its output instead of waiting for ever.
    """
    command = [sys.executable, *arguments]
    env = env or {**os.environ, "CONVVIZ_FAST": "0"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        limit = threading.Timer(seconds, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()
