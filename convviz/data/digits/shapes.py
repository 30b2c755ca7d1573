"""The ten digits compared with each other: how large, how loosely and how slanted each is usually written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convviz.data.digits.glyphs import eight, five, four, nine, one, seven, six, three, two, zero
from convviz.data.digits.habits import Habits
from convviz.data.digits.strokes import Glyph


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit and how it is usually written.

    Attributes
    ----------
    draw
        Makes the pen movements.
    size
        How large it is compared with the others; the pen is the same, so a small digit has thick strokes.
    looseness
        Factor for the hand's bending and turning; a single straight stroke is bent less.
    lean
        Slant added to the writer's own, as a fraction of the height; positive leans to the right.
    """

    draw: Callable[[Habits], Glyph]
    size: float = 1.0
    looseness: float = 1.0
    lean: float = 0.0


#: The ten digits, by label.
DIGITS: tuple[Digit, ...] = (
    Digit(zero, size=0.9, lean=0.07),
    Digit(one, size=0.94, looseness=0.5, lean=0.07),
    Digit(two, lean=-0.05),
    Digit(three, lean=-0.04),
    Digit(four, size=1.04, lean=0.06),
    Digit(five, size=1.04, lean=-0.04),
    Digit(six, lean=0.06),
    Digit(seven, lean=-0.12),
    Digit(eight, size=1.12, lean=-0.05),
    Digit(nine, size=1.1, lean=-0.05),
)
