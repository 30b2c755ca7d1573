"""An image that a filter likes best: gradient ascent in the pixels, with the engine's own gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.layers import convolution
from convviz.probe.passes import check_weights, score_and_gradient

__all__ = ["maximise"]


def maximise(
    network: Network,
    filter: int,  # noqa: A002 - the field's name for it
    layer: str = "",
    *,
    steps: int = 60,
    rate: float = 0.5,
    decay: float = 0.01,
    smooth: float = 0.1,
    seed: int = 0,
    start: npt.ArrayLike | None = None,
) -> Iterator[tuple[Array, float]]:
    """Raise the activation in the middle of a filter's map step by step.

    Each step moves the pixels by ``rate`` along the gradient of unit length, draws them towards 0 by ``decay`` and
    towards the mean of their four neighbours by ``smooth``, and keeps them in 0…1.

    Parameters
    ----------
    network : Network
    filter : int
    layer : str
        Name of a convolution; the last one unless given. Its number before the activation is raised, which has a
        gradient even where the activation is 0.
    steps : int
    rate, decay, smooth : float
    seed : int
        Of the noise that it begins with.
    start : array, ``(C, H, W)``, optional
        An image to begin with.

    Yields
    ------
    image : ndarray of float64, ``(C, H, W)``
    activation : float

    Raises
    ------
    DesignError
        The network has no such convolution or filter, or a weight is not finite.
    """
    check_weights(network)
    maps = convolution(network.design, layer)
    if not 0 <= filter < maps.filters:
        raise DesignError(f"filter: expected 0 to {maps.filters - 1}, got {filter}")
    target = Target((filter, maps.height // 2, maps.width // 2), layer=maps.name)
    image = network.design.input
    shape = image.channels, image.height, image.width
    noise = np.random.default_rng(seed).random(shape)
    x = 0.4 + 0.2 * noise if start is None else np.array(start, np.float64).reshape(shape)
    for _ in range(steps):
        _, slope = score_and_gradient(network, x[None], target)
        size = float(np.linalg.norm(slope))
        if size > 0:
            x = x + rate * slope[0] / size
        x = np.clip((1 - decay) * ((1 - smooth) * x + smooth * neighbours(x)), 0, 1)
        yield x, float(score_and_gradient(network, x[None], target)[0][0])


def neighbours(x: Array) -> Array:
    """Mean of each pixel's four neighbours; at the edges the pixel itself stands in for what is missing."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge")
    return np.asarray((padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]) / 4)
