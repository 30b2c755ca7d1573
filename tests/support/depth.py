"""How many random cases a test draws. ``CONVVIZ_TEST_DEPTH=10`` draws ten times as many."""

from __future__ import annotations

import os

DEPTH = int(os.environ.get("CONVVIZ_TEST_DEPTH", "1"))


def cases(count: int) -> int:
    """So many by default."""
    return count * DEPTH
