"""Small networks with random weights to be probed."""

from __future__ import annotations

from typing import Any

import numpy as np
from engine_zoo import net

from convviz.core.design import Design
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, LeakyReLU, MaxPool2D, ReLU
from convviz.core.network import Network
from convviz.training.images import Split

Array = np.ndarray[Any, np.dtype[Any]]

DEEP = net(
    *(Conv2D(filters=4, kernel=3, padding=1), BatchNorm2D(), ReLU(), MaxPool2D()),
    *(Conv2D(filters=5, kernel=(3, 2), stride=(1, 2), dilation=(2, 1)), LeakyReLU(slope=0.1)),
    *(Flatten(), Dropout(rate=0.2), Dense(units=6), ReLU()),
    image=(2, 12, 11),
    classes=4,
)
"""Everything that is linear piece by piece."""
PLAIN = net(
    *(Conv2D(filters=4, kernel=3), ReLU(), MaxPool2D(), Conv2D(filters=3, kernel=2), ReLU()), image=(1, 9, 8), classes=3
)
"""Two convolutions with ReLUs."""


def probed(design: Design = PLAIN, seed: int = 0) -> Network:
    """A network in float64 in which no array is 0: biases, shifts and running statistics neither."""
    network = Network(design, precision=np.float64)
    rng = np.random.default_rng(seed)
    for name, array in network.arrays.items():
        if name in network.parameters or ".running_" in name:
            drawn = 0.5 * rng.standard_normal(array.shape)
            network.set_weight(name, np.abs(drawn) + 0.5 if name.endswith(("variance", "scale")) else drawn)
    return network


def images(network: Network, count: int = 3, seed: int = 1) -> Array:
    """Random images in 0…1 that fit."""
    image = network.design.input
    return np.random.default_rng(seed).random((count, image.channels, image.height, image.width))


def labelled(network: Network, count: int = 40, seed: int = 1) -> Split:
    """Random images with random labels."""
    labels = np.random.default_rng(seed + 1).integers(0, network.design.classes, count)
    return Split(images(network, count, seed).astype(np.float32), labels)
