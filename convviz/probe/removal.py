"""A copy of a network in which a filter's map is zero."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from convviz.core.errors import DesignError
from convviz.core.layers import ScaleShift
from convviz.core.network import Network
from convviz.core.wiring import reading, reads_of
from convviz.probe.layers import convolution

__all__ = ["without_filter"]


def without_filter(network: Network, number: int, layer: str = "") -> Network:
    """The network with a filter's map set to 0 after its own activation, as :func:`rank_filters` leaves it out.

    An additional layer, ``ScaleShift``, multiplies that map by 0 and all others by 1.

    Parameters
    ----------
    network : Network
    number : int
        Of the filter.
    layer : str
        Name of a convolution; the last one unless given.

    Raises
    ------
    DesignError
        The network has no such convolution or filter.
    """
    maps = convolution(network.design, layer)
    if not 0 <= number < maps.filters:
        raise DesignError(f"filter: expected 0 to {maps.filters - 1}, got {number}")
    layers = network.design.layers
    names, reads = [one.name for one in layers], reads_of(layers)
    name = f"without{number}"
    while name in names:
        name += "_"
    at = names.index(maps.last) + 1
    made = [*layers[:at], ScaleShift(name=name)]
    for one, read in zip(layers[at:], reads[at:], strict=True):
        wanted = tuple(name if source == maps.last else source for source in read)
        stays = tuple(source or made[-1].name for source in one.sources) == wanted
        made.append(one if stays else reading(one, wanted))
    copy = Network(replace(network.design, layers=tuple(made)), precision=network.precision)
    for array in copy.arrays:
        if array in network.arrays:
            copy.set_weight(array, network.arrays[array])
    scale = np.ones(maps.filters)
    scale[number] = 0
    copy.set_weight(f"{name}.scale", scale)
    copy.set_weight(f"{name}.shift", np.zeros(maps.filters))
    return copy
