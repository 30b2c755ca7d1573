"""From what an array is to how it is coloured."""

from __future__ import annotations

from convviz.core.arrays import Role as ArrayRole
from convviz.core.program import Program
from convviz.core.wiring import IMAGES
from convviz.present.colour import Role, image_role

_COLOURS = {
    ArrayRole.INPUT: Role.INPUT,
    ArrayRole.WEIGHT: Role.WEIGHT,
    ArrayRole.PREACTIVATION: Role.PREACTIVATION,
    ArrayRole.ACTIVATION: Role.ACTIVATION,
    ArrayRole.GRADIENT: Role.GRADIENT,
    ArrayRole.PROBABILITY: Role.ACTIVATION,
    ArrayRole.LABEL: Role.COUNT,
    ArrayRole.SCALAR: Role.PREACTIVATION,
    ArrayRole.STATE: Role.WEIGHT,
    ArrayRole.INDEX: Role.COUNT,
    ArrayRole.MASK: Role.COUNT,
}


def colour_role(program: Program, name: str) -> Role:
    """Colour map of an array of a program: that of its role, and for what comes from colour images theirs."""
    role = program.arrays[name].role
    if role is ArrayRole.INPUT and IMAGES in program.arrays:
        return image_role(program.arrays[IMAGES].shape[1])
    return _COLOURS.get(role, Role.PREACTIVATION)
