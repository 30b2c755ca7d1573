"""The smallest change of an image that changes the network's answer: to any other, or to a given class.

FGSM (Goodfellow et al., 2015) is one step: every pixel moves by ε in the direction that raises the loss of the label,
or towards a class, that lowers the loss of that class. The smallest change is searched as by DeepFool
(Moosavi-Dezfooli et al., 2016): step by step to the nearest border of the class, as the gradients see it, then back
along the line as long as the answer stays changed. Nothing proves that no smaller change exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.passes import check_class, probabilities_of, run, score_and_gradient, scores_of
from convviz.probe.progress import Progress, silent, tell
from convviz.probe.saliency import one

__all__ = ["Change", "fgsm", "loss_gradient", "smallest_change", "smallest_fgsm"]

OVERSHOOT = 0.02
"""Share by which each step goes beyond the border."""
BEYOND = 1e-6
"""Length of the step beyond the border where both scores are equal already."""
HALVINGS = 24
"""Times that the line between the image and what was found is halved."""
FIRST = 64
"""Values of ε that are tried, evenly spread over 0…1; the first that is enough is then made smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """An image that gets another answer.

    Parameters
    ----------
    image : ndarray of float64, ``(C, H, W)``
        Pixels in 0…1.
    change : ndarray, ``(C, H, W)``
        Its difference from the given image.
    before, after : ndarray, ``(classes,)``
        Probabilities.
    found : bool
        Whether the answer is another, or the one asked for.
    """

    image: Array
    change: Array
    before: Array
    after: Array
    found: bool

    @property
    def norm(self) -> float:
        """L2 norm of the change."""
        return float(np.linalg.norm(self.change))

    @property
    def largest(self) -> float:
        """Largest change of a pixel."""
        return float(np.abs(self.change).max())


def loss_gradient(network: Network, image: npt.ArrayLike, label: int) -> Array:
    """Gradient of the loss with respect to the pixels, ``(C, H, W)`` of float64.

    Raises
    ------
    DesignError
        There is no such class, or the loss ignores it.
    """
    x = one(network, image)
    program = network.program(1, train=False, image_gradient=True)
    labels = np.array([check_class(network, label, "label")])
    if label == network.design.training.ignored_label:
        raise DesignError(f"label: expected a class that counts, the loss ignores {label}")
    return np.asarray(run(network, program, x[None], np.float64, {LABELS: labels})[program.gradients[IMAGES]][0])


def fgsm(
    network: Network, image: npt.ArrayLike, label: int | None = None, epsilon: float = 0.1, *, to: int | None = None
) -> Change:
    """The fast gradient sign method: every pixel moves by ``epsilon``, and stays in 0…1.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    label : int, optional
        The class whose loss is raised; what the network answers unless given.
    epsilon : float
    to : int, optional
        The class whose loss is lowered, in place of that.

    Raises
    ------
    DesignError
        There is no such class, or both are given.
    """
    if not 0 <= epsilon < np.inf:
        raise DesignError(f"epsilon: expected 0 or more, got {epsilon:g}")
    x = one(network, image)
    image = np.clip(x + epsilon * signs(network, x, label, to), 0, 1)
    return changed(network, x, image, None if to is None else is_other(network, image, -1, to))


def signs(network: Network, x: Array, label: int | None, to: int | None) -> Array:
    """The direction in which every pixel moves: −1, 0 or 1.

    Raises
    ------
    DesignError
    """
    if label is not None and to is not None:
        raise DesignError(f"fgsm: expected a label to leave or a class to go to, got both, {label} and {to}")
    if to is not None:
        return np.asarray(-np.sign(loss_gradient(network, x, check_class(network, to, "to"))))
    start = int(scores_of(network, x[None])[0].argmax()) if label is None else label
    return np.asarray(np.sign(loss_gradient(network, x, start)))


def smallest_fgsm(
    network: Network, image: npt.ArrayLike, *, to: int | None = None, progress: Progress = silent
) -> Change:
    """Find the least ε with which :func:`fgsm` changes the answer.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    to : int, optional
        The class to be answered; any other one unless given.
    progress : callable

    Returns
    -------
    Change
        ``found`` is False if no ε up to 1 is enough; then it is the step with 1. :attr:`Change.largest` is the ε,
        unless every pixel that moves reaches 0 or 1 before.
    """
    x = one(network, image)
    start = int(scores_of(network, x[None])[0].argmax())
    way = signs(network, x, None, to)

    def at(size: float) -> Array:
        return np.asarray(np.clip(x + size * way, 0, 1))

    tell(progress, 0, FIRST)
    if to == start:
        return changed(network, x, x)
    for number in range(1, FIRST + 1):
        if is_other(network, at(number / FIRST), start, to):
            tell(progress, FIRST, FIRST)
            low, high = (number - 1) / FIRST, number / FIRST
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                low, high = (low, middle) if is_other(network, at(middle), start, to) else (middle, high)
            return changed(network, x, at(high), True)
        tell(progress, number, FIRST)
    return changed(network, x, at(1.0), False)


def smallest_change(
    network: Network,
    image: npt.ArrayLike,
    *,
    to: int | None = None,
    steps: int = 100,
    progress: Progress = silent,
) -> Change:
    """The change with the smallest L2 norm found that changes the answer; pixels stay in 0…1.

    Parameters
    ----------
    network : Network
    image : array, ``(C, H, W)``
    to : int, optional
        The class to be answered; any other one unless given.
    steps : int
        Most steps.
    progress : callable

    Returns
    -------
    Change
        ``found`` is False if no such image was found within ``steps``.
    """
    x = one(network, image)
    start = int(scores_of(network, x[None])[0].argmax())
    others = [k for k in range(network.design.classes) if k != start]
    if to is not None:
        others = [check_class(network, to, "to")]
    if others == [start]:
        return changed(network, x, x)
    there = x
    for number in range(steps):
        tell(progress, number, steps)
        if is_other(network, there, start, to):
            return changed(network, x, shortened(network, x, there, start, to), True)
        move = step_to_border(network, there, others)
        if not move.any():
            break
        there = np.clip(there + move, 0, 1)  # once more: a sum of rounded numbers may be a little beyond
    tell(progress, steps, steps)
    found = is_other(network, there, start, to)
    return changed(network, x, shortened(network, x, there, start, to) if found else there, found)


def step_to_border(network: Network, image: Array, others: list[int]) -> Array:
    """The change that would take an image just beyond the nearest border with some classes if scores were linear.

    Pixels stay in 0…1. Zeros where no gradient points to one of them.
    """
    best, move = np.inf, np.zeros_like(image)
    rival = int(scores_of(network, image[None])[0].argmax())  # on the way to a class, a third one may be ahead
    for k in others:
        gap, slope = score_and_gradient(network, image[None], Target.of_class(k, rival))
        size = float(np.linalg.norm(slope))
        if size > 0 and abs(float(gap[0])) / size < best:
            best = abs(float(gap[0])) / size
            move = slope[0] * (best + BEYOND) / size
    return np.asarray(np.clip(image + (1 + OVERSHOOT) * move, 0, 1) - image)


def is_other(network: Network, image: Array, start: int, to: int | None) -> bool:
    """Whether the network answers otherwise, or with the class ``to``."""
    answer = int(scores_of(network, image[None])[0].argmax())
    return answer != start if to is None else answer == to


def shortened(network: Network, x: Array, there: Array, start: int, to: int | None) -> Array:
    """The nearest image on the line from x that still gets the other answer."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if is_other(network, x + middle * (there - x), start, to):
            high = middle
        else:
            low = middle
    return np.asarray(x + high * (there - x))


def changed(network: Network, x: Array, image: Array, found: bool | None = None) -> Change:
    """The change, with the answers to both images. Without ``found``, any other answer counts as found."""
    before, after = probabilities_of(scores_of(network, np.stack([x, image])))
    return Change(image, image - x, before, after, bool(before.argmax() != after.argmax()) if found is None else found)
