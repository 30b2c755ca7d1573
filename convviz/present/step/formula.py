"""Typeset formulas: LaTeX to SVG, cached."""

from __future__ import annotations

import warnings
from functools import lru_cache


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it locates its font with a deprecated call
        from ziamath.config import config
        from ziamath.zmath import Latex

    config.svg2 = False  # Qt's renderer knows SVG 1.2 Tiny
    return str(Latex(latex, size=size, color=colour).svg()).encode()
