"""A map of the images by principal components of a layer's numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.probe.passes import check_weights, lowered_forward, run
from convviz.probe.progress import Progress, batches, silent
from convviz.training.images import Split

__all__ = ["PrincipalMap", "activations", "principal_map"]


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalMap:
    """Images as points.

    Parameters
    ----------
    layer : str
        Empty for the pixels themselves.
    points : ndarray of float64, ``(n, 2)``
    shares : (float, float)
        Shares of the variance that the two axes have.
    """

    layer: str
    points: Array
    shares: tuple[float, float]


def activations(network: Network, split: Split, layer: str, progress: Progress = silent) -> Array:
    """The output of a layer for every image, as rows ``(n, numbers)``.

    Raises
    ------
    DesignError
        There is no such layer.
    """
    made = []
    for part in batches(len(split), progress):
        program, name = lowered_forward(network.design, part.stop - part.start, layer)
        found = run(network, program, split.images[part], network.precision)[name]
        made.append(found.reshape(len(found), -1))
    return np.concatenate(made)


def principal_map(network: Network, split: Split, layer: str = "", *, progress: Progress = silent) -> PrincipalMap:
    """Project a layer's numbers (or the pixels, without a layer) onto the two directions in which they differ most.

    The sign of an axis is such that its largest component is positive, so the same network gives the same map.

    Raises
    ------
    DesignError
        There is no such layer, there are fewer than two images, or a weight is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    if len(split) < 2:
        raise DesignError(f"{network.design.name}: expected at least two images for a map, got {len(split)}")
    pixels = split.images.reshape(len(split), -1)
    rows = (activations(network, split, layer, progress) if layer else pixels).astype(np.float64)
    rows -= rows.mean(axis=0)
    variance = float((rows * rows).sum())
    if rows.shape[1] <= len(rows):
        values, vectors = np.linalg.eigh(rows.T @ rows)
        axes = vectors[:, ::-1][:, :2]
        large = values[::-1][:2]
    else:
        values, vectors = np.linalg.eigh(rows @ rows.T)
        large = np.maximum(values[::-1][:2], 0)
        axes = rows.T @ (vectors[:, ::-1][:, :2] / np.sqrt(np.maximum(large, np.finfo(float).tiny)))
    if axes.shape[1] < 2:
        axes, large = np.pad(axes, ((0, 0), (0, 1))), np.append(large, 0.0)
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), range(2)])
    axes = axes * np.where(signs == 0, 1, signs)
    one, two = (float(max(value, 0.0) / variance) if variance else 0.0 for value in large)
    return PrincipalMap(layer, rows @ axes, (one, two))
