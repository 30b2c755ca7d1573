"""What every filter of a convolution responds to, measured over a set of images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.probe.fields import receptive_field
from convviz.probe.layers import convolution
from convviz.probe.mistakes import share
from convviz.probe.passes import check_pixels, check_weights, lowered_forward, run
from convviz.probe.progress import Progress, batches, silent
from convviz.training.fit import check_fit
from convviz.training.images import Split

__all__ = ["Filters", "measure_filters"]


@dataclass(frozen=True, slots=True, eq=False)
class Filters:
    """Every filter of a convolution, after its own activation.

    Parameters
    ----------
    layer : str
    largest : ndarray, ``(F,)``
        Largest activation over all images and places.
    on : ndarray, ``(F,)``
        Share of all places of all images with an activation above 0.
    class_means : ndarray, ``(F, classes)``
        Mean activation over the images of each class; NaN for a class without images.
    rows : ndarray of int, ``(F, k)``
        Images with the strongest activations, the strongest first; each image once.
    places : ndarray of int, ``(F, k, 2)``
        Row and column of that activation.
    values : ndarray, ``(F, k)``
    patches : ndarray, ``(F, k, C, h, w)``
        The pixels that it depends on: its receptive field, with 0 beyond the image's edges.
    """

    layer: str
    largest: Array
    on: Array
    class_means: Array
    rows: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    values: Array
    patches: Array

    @property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Filters that are above 0 nowhere in these images."""
        return np.asarray(self.largest <= 0)


def measure_filters(
    network: Network, split: Split, layer: str = "", *, patches: int = 9, progress: Progress = silent
) -> Filters:
    """Run all images up to a convolution, the last one unless another is named.

    Raises
    ------
    DesignError
        The network has no such convolution, the images or labels do not fit it, or a weight is not finite.
    ProbeCancelledError
    """
    check_fit(network.design, "given", split)
    check_weights(network)
    check_pixels(network, split.images)
    maps = convolution(network.design, layer)
    count, classes, best = len(split), network.design.classes, min(patches, len(split))
    total, members = np.zeros((maps.filters, classes)), np.bincount(split.labels, minlength=classes)[:classes]
    on = np.zeros(maps.filters)
    values = np.full((maps.filters, best), -np.inf, network.precision)
    rows, places = np.zeros((maps.filters, best), np.int64), np.zeros((maps.filters, best), np.int64)
    for part in batches(count, progress):
        program, name = lowered_forward(network.design, part.stop - part.start, maps.last)
        made = run(network, program, split.images[part], network.precision)[name].reshape(
            -1, maps.filters, maps.height * maps.width
        )
        on += (made > 0).sum(axis=(0, 2))
        means = made.mean(axis=2, dtype=np.float64)
        np.add.at(total.T, split.labels[part], means)
        where = made.argmax(axis=2)
        peaks = np.take_along_axis(made, where[:, :, None], axis=2)[:, :, 0]
        every = np.concatenate([values, peaks.T], axis=1)
        order = np.argsort(-every, axis=1, kind="stable")[:, :best]
        here = np.broadcast_to(np.arange(part.start, part.stop), peaks.T.shape)
        values = np.take_along_axis(every, order, axis=1)
        rows = np.take_along_axis(np.concatenate([rows, here], axis=1), order, axis=1)
        places = np.take_along_axis(np.concatenate([places, where.T], axis=1), order, axis=1)
    field = receptive_field(network.design, maps.last)
    at = np.stack(np.divmod(places, maps.width), axis=2)
    cut = np.stack(
        [
            np.stack([field.patch(split.images[rows[f, k]], int(at[f, k, 0]), int(at[f, k, 1])) for k in range(best)])
            for f in range(maps.filters)
        ]
    )
    means = share(total, np.broadcast_to(members, total.shape))
    return Filters(maps.name, values[:, 0], on / (count * maps.height * maps.width), means, rows, at, values, cut)
