"""A map of the images by t-SNE, and turning one map until it lies on another.

The library openTSNE does the work; it comes with ``pip install 'convviz[map]'``. Imported when it is first needed: it
takes a second.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.probe.passes import check_pixels, check_weights
from convviz.probe.principal import layer_rows, projected
from convviz.probe.progress import Progress, part_of, silent, tell
from convviz.training.blas import OneBlasThread
from convviz.training.images import Split

__all__ = ["NeighbourMap", "aligned", "has_tsne", "neighbour_map"]

NUMBERS = 50
"""Principal components that t-SNE gets. The rest is mostly noise, and fewer numbers make distances faster."""
EARLY, LATE = 250, 500
"""Iterations with the forces between neighbours exaggerated, and without."""
FOLLOWING = 250
"""Iterations when it begins with an earlier map."""
EVERY = 10
MANY = 5000
"""From this many images on, approximations are faster."""
JOBS = 1
"""Threads. Several wait for each other in busy loops, and are slower whenever something else is computed."""
MISSING = "t-SNE needs the library openTSNE, which is not installed: pip install 'convviz[map]'"


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourMap:
    """Images as points; images that the network finds alike lie near each other.

    Parameters
    ----------
    layer : str
        Empty for the pixels themselves.
    points : ndarray of float64, ``(n, 2)``
    perplexity : float
        About how many neighbours attract an image.
    """

    layer: str
    points: Array
    perplexity: float


def has_tsne() -> bool:
    """Whether the library is installed."""
    return importlib.util.find_spec("openTSNE") is not None


def neighbour_map(
    network: Network,
    split: Split,
    layer: str = "",
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    start: Array | None = None,
    progress: Progress = silent,
) -> NeighbourMap:
    """Lay out images by what a layer makes of them.

    Parameters
    ----------
    network : Network
    split : Split
    layer : str
        Empty takes the pixels.
    perplexity : float
        At most a third of the images.
    seed : int
    start : ndarray, ``(n, 2)``, optional
        A map to begin with, of the same images at another moment: then the new one lies on it.
    progress : callable

    Raises
    ------
    DesignError
        openTSNE is missing, there is no such layer, there are fewer than four images, or a weight is not finite.
    ProbeCancelledError
    """
    if not has_tsne():
        raise DesignError(MISSING)
    check_weights(network)
    check_pixels(network, split.images)
    if len(split) < 4:
        raise DesignError(f"{network.design.name}: expected at least four images for t-SNE, got {len(split)}")
    rounds = FOLLOWING if start is not None else EARLY + LATE
    rows = layer_rows(network, split, layer, part_of(progress, 0.0, 0.1))
    points = projected(rows, min(NUMBERS, len(rows) - 1))[0]
    spread = float(points[:, 0].std())
    if not spread > 0:
        return NeighbourMap(layer, np.zeros((len(rows), 2)), perplexity)
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN

    perplexity = min(perplexity, max(1.0, (len(rows) - 1) / 3))
    begin = 1e-4 * points[:, :2] / spread if start is None else np.array(start, np.float64)
    ways = "exact" if len(rows) <= MANY else "annoy", "bh" if len(rows) <= MANY else "fft"
    with OneBlasThread():
        near = PerplexityBasedNN(points, perplexity=perplexity, n_jobs=JOBS, random_state=seed, method=ways[0])
        late = TSNEEmbedding(
            begin, near, negative_gradient_method=ways[1], n_jobs=JOBS, random_state=seed, learning_rate="auto"
        )
        for number in range(0, rounds, EVERY):
            early = start is None and number < EARLY
            late = late.optimize(EVERY, exaggeration=12 if early else None, momentum=0.5 if early else 0.8, n_jobs=JOBS)
            tell(part_of(progress, 0.1, 1.0), number + EVERY, rounds)
    made = np.asarray(late, np.float64)
    return NeighbourMap(layer, made - made.mean(axis=0), perplexity)


def aligned(points: Array, to: Array) -> Array:
    """Points turned, mirrored and moved until they lie on others as well as can be (Procrustes); sizes stay.

    Parameters
    ----------
    points, to : ndarray, ``(n, 2)``
        The same images in the same order.
    """
    middle = points.mean(axis=0)
    u, _, v = np.linalg.svd((points - middle).T @ (to - to.mean(axis=0)))
    return np.asarray((points - middle) @ u @ v + to.mean(axis=0))
