"""Typeset formulas: LaTeX to SVG, cached."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType

WIDTH = re.compile(rb'<svg[^>]*?\bwidth="([\d.]+)')


@lru_cache(maxsize=512)
def formula_svg(latex: str, colour: str, size: float = 20.0) -> bytes:
    """Return a formula as an SVG document.

    Parameters
    ----------
    latex : str
    colour : str
        Text colour, ``#rrggbb``.
    size : float
        Font size in pixels.
    """
    svg = str(_typesetter().Latex(latex, size=size, color=colour).svg())
    return svg.replace('fill="black"', f'fill="{colour}"').encode()  # as ziamath has lines over symbols


def formula_lines(
    latex: str, colour: str, size: float, room: float, typeset: Callable[[str, str, float], bytes] = formula_svg
) -> tuple[bytes, ...]:
    """Return a formula as SVG documents: one, or several below each other where it is wider than ``room`` pixels.

    The first call takes about a second, because it loads the fonts.
    """
    whole = typeset(latex, colour, size)
    found = WIDTH.search(whole)
    if found is None or float(found[1]) <= room:
        return (whole,)
    return tuple(typeset(line, colour, size) for line in parts_of(latex)) or (whole,)


def parts_of(latex: str) -> tuple[str, ...]:
    """The lines of a formula that has no room on one; none if it can't be broken."""
    parts = latex.split(r", \quad ")
    if len(parts) > 1:  # the definitions of its symbols go below it
        return tuple(parts)
    left, equals, right = latex.partition(" = ")
    return (left, rf"\;= {right}") if equals else ()  # the left side on one line, the right side on the next


@lru_cache(maxsize=1)
def _typesetter() -> ModuleType:
    """ziamath, with its font."""
    from ziamath import zmath
    from ziamath.config import config

    config.svg2 = False  # Qt's renderer knows SVG 1.2 Tiny
    zmath.Latex("x")
    return zmath
