"""Why something was refused, as a value that tests can compare."""

from __future__ import annotations

from collections.abc import Callable

from convviz.core.errors import DesignError


def refusal(act: Callable[[], object]) -> DesignError | None:
    """The error that an act raised, or None."""
    try:
        act()
    except DesignError as error:
        return error
    return None
