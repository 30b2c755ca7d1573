"""An exporter: how a design is written in one framework, and which layers it can write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.layers import Layer
from convviz.present.code.common import number
from convviz.present.design.layer_costs import LayerCosts

Calls = Callable[[Design, Any, LayerCosts], list[str]]
"""Takes a design, one of its layers and the layer's costs; returns the calls that represent the layer."""


Joins = Callable[[Sequence[str], Sequence[Shape]], str]
"""Takes the names of a layer's inputs in the script, and their shapes per image; returns what joins them."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """How a design is written in one framework.

    Parameters
    ----------
    framework : str
        Its name; the key in :attr:`Layer.exports`.
    about : str
        One sentence that says what the script needs.
    source : callable
        Takes a design and the name of a file with the trained weights, beside the script, or ``""``; returns the
        script. Raises DesignError if the design can't be trained.
    layers : mapping
        Layers that the exporter writes itself.
    joins : mapping
        Layers that join several inputs, and how.
    every : bool
        Whether the exporter can write every layer.
    weights : tuple of str
        Endings of the files of weights that its scripts load.
    """

    framework: str
    about: str
    source: Callable[[Design, str], str]
    layers: Mapping[type[Layer], Calls] = field(default_factory=lambda: MappingProxyType({}))
    joins: Mapping[type[Layer], Joins] = field(default_factory=lambda: MappingProxyType({}))
    every: bool = False
    weights: tuple[str, ...] = (".npz",)

    def knows(self, kind: type[Layer]) -> bool:
        """Whether the exporter can write a kind of layer."""
        return self.every or kind in self.layers or kind in self.joins or self.framework in kind.exports


def calls_of(
    framework: str, layers: Mapping[type[Layer], Calls], design: Design, layer: Any, cost: LayerCosts
) -> list[str]:
    """The calls that represent a layer: from the exporter if it writes the layer itself, else from the layer.

    Raises
    ------
    TypeError
        Neither of them has the calls.
    """
    make = layers.get(type(layer))
    if make is not None:
        return make(design, layer, cost)
    said = type(layer).exports.get(framework)
    if said is None:
        raise TypeError(f"{framework}: expected a layer that is known here, got {type(layer).__name__}")
    values = {one.name: getattr(layer, one.name) for one in msgspec.structs.fields(layer)}
    return [said.format(**{name: number(v) if isinstance(v, float) else v for name, v in values.items()})]
