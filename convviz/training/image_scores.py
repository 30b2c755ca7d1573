"""A network's answers to several images, beside the image that is watched."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.training.images import Images, Split
from convviz.training.layer_measures import ForwardPasses

SHARE = 0.02
"""Share of the time that scoring images may take while training runs."""
LEAST_SECONDS = 0.2
"""Least seconds from one scoring to the next."""

ImagePlace = tuple[str, int]
"""Split and row of an image."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageScores:
    """Images with a network's answers at one step; all arrays are read-only.

    Parameters
    ----------
    step : int
        Minibatches done.
    places : tuple of (str, int)
        Split and row of each image.
    images : ndarray of float32, ``(n, C, H, W)``
    labels : ndarray of int64, ``(n,)``
    probabilities : ndarray, ``(n, classes)``
    """

    step: int
    places: tuple[ImagePlace, ...]
    images: Images
    labels: npt.NDArray[np.int64]
    probabilities: Array


def score_images(
    passes: ForwardPasses, step: int, places: Sequence[ImagePlace], splits: Mapping[str, Split | None]
) -> ImageScores | None:
    """Run a network forward on some images; None if none of them exists.

    Parameters
    ----------
    passes : ForwardPasses
        Of the network, which keep the probabilities.
    step : int
        How many minibatches the network was trained.
    places : sequence of (str, int)
        Those that do not exist are left out.
    splits : mapping of str to Split or None
    """
    known = [(place, splits.get(place[0])) for place in places]
    found = [(place, split) for place, split in known if split is not None and place[1] < len(split)]
    if not found:
        return None
    images = np.stack([split.images[row] for (_, row), split in found]).astype(np.float32)
    labels = np.array([split.labels[row] for (_, row), split in found], np.int64)
    probabilities = np.concatenate([env[PROBABILITIES].copy() for env in passes.of(images)])
    for array in (images, labels, probabilities):
        array.setflags(write=False)
    return ImageScores(step, tuple(place for place, _ in found), images, labels, probabilities)


class ImageScorer:
    """Scores images for the pictures of a run, only as often as it costs little; every time while the run is paused.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        self._passes = ForwardPasses(network, keep=(PROBABILITIES,))
        self._asked: tuple[object, ...] = ()
        self._found: ImageScores | None = None
        self._next = 0.0

    def scores(
        self,
        step: int,
        places: tuple[ImagePlace, ...],
        splits: Mapping[str, Split | None],
        *,
        version: object = None,
        must: bool = False,
    ) -> ImageScores | None:
        """The scores of images, of this step or a little earlier; None if there are no images.

        Parameters
        ----------
        step : int
        places : tuple of (str, int)
        splits : mapping of str to Split or None
        version : object
            Equal as long as the network has not changed.
        must : bool
            They must be of this step.
        """
        if not places:
            self._asked, self._found = (), None
            return None
        asked, began = (places, version), time.perf_counter()
        is_other = self._asked[:1] != asked[:1]
        if asked != self._asked and (must or is_other or began >= self._next):
            self._found = score_images(self._passes, step, places, splits)
            self._asked = asked
            now = time.perf_counter()
            self._next = now + max(LEAST_SECONDS, (now - began) / SHARE)
        return self._found
