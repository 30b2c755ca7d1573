"""Runs a program of the engine over some images with a network's weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.execute import execute
from convviz.core.lower import IMAGES
from convviz.core.network import Network
from convviz.core.program import Builder, Phase, Program
from convviz.core.score import Target, lower_forward, lower_score
from convviz.core.wiring import image_source

lowered_score = lru_cache(maxsize=64)(lower_score)
""":func:`lower_score`, cached: designs and targets are frozen values; ``also`` has to be a tuple."""


@lru_cache(maxsize=32)
def lowered_forward(design: Design, batch: int, upto: str = "") -> tuple[Program, str]:
    """The forward phase as in evaluation, up to a layer or to the scores, and the name of the last array."""
    build = Builder(batch, train=False)
    with build.at(Phase.FORWARD):
        made = lower_forward(build, design, image_source(build, design), upto)
    return build.build(), made


def check_images(network: Network, images: npt.ArrayLike) -> Array:
    """Images as an array ``(N, C, H, W)``; one image ``(C, H, W)`` becomes a batch of one.

    Raises
    ------
    DesignError
        They do not fit the network, or a pixel is not finite or not in 0…1.
    """
    given = np.asarray(images)
    image = network.design.input
    wanted = (image.channels, image.height, image.width)
    if given.ndim == 3:
        given = given[None]
    if given.ndim != 4 or given.shape[1:] != wanted or not len(given):
        raise DesignError(f"{network.design.name}: expected images of {wanted}, got an array of shape {given.shape}")
    if not np.isfinite(given).all():
        raise DesignError(f"{network.design.name}: expected finite pixels, got NaN or infinity")
    check_pixels(network, given)
    return given


def check_pixels(network: Network, images: Array) -> None:
    """Refuse images that were not divided by 255: their answers look sure and mean nothing.

    Pixels below 0 are taken: what is explained may be an image that somebody has standardised.

    Raises
    ------
    DesignError
    """
    low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
    if low >= 0 and high > 1:
        divide = "; divide them by 255" if high <= 255 else ""
        raise DesignError(f"{network.design.name}: expected pixels in 0…1, got {low:g}…{high:g}{divide}")


def check_weights(network: Network) -> None:
    """Refuse a network with a weight that is not finite.

    Raises
    ------
    DesignError
        It names the array.
    """
    for name in network.parameters:
        if not np.isfinite(network.arrays[name]).all():
            raise DesignError(f"{network.design.name}: {name} has NaN or infinity, so there is nothing to explain")


def check_class(network: Network, label: int, what: str = "class") -> int:
    """The label of a class.

    Raises
    ------
    DesignError
    """
    if not 0 <= label < network.design.classes:
        raise DesignError(f"{what}: expected 0 to {network.design.classes - 1}, got {label}")
    return int(label)


def run(
    network: Network,
    program: Program,
    images: Array,
    precision: npt.DTypeLike,
    given: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Run a program; returns every array, in its stored shape.

    Parameters
    ----------
    network : Network
    program : Program
    images : ndarray, ``(N, C, H, W)``
    precision : dtype
    given : mapping of str to ndarray, optional
        Further sources.
    """
    kind: np.dtype[Any] = np.dtype(precision)
    env: dict[str, Array] = {IMAGES: np.ascontiguousarray(images, kind), **(given or {})}
    for name in program.sources:
        if name not in env:
            env[name] = network.arrays[name].astype(kind, copy=False)
    for _ in execute(program, env, kind):
        pass
    return env


def scores_of(network: Network, images: Array, precision: npt.DTypeLike = np.float64) -> Array:
    """The scores before softmax, ``(N, classes)``."""
    program, last = lowered_forward(network.design, len(images))
    return run(network, program, images, precision)[last]


def probabilities_of(scores: Array) -> Array:
    """Softmax of the scores, row by row."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def score_and_gradient(
    network: Network, images: Array, target: Target, *, guided: bool = False, precision: npt.DTypeLike = np.float64
) -> tuple[Array, Array]:
    """Every image's score ``(N,)``, and its gradient with respect to the pixels ``(N, C, H, W)``."""
    program = lowered_score(network.design, len(images), target, guided=guided)
    env = run(network, program, images, precision)
    return env["score.s"], env[program.gradients[IMAGES]]
