"""From what an array is to how it is coloured."""

from __future__ import annotations

from convviz.core.arrays import Role
from convviz.core.program import Program
from convviz.core.wiring import IMAGES
from convviz.present.colour import ColourRole, image_role

_COLOURS = {
    Role.INPUT: ColourRole.INPUT,
    Role.WEIGHT: ColourRole.WEIGHT,
    Role.PREACTIVATION: ColourRole.PREACTIVATION,
    Role.ACTIVATION: ColourRole.ACTIVATION,
    Role.GRADIENT: ColourRole.GRADIENT,
    Role.PROBABILITY: ColourRole.ACTIVATION,
    Role.LABEL: ColourRole.COUNT,
    Role.SCALAR: ColourRole.PREACTIVATION,
    Role.STATE: ColourRole.WEIGHT,
    Role.INDEX: ColourRole.COUNT,
    Role.MASK: ColourRole.COUNT,
}


def colour_role(program: Program, name: str) -> ColourRole:
    """Colour map of an array of a program: that of its role, and for what comes from colour images theirs."""
    role = program.arrays[name].role
    if role is Role.INPUT and IMAGES in program.arrays:
        return image_role(program.arrays[IMAGES].shape[1])
    return _COLOURS.get(role, ColourRole.PREACTIVATION)
