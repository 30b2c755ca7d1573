"""Every map that explains one answer: the quick ones together, the slow ones each by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.core.score import SCORE, Target
from convviz.core.wiring import IMAGES
from convviz.present.adding_up import adding_up
from convviz.present.colour import ColourRole
from convviz.present.numbers import format_value
from convviz.probe.class_activation import grad_cam
from convviz.probe.covering import Occlusion, occlusion
from convviz.probe.layers import convolutions
from convviz.probe.linear import contributions, why_not_linear
from convviz.probe.passes import check_weights
from convviz.probe.progress import Progress, tell
from convviz.probe.saliency import (
    gradient,
    gradient_times_input,
    guided_backprop,
    integrated_gradients,
    smooth_gradient,
)

MADE = {
    "gradient": "its last array, d_x, is the gradient; times x it is gradient × input",
    "Grad-CAM": "the mean over each map's gradient, d_a, is the weight that Grad-CAM gives the map",
    "guided": "its last array, d_x, is the map",
    "integrated": "integrated gradients are the mean of 64 such passes, of images from empty paper to this one",
    "SmoothGrad": "SmoothGrad is the mean of 32 such passes, of noisy copies of this image",
    "occlusion": "occlusion compares its score with those of the same pass when a patch is covered",
}
"""How a pass is related to a map, by the first word of the map's title."""
QUICK, INTEGRATED, SMOOTH, OCCLUDED = "maps", "integrated gradients", "SmoothGrad", "occlusion"
PATCH = 5
"""Side of the patch that occlusion covers small images with."""
SMALL = 32
"""Largest side of a small image."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One map.

    Parameters
    ----------
    title : str
    values : ndarray, ``(H, W)``
        Summed over the channels.
    role : Role
        Decides the colours.
    sums : str
        What it adds up to; may be empty.
    about : str
        How it is computed, and what it does not say.
    made : str
        How the pass that Step goes through is related to it.
    guided : bool
        Whether the ReLUs of that pass let back only positive gradients.
    shows : str
        The array of that pass that it is made from.
    shows_gradient : bool
        Whether it is the gradient of that array.
    covered : Occlusion or None
        Every score with a patch covered, if it was made from them.
    """

    title: str
    values: Array
    role: ColourRole
    sums: str
    about: str
    made: str = ""
    guided: bool = False
    shows: str = IMAGES
    shows_gradient: bool = True
    covered: Occlusion | None = None

    @property
    def seen(self) -> Array | None:
        """The pixels that the map says something about, ``(H, W)``; None for all."""
        return None if self.covered is None else self.covered.seen(*self.values.shape)


def explain(network: Network, image: Array, target: Target, progress: Progress, found: object) -> None:
    """Compute the maps that take a pass each; each is passed to the function ``found``.

    Raises
    ------
    DesignError
        A weight or a pixel is not finite.
    ProbeCancelledError
    """
    assert callable(found)
    check_weights(network)
    linear = not why_not_linear(network.design)
    maps = convolutions(network.design)
    total = 3 + len(maps)
    done = 0

    def put(title: str, values: Array, role: ColourRole, sums: str, about: str, shows: str = IMAGES) -> None:
        nonlocal done
        done += 1
        picture = values if values.ndim == 2 else values.sum(axis=0)
        found(replace(of_title(title, picture, role, sums, about), shows=shows))
        tell(progress, done, total)

    product = gradient_times_input(network, image, target)[0]
    of_pixels = float(product.sum())
    sums = f"sums to {format_value(of_pixels)}"
    about = "Each pixel times its gradient: what it contributes to the score."
    if linear:
        parts = contributions(network, image, target)
        written = adding_up((of_pixels, sum(parts.biases.values())), parts.score)
        pixels, biases = written.terms
        sums = f"pixels {pixels}, biases {biases}: score {'' if written.sign == '=' else '≈ '}{written.total}"
        about += " Exact here: with the biases the pixels sum to the score."
    else:
        about += f" Not exact here: {why_not_linear(network.design)}."
    put("gradient × input", product, ColourRole.GRADIENT, sums, about)
    put(
        "gradient",
        gradient(network, image, target)[0],
        ColourRole.GRADIENT,
        "",
        "How fast the score would grow with each pixel, also where there is nothing.",
    )
    for one in maps:
        cam = grad_cam(network, image, target, one.name)
        put(
            f"Grad-CAM {one.name}",
            cam.pixels[0],
            ColourRole.ACTIVATION,
            f"{one.height}×{one.width} place{'' if one.height * one.width == 1 else 's'}",
            f"Places whose maps speak for the class, each drawn at the middle of what it sees.{emptiness(cam.sums)}",
            one.array,
        )
    put(
        "guided backprop",
        guided_backprop(network, image, target)[0],
        ColourRole.GRADIENT,
        "",
        "ReLUs let back only positive gradients. Clear, but no derivative: it hardly depends on the last weights.",
    )


def emptiness(sums: Array) -> str:
    """Why a map of Grad-CAM is empty, with a blank before it; empty where it is not.

    Parameters
    ----------
    sums : ndarray
        The weighted sums of the maps at every place, before their maximum with 0.
    """
    highest = float(sums.max())
    if highest > 0:
        return ""
    if not sums.any():
        return " Empty: the weighted sum of the maps is 0 at every place."
    where = "negative" if highest < 0 else "0 or negative"
    return (
        f" Empty: the weighted sum of the maps is {where} at every place, at most {format_value(highest)}, and "
        "Grad-CAM keeps only what is above 0. These maps speak against the class."
    )


def integrated(network: Network, image: Array, target: Target, progress: Progress) -> Explanation:
    """Integrated gradients.

    Raises
    ------
    DesignError
        A weight or a pixel is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    made = integrated_gradients(network, image, target, progress=progress)
    sums = f"sums to {format_value(float(made.sum()))}"
    about = "Gradients averaged from empty paper to the image: the sum is what the image adds to the score."
    return of_title(INTEGRATED, made.sum(axis=0), ColourRole.GRADIENT, sums, about)


def smoothed(network: Network, image: Array, target: Target, progress: Progress) -> Explanation:
    """SmoothGrad; raises as :func:`integrated`."""
    check_weights(network)
    made = smooth_gradient(network, image, target, progress=progress)
    about = "The mean gradient of 32 noisy copies of the image."
    return of_title(SMOOTH, made.sum(axis=0), ColourRole.GRADIENT, "", about)


def occluded(
    network: Network, image: Array, target: Target, patch: int, stride: int, progress: Progress
) -> Explanation:
    """Occlusion by a patch that moves by a stride; raises as :func:`integrated`."""
    check_weights(network)
    covered = occlusion(network, image, target, patch=patch, stride=stride, precision=np.float32, progress=progress)
    row, column = covered.lowest
    low = format_value(float(covered.scores.min()))
    sums = f"score {format_value(covered.score)} · lowest {low}, patch at row {row}, column {column}"
    about = f"What the score loses on average when a {patch}×{patch} patch of paper lies over the pixel."
    made = of_title(f"{OCCLUDED} {patch}×{patch}", covered.pixels, ColourRole.GRADIENT, sums, about)
    return replace(made, covered=covered, shows=SCORE, shows_gradient=False)


def usual_patch(height: int, width: int) -> tuple[int, int]:
    """Patch and stride to begin with: a few hundred places, for large images too."""
    side = max(height, width)
    patch, stride = (PATCH, 1) if side <= SMALL else (side // 6, max(1, side // 28))
    return min(patch, height, width), stride


def of_title(title: str, values: Array, role: ColourRole, sums: str, about: str) -> Explanation:
    """A map whose title says which pass made it."""
    made = MADE.get(title.partition(" ")[0], "")
    return Explanation(title, values, role, sums, about, made, title.startswith("guided"))
