"""A map of the images by principal components of a layer's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.probe.passes import check_pixels, check_weights, lowered_forward
from convviz.probe.progress import Progress, batches, part_of, silent
from convviz.training.blas import OneBlasThread
from convviz.training.images import Split

__all__ = ["PrincipalMap", "activations", "evenly", "layer_rows", "principal_map", "projected"]

BLOCK = 256
"""Rows that are converted to float64 at a time."""
EXACT = 4 << 20
"""Numbers up to which float64 costs little."""
SMALL = 200
"""Images or numbers up to which all axes are computed."""
THREADS = 2
MANY = 1000
"""The fewest images from which axes are found, however large a layer is."""
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
    axes_from : int
        Images that the axes were found from: all, or as many as there was room for.
    """

    layer: str
    points: Array
    shares: tuple[float, float]
    axes_from: int


def activations(network: Network, split: Split, layer: str, progress: Progress = silent) -> Array:
    """The output of a layer for every image, as rows ``(n, numbers)``.

    Raises
    ------
    DesignError
        There is no such layer.
    """
    rows: Array | None = None
    for part, found in layer_batches(network, split, layer, progress):
        if rows is None:
            rows = np.empty((len(split), found.shape[1]), found.dtype)
        rows[part] = found
    assert rows is not None
    return rows


def layer_batches(
    network: Network, split: Split, layer: str, progress: Progress = silent
) -> Iterator[tuple[slice, Array]]:
    """The same batch by batch: which images, and their rows, which the next batch overwrites; pixels without a layer.

    Raises
    ------
    DesignError
        There is no such layer.
    ProbeCancelledError
    """
    plans: dict[int, tuple[Plan, str]] = {}
    lanes = Lanes(THREADS)
    try:
        with OneBlasThread():
            for part in batches(len(split), progress):
                size = part.stop - part.start
                if not layer:
                    yield part, split.images[part].reshape(size, -1)
                    continue
                if size not in plans:
                    plans[size] = layer_plan(network, size, layer, lanes)
                plan, name = plans[size]
                plan.inputs[IMAGES][...] = split.images[part]
                plan.run()
                yield part, plan[name].reshape(size, -1)
    finally:
        lanes.close()


def layer_plan(network: Network, size: int, layer: str, lanes: Lanes) -> tuple[Plan, str]:
    """A fast pass up to a layer, and the name of its output."""
    name = lowered_forward(network.design, size, layer)[1]
    plan = Plan(
        lambda images: lowered_forward(network.design, images, layer)[0],
        size,
        network.arrays,
        lanes,
        precision=network.precision,
        keep=(name,),
    )
    return plan, name


def layer_rows(network: Network, split: Split, layer: str, progress: Progress = silent) -> Array:
    """The output of a layer, or without a layer the pixels, as rows ``(n, numbers)`` with mean 0; a copy."""
    rows = activations(network, split, layer, progress)
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
        Zeros where there are fewer components.
    shares : ndarray of float64, ``(count,)``
        Shares of the variance.
    """
    axes = principal_axes(rows, count)
    points = np.asarray(rows @ axes, np.float64)
    variance = sum(float(np.square(rows[at : at + BLOCK], dtype=np.float64).sum()) for at in range(0, len(rows), BLOCK))
    shares = np.square(points).sum(axis=0) / variance if variance > 0 else np.zeros(points.shape[1])
    missing = count - points.shape[1]
    return np.pad(points, ((0, 0), (0, missing))), np.pad(shares, (0, missing))


def principal_axes(rows: Array, count: int) -> Array:
    """The first axes of rows with mean 0, ``(numbers, count)`` or as many as there are."""
    least = min(rows.shape)
    axes = all_axes(rows, min(count, least)) if least <= SMALL else first_axes(rows, min(count, least))
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])
    return np.asarray(axes * np.where(signs == 0, 1, signs))


def all_axes(rows: Array, count: int) -> Array:
    """Principal axes of a matrix that is small in one direction, ``(numbers, count)`` of float64."""
    small = rows.astype(np.float64)
    if len(small) > 2 * small.shape[1]:  # many rows of few numbers: R of their QR decomposition has the same axes
        small = np.asarray(np.linalg.qr(small, mode="r"))
    found: Array = np.linalg.svd(small, full_matrices=False)[2][:count].T
    return found


def first_axes(rows: Array, count: int) -> Array:
    """The first principal axes of a large matrix, ``(numbers, count)`` of its precision, by subspace iteration.

    A few more axes than are wanted are iterated, until the wanted ones no longer move.
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


def principal_map(
    network: Network, split: Split, layer: str = "", *, room: int | None = None, progress: Progress = silent
) -> PrincipalMap:
    """Project a layer's numbers (or the pixels, without a layer) onto the two directions in which they differ most.

    Parameters
    ----------
    network : Network
    split : Split
    layer : str
    room : int, optional
        Most numbers of the layer that are kept at a time. If all images have more, the axes are found from some of
        them, evenly spread, and all are projected batch by batch.
    progress : callable

    Raises
    ------
    DesignError
        There is no such layer, there are fewer than two images, or a weight is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    check_pixels(network, split.images)
    count = len(split)
    if count < 2:
        raise DesignError(f"{network.design.name}: expected at least two images for a map, got {count}")
    size = numbers_of(network, layer)
    some = count if room is None else min(count, max(room // size, MANY))
    if some == count:
        points, shares = projected(layer_rows(network, split, layer, progress), 2)
        return PrincipalMap(layer, points, (float(shares[0]), float(shares[1])), count)
    part = evenly(count, some)
    few = Split(split.images[part], split.labels[part])
    rows = np.array(activations(network, few, layer, part_of(progress, 0, some / (some + count))))
    mean = rows.mean(axis=0)
    rows -= mean
    axes = principal_axes(rows, 2)
    del rows
    points, variance = np.zeros((count, 2)), 0.0
    for batch, found in layer_batches(network, split, layer, part_of(progress, some / (some + count), 1)):
        numbers = found - mean
        points[batch, : axes.shape[1]] = numbers @ axes
        variance += float(np.square(numbers, dtype=np.float64).sum())
    points -= points.mean(axis=0)
    shares = np.square(points).sum(axis=0) / variance if variance > 0 else np.zeros(2)
    return PrincipalMap(layer, points, (float(shares[0]), float(shares[1])), some)


def numbers_of(network: Network, layer: str) -> int:
    """How many numbers a layer makes of an image, or without a layer the image has."""
    image = network.design.input
    if not layer:
        return image.channels * image.height * image.width
    program, name = lowered_forward(network.design, 1, layer)
    return int(np.prod(program.arrays[name].stored))


def evenly(count: int, some: int) -> npt.NDArray[np.int64]:
    """Row numbers below ``count``: ``some`` of them, evenly spread from 0 on, or all if there are no more than that."""
    return np.arange(min(count, some), dtype=np.int64) * count // max(min(count, some), 1)
