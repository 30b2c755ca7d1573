"""The convolutions of a design, and the maps that each of them makes."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.arrays import MAPS
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import BatchNorm2D, Conv2D, Dropout
from convviz.core.wiring import readers_of, reads_of
from convviz.probe.passes import lowered_forward

FOLLOWS = (BatchNorm2D, Dropout)


@dataclass(frozen=True, slots=True)
class Maps:
    """A convolution with the normalisation and activation that follow it.

    Parameters
    ----------
    name : str
        Of the convolution.
    last : str
        The last layer that belongs to it: ``relu1``.
    array : str
        What that makes: ``relu1.a``.
    filters, height, width : int
    """

    name: str
    last: str
    array: str
    filters: int
    height: int
    width: int


def convolutions(design: Design) -> tuple[Maps, ...]:
    """Every convolution, in order, each with what follows it.

    That is up to the next pooling, convolution or flattening, or to an array that several layers read.
    """
    design = design.named()
    reads = reads_of(design.layers)
    found = []
    for number, layer in enumerate(design.layers):
        if not isinstance(layer, Conv2D):
            continue
        last = layer.name
        for place, after in enumerate(design.layers[number + 1 :], number + 1):
            alone = reads[place] == (last,) and readers_of(design.layers, place - 1) == (place,)
            if not alone or not (isinstance(after, FOLLOWS) or is_activation(after)):
                break
            last = after.name
        program, array = lowered_forward(design, 1, last)
        spec = program.arrays[array]
        assert spec.axes == MAPS
        _, filters, height, width = spec.shape
        found.append(Maps(layer.name, last, array, filters, height, width))
    return tuple(found)


def is_activation(layer: object) -> bool:
    """Whether a layer is an activation: it changes every number by itself."""
    return type(layer).__module__ == "convviz.core.layers.activation"


def convolution(design: Design, name: str = "") -> Maps:
    """The convolution of this name; the last one without a name.

    Raises
    ------
    DesignError
    """
    found = convolutions(design)
    if not found:
        raise DesignError(f"{design.name}: expected a network with a convolution, it has none")
    if not name:
        return found[-1]
    for one in found:
        if one.name == name:
            return one
    raise DesignError(f"{design.name}: expected a convolution ({', '.join(one.name for one in found)}), got {name}")
