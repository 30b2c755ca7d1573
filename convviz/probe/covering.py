"""Occlusion: what the score loses when a patch of the image is covered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.passes import lowered_score, probabilities_of, run, scores_of
from convviz.probe.progress import Progress, batches, silent
from convviz.probe.saliency import one

__all__ = ["Occlusion", "occlusion"]


PASSES = 32
"""Covered images a pass: few enough that it can be cancelled soon."""


@dataclass(frozen=True, slots=True, eq=False)
class Occlusion:
    """Scores with a patch covered.

    Parameters
    ----------
    patch, stride : int
    score : float
        Of the image itself.
    scores : ndarray, ``(rows, columns)``
        With the patch whose upper left pixel is ``(row · stride, column · stride)``.
    pixels : ndarray, ``(H, W)``
        Mean drop of the score over all patches that cover a pixel; 0 where none does.
    """

    patch: int
    stride: int
    score: float
    scores: Array
    pixels: Array

    @property
    def drops(self) -> Array:
        """How much of the score each patch takes away, ``(rows, columns)``."""
        return np.asarray(self.score - self.scores)

    @property
    def lowest(self) -> tuple[int, int]:
        """Row and column of the upper left pixel of the patch that leaves the lowest score."""
        row, column = np.unravel_index(int(self.scores.argmin()), self.scores.shape)
        return int(row) * self.stride, int(column) * self.stride

    def seen(self, height: int, width: int) -> npt.NDArray[np.bool_]:
        """Which pixels some patch covers, ``(H, W)``."""
        axes = []
        for size, places in zip((height, width), self.scores.shape, strict=True):
            axis = np.zeros(size, np.bool_)
            for place in range(places):
                axis[place * self.stride : place * self.stride + self.patch] = True
            axes.append(axis)
        return np.outer(*axes)


def occlusion(
    network: Network,
    image: npt.ArrayLike,
    target: Target,
    *,
    patch: int = 5,
    stride: int = 1,
    fill: float = 0.0,
    precision: npt.DTypeLike = np.float64,
    progress: Progress = silent,
) -> Occlusion:
    """Cover every patch in turn, many at a time.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    target : Target
    patch : int
        Side of the patch in pixels.
    stride : int
    fill : float
        Value of the covered pixels; 0 is empty paper.
    precision : dtype
    progress : callable

    Raises
    ------
    DesignError
        The patch is larger than the image.
    """
    x = one(network, image)
    _, height, width = x.shape
    if not 1 <= patch <= min(height, width) or stride < 1:
        raise DesignError(
            f"patch: expected 1 to {min(height, width)} and a stride of 1 or more, got {patch} and {stride}"
        )
    tops, lefts = np.arange(0, height - patch + 1, stride), np.arange(0, width - patch + 1, stride)
    places = [(int(top), int(left)) for top in tops for left in lefts]
    scores = np.empty(len(places))
    for part in batches(len(places), progress, PASSES):
        covered = np.repeat(x[None], part.stop - part.start, axis=0)
        for copy, (top, left) in zip(covered, places[part], strict=True):
            copy[:, top : top + patch, left : left + patch] = fill
        scores[part] = score(network, covered, target, precision)
    whole = float(score(network, x[None], target, precision)[0])
    total, hits = np.zeros((height, width)), np.zeros((height, width))
    for value, (top, left) in zip(scores, places, strict=True):
        total[top : top + patch, left : left + patch] += whole - value
        hits[top : top + patch, left : left + patch] += 1
    pixels = np.divide(total, hits, out=np.zeros_like(total), where=hits > 0)
    return Occlusion(patch, stride, whole, scores.reshape(len(tops), len(lefts)), pixels)


def score(network: Network, images: Array, target: Target, precision: npt.DTypeLike = np.float64) -> Array:
    """Every image's score, ``(N,)``, without its gradient."""
    program = lowered_score(network.design, len(images), target, backward=False)
    return run(network, program, images, precision)["score.s"]


def probabilities(network: Network, images: Array) -> Array:
    """Every image's probabilities, ``(N, classes)`` of float64."""
    return probabilities_of(scores_of(network, images))
