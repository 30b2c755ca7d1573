"""The formulas that convviz ships typeset, so that they are there with their step.

Typesetting one takes tens of milliseconds, in which the window and the thread that typesets take turns. The file holds
each glyph once, and for every formula where its glyphs and bars stand. ``tests/support/typeset_formulas.py`` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

SIZE = 19.0
"""The font size that they have, in pixels: that of Step's formulas."""
FILE = "formulas.json"
"""Among the resources."""


@dataclass(frozen=True, slots=True)
class TypesetFormula:
    """A formula that is typeset.

    Parameters
    ----------
    box : str
        The attributes of its SVG document that say how large it is.
    glyphs : sequence of (int, float, float)
        Numbers of paths, and where they begin.
    bars : sequence of (float, float, float, float)
        Left, top, width and height of lines: those of fractions.
    """

    box: str
    glyphs: list[tuple[int, float, float]]
    bars: list[tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class TypesetFormulas:
    """The formulas by their LaTeX, the lines they are broken into, and the paths of glyphs, which begin at 0, 0."""

    paths: list[str] = field(default_factory=list)
    formulas: dict[str, TypesetFormula] = field(default_factory=dict)
    lines: dict[str, TypesetFormula] = field(default_factory=dict)

    def svg(self, latex: str, colour: str) -> bytes:
        """A formula as an SVG document."""
        one = self.formulas.get(latex) or self.lines[latex]
        drawn = [
            f'<path d="{self.paths[path]}" transform="translate({x} {y})" fill="{colour}"/>'
            for path, x, y in one.glyphs
        ]
        drawn += [
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>'
            for x, y, width, height in one.bars
        ]
        return f'<svg xmlns="http://www.w3.org/2000/svg" {one.box}>{"".join(drawn)}</svg>'.encode()

    @classmethod
    def read(cls, text: str) -> TypesetFormulas:
        """Read what the file says.

        Raises
        ------
        ValueError, LookupError, TypeError, AttributeError
            It says something else than formulas.
        """
        held = json.loads(text)
        formulas, lines = (
            {latex: TypesetFormula(*given) for latex, given in held[kind].items()} for kind in ("formulas", "lines")
        )
        return cls(held["paths"], formulas, lines)
