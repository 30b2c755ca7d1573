"""From what an array is to how it is coloured."""

from __future__ import annotations

from convviz.core.arrays import Role as ArrayRole
from convviz.present.colour import Role

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


def colour_role(role: ArrayRole) -> Role:
    """Colour map of an array's role."""
    return _COLOURS.get(role, Role.PREACTIVATION)
