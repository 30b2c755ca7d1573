"""Grad-CAM: which places of a convolution's maps speak for a class.

    α[f]      = 1/(OH·OW) Σ_{p, q} ∂s/∂A[f, p, q]
    map[p, q] = max(0, Σ_f α[f] · A[f, p, q])

Selvaraju et al., *Grad-CAM* (2017). ``A`` are the maps after the convolution's own activation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.fields import receptive_field
from convviz.probe.layers import convolution
from convviz.probe.passes import check_images, lowered_score, run

__all__ = ["GradCam", "grad_cam"]


@dataclass(frozen=True, slots=True, eq=False)
class GradCam:
    """The map of one convolution.

    Parameters
    ----------
    layer : str
    cells : ndarray, ``(N, OH, OW)``
        One number a place of the maps, 0 or greater.
    pixels : ndarray, ``(N, H, W)``
        The same for every pixel: the number of the place whose receptive field has the nearest middle.
    sums : ndarray, ``(N, OH, OW)``
        Σ_f α[f] · A[f, p, q] before its maximum with 0: where it is negative, ``cells`` is 0.
    """

    layer: str
    cells: Array
    pixels: Array
    sums: Array


def grad_cam(network: Network, images: npt.ArrayLike, target: Target, layer: str = "") -> GradCam:
    """Grad-CAM of a convolution, the last one unless another is named.

    Raises
    ------
    DesignError
        The network has no such convolution, or the images do not fit it.
    """
    given = check_images(network, images)
    maps = convolution(network.design, layer)
    program = lowered_score(network.design, len(given), target, also=(maps.array,))
    env = run(network, program, given, np.float64)
    activation, slope = env[maps.array], env[program.gradients[maps.array]]
    weight = slope.mean(axis=(2, 3))
    sums = np.einsum("nf,nfpq->npq", weight, activation)
    cells = np.maximum(sums, 0)
    return GradCam(maps.name, cells, placed(network, maps.last, cells), sums)


def placed(network: Network, layer: str, cells: Array) -> Array:
    """Every pixel gets the number of the place whose receptive field has the nearest middle."""
    field = receptive_field(network.design, layer)
    image = network.design.input
    nearest = []
    for starts, size, pixels in zip(field.starts, field.size, (image.height, image.width), strict=True):
        middles = starts + (size - 1) / 2
        away = np.abs(np.arange(pixels)[:, None] - middles[None, :])
        place = away.argmin(axis=1)
        # Beyond the outermost windows there is nothing to say.
        half = max((middles[1] - middles[0]) / 2 if len(middles) > 1 else size / 2, 0.5)
        nearest.append((place, away.min(axis=1) <= half))
    (y, inside_y), (x, inside_x) = nearest
    return np.asarray(np.where(np.outer(inside_y, inside_x), cells[:, y][:, :, x], 0.0))
