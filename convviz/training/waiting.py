"""Whether a step of a pass is quick enough to be waited for."""

from __future__ import annotations

from convviz.core.work import work
from convviz.training.stepping import Pass

LONG = 100_000_000
"""Work from which on a step is not waited for."""


def is_long(run: Pass, step: int) -> bool:
    """Whether too much is left to run up to the end of a step for the window to wait for it."""
    return sum(work(run.program, one) for one in run.program.steps[run.ran : step + 1]) > LONG
