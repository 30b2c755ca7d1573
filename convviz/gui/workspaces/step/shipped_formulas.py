"""Reads the formulas that convviz ships typeset."""

from __future__ import annotations

from functools import lru_cache

from convviz.paths import resource
from convviz.present.step.formula import formula_lines
from convviz.present.step.typeset import FILE, SIZE, TypesetFormulas


@lru_cache(maxsize=1)
def shipped_formulas() -> TypesetFormulas:
    """What is shipped; nothing, and all is typeset when it is asked for, if the file can't be read."""
    try:
        return TypesetFormulas.read(resource(FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return TypesetFormulas()


def is_shipped(latex: str) -> bool:
    """Whether a formula, and the lines that it may be broken into, are shipped."""
    return latex in shipped_formulas().formulas


def shipped_lines(latex: str, colour: str, room: float) -> tuple[bytes, ...]:
    """A formula that is shipped, as :func:`~convviz.present.step.formula.formula_lines` returns it."""
    found = shipped_formulas()
    return formula_lines(latex, colour, SIZE, room, lambda one, ink, _size: found.svg(one, ink))
