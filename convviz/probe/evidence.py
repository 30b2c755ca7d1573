"""Weights of evidence: what each place of the last maps says for each class.

In many networks only products follow the last maps, so a class's score is ``Σ evidence · map + bias``, exactly. Where
several dense layers follow, their weights are multiplied with each other, which leaves out the activations between
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import MAPS, Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Dense, Dropout, Flatten, GlobalAvgPool
from convviz.core.lower import IMAGES
from convviz.core.network import Network
from convviz.core.wiring import reads_of
from convviz.probe.layers import is_activation
from convviz.probe.passes import check_weights, lowered_forward

__all__ = ["Evidence", "weights_of_evidence"]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Weights between the last maps and the classes.

    Parameters
    ----------
    array : str
        Name of the maps that they weigh: ``maxpool1.p``; of the images, ``x``, where there is no layer with maps.
    weights : ndarray of float64, ``(classes, F, H, W)``
    bias : ndarray of float64, ``(classes,)``
    layers : tuple of str
        Dense layers that are read together.
    is_exact : bool
        Whether the scores are the sum of the weighted maps and the bias; otherwise activations were left out.
    """

    array: str
    weights: Array
    bias: Array
    layers: tuple[str, ...]
    is_exact: bool


def weights_of_evidence(network: Network) -> Evidence:
    """The linear readout of the maps that the first dense layer gets.

    Raises
    ------
    DesignError
        There is no dense layer, something else than dense layers follows it, or a weight is not finite.
    """
    check_weights(network)
    design = network.design
    start = next((at for at, layer in enumerate(design.layers) if isinstance(layer, Dense)), None)
    if start is None:
        raise DesignError(f"{design.name}: expected a network with a dense layer, it has none")
    after = design.layers[start:]
    strange = [layer.name for layer in after if not (isinstance(layer, Dense | Dropout) or is_activation(layer))]
    if strange:
        raise DesignError(f"{design.name}: expected only dense layers after the first one, got {strange[0]}")
    reads = reads_of(design.layers)[start + 1 :]
    if reads != tuple((layer.name,) for layer in after[:-1]):
        raise DesignError(f"{design.name}: expected each layer after {after[0].name} to read the one before it")
    array, (count, height, width), mean = read_maps(design, start)
    dense = [layer.name for layer in after if isinstance(layer, Dense)]
    weights, bias = np.eye(design.classes), np.zeros(design.classes)
    for name in reversed(dense):
        own = network.arrays[f"{name}.weight"].astype(np.float64)
        bias = bias + network.arrays.get(f"{name}.bias", np.zeros(own.shape[1])).astype(np.float64) @ weights
        weights = own @ weights
    shape = (design.classes, count, 1, 1) if mean else (design.classes, count, height, width)
    images = np.broadcast_to(weights.T.reshape(shape), (design.classes, count, height, width))
    images = images / (height * width) if mean else images
    exact = not any(is_activation(layer) for layer in after)
    return Evidence(array, np.array(images), bias, tuple(dense), exact)


def read_maps(design: Design, start: int) -> tuple[str, tuple[int, int, int], bool]:
    """Name and shape ``(F, H, W)`` of the maps that a layer gets as one row, and whether as their means.

    Raises
    ------
    DesignError
        It gets them through something else than flattening or a mean.
    """
    names, reads = [layer.name for layer in design.layers], reads_of(design.layers)
    wanted, at, mean = names[start], start, False
    while True:
        if len(reads[at]) != 1:
            raise DesignError(f"{design.name}: expected one layer before {wanted}, got {', '.join(reads[at])}")
        (name,) = reads[at]
        layer = None if name == IMAGES else design.layers[names.index(name)]
        if not isinstance(layer, Dropout | Flatten | GlobalAvgPool):
            break
        at, mean = names.index(name), mean or isinstance(layer, GlobalAvgPool)
    image = design.input
    if layer is None:
        return IMAGES, (image.channels, image.height, image.width), mean
    program, array = lowered_forward(design, 1, layer.name)
    spec = program.arrays[array]
    if spec.axes != MAPS:
        raise DesignError(f"{design.name}: expected maps before {wanted}, got a row of numbers of {layer.name}")
    return array, (spec.shape[1], spec.shape[2], spec.shape[3]), mean
