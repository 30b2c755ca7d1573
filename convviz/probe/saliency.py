"""Maps of what every pixel means to a score: the gradient and what is made from it.

All run the engine's programs (:mod:`convviz.core.score`), in float64 unless another precision is given.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.passes import check_images, score_and_gradient
from convviz.probe.progress import Progress, batches, silent

__all__ = ["gradient", "gradient_times_input", "guided_backprop", "integrated_gradients", "smooth_gradient"]

PASSES = 8
"""Images a pass, where one image becomes many: few enough that it can be cancelled soon."""


def gradient(network: Network, images: npt.ArrayLike, target: Target) -> Array:
    """∂s/∂x: how fast the score grows with each pixel.

    Parameters
    ----------
    network : Network
    images : array, ``(N, C, H, W)`` or ``(C, H, W)``
    target : Target

    Returns
    -------
    ndarray of float64, ``(N, C, H, W)``

    Raises
    ------
    DesignError
        The images do not fit the network, or there is no such class.
    """
    return score_and_gradient(network, check_images(network, images), target)[1]


def gradient_times_input(network: Network, images: npt.ArrayLike, target: Target) -> Array:
    """x · ∂s/∂x: what each pixel would contribute if the network were linear between an image of zeros and this one."""
    given = check_images(network, images)
    return np.asarray(given * gradient(network, given, target))


def guided_backprop(network: Network, images: npt.ArrayLike, target: Target) -> Array:
    """The gradient, with every ReLU letting back only what is positive.

    Clear pictures, but not a derivative: they hardly depend on the last layers' weights.
    """
    return score_and_gradient(network, check_images(network, images), target, guided=True)[1]


def integrated_gradients(
    network: Network,
    image: npt.ArrayLike,
    target: Target,
    *,
    baseline: npt.ArrayLike = 0.0,
    steps: int = 64,
    progress: Progress = silent,
) -> Array:
    """The gradient averaged on the straight way from a baseline to the image, times their difference.

        (x − b) · 1/m Σ_k ∂s/∂x at b + (k + ½)/m · (x − b)

    The sum over all pixels approaches s(x) − s(b) as ``steps`` m grows.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    target : Target
    baseline : float or array
        An image without content: 0, empty paper.
    steps : int
    progress : callable

    Returns
    -------
    ndarray of float64, ``(C, H, W)``
    """
    if steps < 1:
        raise DesignError(f"steps: expected 1 or more, got {steps}")
    x = one(network, image)
    way = x - np.broadcast_to(np.asarray(baseline, np.float64), x.shape)
    total = np.zeros(x.shape)
    shares = (np.arange(steps) + 0.5) / steps
    for part in batches(steps, progress, PASSES):
        images = x - way + shares[part, None, None, None] * way
        total += score_and_gradient(network, images, target)[1].sum(axis=0)
    return np.asarray(way * total / steps)


def smooth_gradient(
    network: Network,
    image: npt.ArrayLike,
    target: Target,
    *,
    noise: float = 0.15,
    count: int = 32,
    seed: int = 0,
    progress: Progress = silent,
) -> Array:
    """SmoothGrad: the mean gradient of noisy copies of the image.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    target : Target
    noise : float
        Standard deviation of the noise, as a share of the image's range.
    count : int
        Number of copies.
    seed : int
    progress : callable
    """
    if count < 1 or not noise >= 0:
        raise DesignError(f"expected one copy or more and noise of 0 or more, got {count} and {noise:g}")
    x = one(network, image)
    rng = np.random.default_rng(seed)
    total = np.zeros(x.shape)
    for part in batches(count, progress, PASSES):
        wobble = rng.standard_normal((part.stop - part.start, *x.shape))
        total += score_and_gradient(network, x + noise * float(np.ptp(x)) * wobble, target)[1].sum(axis=0)
    return np.asarray(total / count)


def one(network: Network, image: npt.ArrayLike) -> Array:
    """A single image, ``(C, H, W)`` of float64.

    Raises
    ------
    DesignError
    """
    images = check_images(network, image)
    if len(images) != 1:
        raise DesignError(f"expected one image, got {len(images)}")
    return np.asarray(images[0], np.float64)
