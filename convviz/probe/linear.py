"""All the way to the pixels: a piecewise linear network is, at one image, a sum over its pixels and its biases.

    s = Σ x · ∂s/∂x  +  Σ b · ∂s/∂b

With ReLUs, maxima, means and products alone, the network around an image is one linear map; its weights are the
gradient. Biases, shifts and running means contribute the rest, layer by layer. The sum is the score, but for rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import (
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    Add,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    LeakyReLU,
    MaxPool2D,
    PReLU,
    ReflectPad2D,
    ReLU,
    Rescale,
    ScaleShift,
    Slice,
    Upsample,
    ZeroPad2D,
)
from convviz.core.lower import IMAGES
from convviz.core.network import Network
from convviz.core.ops import rescale
from convviz.core.score import Target
from convviz.probe.passes import lowered_score, run
from convviz.probe.saliency import one

__all__ = ["Contributions", "contributions", "why_not_linear"]

LINEAR = (
    *(Add, AvgPool2D, BatchNorm2D, Concat, Conv2D, Dense, Dropout, Flatten, GlobalAvgPool, GlobalMaxPool, LeakyReLU),
    *(ChannelShuffle, MaxPool2D, PReLU, ReLU, Rescale, ScaleShift, ZeroPad2D),
    *(AdaptiveAvgPool2D, AdaptiveMaxPool2D, ConvTranspose2D, Crop2D, ReflectPad2D, Slice, Upsample),
)
"""Layers that are linear piece by piece, as in evaluation, and whose constants are biases, shifts or running means."""


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """The parts of a score.

    Parameters
    ----------
    score : float
    pixels : ndarray of float64, ``(C, H, W)``
        Contribution of every pixel; together with ``biases`` they sum to the score.
    weights : ndarray of float64, ``(C, H, W)``
        The local linear map: how much one unit of each pixel contributes.
    biases : dict of str to float
        Contribution of every layer's biases, by layer.
    """

    score: float
    pixels: Array
    weights: Array
    biases: dict[str, float]

    @property
    def total(self) -> float:
        """Sum of all parts; equals the score but for rounding."""
        return float(self.pixels.sum()) + sum(self.biases.values())


def why_not_linear(design: Design) -> str:
    """A sentence on the layer that is not linear piece by piece; empty if all are."""
    for layer in design.named().layers:
        if not isinstance(layer, LINEAR):
            kind = type(layer).__name__
            return f"{layer.name} is a {kind}, with which a score is no sum over the pixels, as it is with ReLUs"
    return ""


def contributions(network: Network, image: npt.ArrayLike, target: Target) -> Contributions:
    """The exact contribution of every pixel and every layer's biases to a score, in float64.

    Raises
    ------
    DesignError
        A layer is not linear piece by piece; the sentence names it.
    """
    reason = why_not_linear(network.design)
    if reason:
        raise DesignError(f"{network.design.name}: {reason}")
    x = one(network, image)
    forward = lowered_score(network.design, 1, target, backward=False)
    added = [name for name in network.parameters if name.endswith((".bias", ".shift")) and name in forward.arrays]
    centred = [name for name in forward.arrays if name.endswith(".centred")]
    moved = {step.output: step.op.shift for step in forward.steps if isinstance(step.op, rescale.Rescale)}
    program = lowered_score(network.design, 1, target, also=(*added, *centred, *moved))
    env = run(network, program, x[None], np.float64)
    weights = env[program.gradients[IMAGES]][0]
    biases: dict[str, float] = {}
    for name in added:
        part = float((env[name] * env[program.gradients[name]]).sum())
        biases[program.arrays[name].layer] = biases.get(program.arrays[name].layer, 0.0) + part
    for name in centred:
        layer = program.arrays[name].layer
        slope = env[program.gradients[name]].sum(axis=(0, 2, 3))
        biases[layer] = biases.get(layer, 0.0) - float((slope * env[f"{layer}.running_mean"]).sum())
    for name, shift in moved.items():
        layer = program.arrays[name].layer
        biases[layer] = shift * float(env[program.gradients[name]].sum())
    return Contributions(float(env["score.s"][0]), x * weights, weights, biases)
