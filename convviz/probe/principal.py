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

__all__ = ["PrincipalMap", "activations", "layer_rows", "principal_map", "projected"]

BLOCK = 256
"""Rows that are converted to float64 at a time."""
EXACT = 4 << 20
"""Numbers up to which float64 costs little."""
SMALL = 200
"""Images or numbers up to which all axes are computed."""
SPARE = 10
MOST_ROUNDS = 100


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
    rows: Array | None = None
    for part in batches(len(split), progress):
        program, name = lowered_forward(network.design, part.stop - part.start, layer)
        found = run(network, program, split.images[part], network.precision)[name]
        if rows is None:
            rows = np.empty((len(split), found[0].size), found.dtype)
        rows[part] = found.reshape(len(found), -1)
    assert rows is not None
    return rows


def layer_rows(network: Network, split: Split, layer: str, progress: Progress = silent) -> Array:
    """The output of a layer, or without a layer the pixels, as rows ``(n, numbers)`` with mean 0; a copy."""
    pixels = split.images.reshape(len(split), -1)
    rows = activations(network, split, layer, progress) if layer else np.array(pixels)
    if rows.size <= EXACT:
        rows = rows.astype(np.float64)
    rows -= rows.mean(axis=0)
    return rows


def projected(rows: Array, count: int) -> tuple[Array, Array]:
    """Rows with mean 0 on their principal components.

    The sign of an axis is such that its largest component is positive, so the same rows give the same points.

    Parameters
    ----------
    rows : ndarray, ``(n, numbers)``
    count : int
        Components.

    Returns
    -------
    points : ndarray of float64, ``(n, count)``
        Zeros in those components that there are not.
    shares : ndarray of float64, ``(count,)``
        Shares of the variance.
    """
    least = min(rows.shape)
    axes = all_axes(rows, min(count, least)) if least <= SMALL else first_axes(rows, min(count, least))
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])
    points = np.asarray(rows @ (axes * np.where(signs == 0, 1, signs)), np.float64)
    variance = sum(float(np.square(rows[at : at + BLOCK], dtype=np.float64).sum()) for at in range(0, len(rows), BLOCK))
    shares = np.square(points).sum(axis=0) / variance if variance > 0 else np.zeros(points.shape[1])
    missing = count - points.shape[1]
    return np.pad(points, ((0, 0), (0, missing))), np.pad(shares, (0, missing))


def all_axes(rows: Array, count: int) -> Array:
    """Principal axes of a small matrix, ``(numbers, count)`` of float64."""
    found: Array = np.linalg.svd(rows.astype(np.float64), full_matrices=False)[2][:count].T
    return found


def first_axes(rows: Array, count: int) -> Array:
    """The first principal axes of a large matrix, ``(numbers, count)`` of its precision, by subspace iteration.

    Some axes more than are wanted are iterated, until those that are wanted stay where they are.
    """
    width = min(count + SPARE, *rows.shape)
    found = np.random.default_rng(0).standard_normal((rows.shape[1], width)).astype(rows.dtype)
    large = np.zeros(count)
    for _ in range(MOST_ROUNDS):
        left = np.linalg.qr(rows @ np.linalg.qr(found)[0])[0]
        found = rows.T @ left
        before, large = large, np.linalg.svd(found, compute_uv=False)[:count]
        if np.allclose(large, before, rtol=1e-6, atol=0):
            break
    vectors = np.linalg.svd(found, full_matrices=False)[0]
    return np.asarray(vectors[:, :count])


def principal_map(network: Network, split: Split, layer: str = "", *, progress: Progress = silent) -> PrincipalMap:
    """Project a layer's numbers (or the pixels, without a layer) onto the two directions in which they differ most.

    Raises
    ------
    DesignError
        There is no such layer, there are fewer than two images, or a weight is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    if len(split) < 2:
        raise DesignError(f"{network.design.name}: expected at least two images for a map, got {len(split)}")
    points, shares = projected(layer_rows(network, split, layer, progress), 2)
    return PrincipalMap(layer, points, (float(shares[0]), float(shares[1])))
