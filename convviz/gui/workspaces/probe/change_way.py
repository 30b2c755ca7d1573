"""The way from an image to another answer: what was searched, and the scores along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.probe.attack import Change, smallest_change, smallest_fgsm
from convviz.probe.passes import check_weights, probabilities_of, scores_of
from convviz.probe.progress import Progress

LEAST, SIGNS = "least", "signs"
"""What is searched: the smallest change in L2, or the smallest step of the fast gradient sign method."""
STOPS = 30
"""Positions of the slider after the image itself; the last one is one and a half times the change that was found."""
REACH = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The straight way from an image through one with another answer.

    Parameters
    ----------
    change : Change
        What was found.
    shares : ndarray, ``(k,)``
        Shares of the change, from 0; 1 is the image that was found.
    images : ndarray, ``(k, C, H, W)``
        Pixels stay in 0…1.
    probabilities : ndarray, ``(k, classes)``
    to : int or None
        The class that was asked for; None for any other.
    by : str
        ``LEAST`` or ``SIGNS``.
    """

    change: Change
    shares: Array
    images: Array
    probabilities: Array
    to: int | None = None
    by: str = LEAST


def find_way(network: Network, image: Array, progress: Progress, to: int | None = None, by: str = LEAST) -> Way:
    """Search a change, and run the network on the way there and beyond.

    Raises
    ------
    DesignError
        A weight or a pixel is not finite, or the loss ignores the class.
    ProbeCancelledError
    """
    check_weights(network)
    search = smallest_change if by == LEAST else smallest_fgsm
    found = search(network, image, to=to, progress=progress)
    shares = np.linspace(0, REACH, STOPS + 1)
    images = np.clip(np.asarray(image, np.float64) + shares[:, None, None, None] * found.change, 0, 1)
    return Way(found, shares, images, probabilities_of(scores_of(network, images)), to, by)
