"""An image that a filter likes best: gradient ascent in the pixels, with the engine's own gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.fields import receptive_field
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
    _, slope = score_and_gradient(network, x[None], target)
    for _ in range(steps):
        size = float(np.linalg.norm(slope))
        if size > 0:
            x = x + rate * slope[0] / size
        x = np.clip((1 - decay) * ((1 - smooth) * x + smooth * neighbours(x)), 0, 1)
        score, slope = score_and_gradient(network, x[None], target)
        yield x, float(score[0])


def middle_window(network: Network, layer: str) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of the window of the cell that :func:`maximise` raises; may reach beyond the image."""
    maps = convolution(network.design, layer)
    return receptive_field(network.design, maps.name).box(maps.height // 2, maps.width // 2)


def placed(network: Network, layer: str, patch: npt.ArrayLike) -> Array:
    """An empty image with a patch ``(C, h, w)`` in that window, to begin with."""
    image = network.design.input
    given = np.asarray(patch, np.float64)
    out = np.zeros((image.channels, image.height, image.width))
    top, left, bottom, right = middle_window(network, layer)
    y, x = slice(max(top, 0), min(bottom, image.height)), slice(max(left, 0), min(right, image.width))
    out[:, y, x] = given[:, y.start - top : y.stop - top, x.start - left : x.stop - left]
    return out


def neighbours(x: Array) -> Array:
    """Mean of each pixel's four neighbours; at the edges the pixel itself stands in for what is missing."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge")
    return np.asarray((padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]) / 4)
