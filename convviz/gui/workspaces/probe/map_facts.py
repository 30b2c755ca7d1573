"""Maps of the images, and the functions that lay them out."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Dropout, Flatten
from convviz.core.network import Network
from convviz.files.cancel import LoadCancelledError
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.worker import Tell
from convviz.probe.embedding import aligned, neighbour_map
from convviz.probe.principal import evenly, numbers_of, principal_map, projected
from convviz.probe.progress import ProbeCancelledError, Progress, part_of
from convviz.run.opening import OpenData
from convviz.run.recording.opening import open_recording
from convviz.run.recording.replay import Replayer
from convviz.training.images import Split

PCA, TSNE = "PCA", "t-SNE"
MOST = 10_000
"""Most images on a map."""
SAMPLE = 2500
"""Images that t-SNE lays out unless all are wanted: its time grows faster than their number."""
SOON = 4096
"""Most numbers of a layer that is laid out without being asked for."""
ROOM = 32 << 20
"""Most numbers of a layer that are kept at a time: 128 MB."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ImageMap:
    """Images as points, of unit spread.

    Parameters
    ----------
    layer : str
        Empty for the pixels.
    way : str
        ``PCA`` or ``t-SNE``.
    points : ndarray of float64, ``(n, 2)``
    words : str
        How it was made.
    epoch : int
        Of the recording; -1 for the moment that is probed.
    step : int
    rows : ndarray of int, ``(n,)``, optional
        Which images they are, in order; the first ones unless given.
    """

    layer: str
    way: str
    points: Array
    words: str
    epoch: int = -1
    step: int = 0
    rows: Rows | None = None

    @property
    def images(self) -> Rows:
        """Which images they are."""
        return np.arange(len(self.points)) if self.rows is None else self.rows

    def place(self, row: int) -> int:
        """The point of an image; -1 if it is not on the map."""
        at = int(np.searchsorted(self.images, row))
        return at if at < len(self.points) and self.images[at] == row else -1


def layers_of(design: Design) -> list[str]:
    """Layers whose output can be laid out; empty for the pixels."""
    return ["", *(one.name for one in design.layers if not isinstance(one, Flatten | Dropout))]


def mapped_rows(count: int, way: str = PCA, *, whole: bool = False, among: int = -1) -> Rows:
    """The rows of the images that are laid out: all, or as many as fit on a map, evenly spread.

    t-SNE takes a part of them unless ``whole``; the image ``among`` is in it.
    """
    rows = evenly(count, MOST)
    if way == PCA or whole:
        return rows
    some = rows[evenly(len(rows), SAMPLE)]
    if among in rows:
        some[np.searchsorted(some, among, side="right") - 1] = among  # in place of the one before it: still sorted
    return some


def some_of(images: Split, rows: Rows) -> Split:
    """Some of the images; without a copy if they are all."""
    return images if len(rows) == len(images) else Split(images.images[rows], images.labels[rows])


def first_layer(network: Network) -> str:
    """The layer that is laid out first: the last one before the scores, or the scores if it is too large."""
    layers = layers_of(network.design)
    before = layers[max(len(layers) - 2, 0)]
    return before if numbers_of(network, before) <= SOON else layers[-1]


def lay_out(
    moment: Moment, layer: str, way: str, progress: Progress, *, whole: bool = False, among: int = -1
) -> ImageMap:
    """Lay out images of a moment.

    Parameters
    ----------
    moment : Moment
    layer : str
        Empty for the pixels.
    way : str
        ``PCA`` or ``t-SNE``.
    progress : callable
    whole : bool
        Whether t-SNE takes all images of the map, not a sample of them.
    among : int
        Row of an image that is to be in a sample.

    Raises
    ------
    DesignError
        There are too few images, the library is missing, or a weight is not finite.
    ProbeCancelledError
    """
    rows = mapped_rows(len(moment.images), way, whole=whole, among=among)
    made = of_network(moment.network, some_of(moment.images, rows), layer, way, progress)
    return replace(made, rows=rows)


def of_network(
    network: Network, images: Split, layer: str, way: str, progress: Progress, start: Array | None = None
) -> ImageMap:
    """The same for any network."""
    if way == TSNE:
        near = neighbour_map(network, images, layer, start=start, progress=progress)
        words = f"perplexity {near.perplexity:g} · distances between clusters say little"
        points = near.points if start is not None else projected(near.points, 2)[0]  # its long side across
        return ImageMap(layer, way, unit(points), words)
    found = principal_map(network, images, layer, room=ROOM, progress=progress)
    across, up = found.shares
    words = f"{across:.0%} of the variance lies across, {up:.0%} up and down"
    words += f" · axes from {found.axes_from:,} images" if found.axes_from < len(images) else ""
    return ImageMap(layer, way, unit(found.points), words)


def unit(points: Array) -> Array:
    """Points about 0, with a mean square distance of 1."""
    points = points - points.mean(axis=0)
    size = float(np.sqrt((points * points).sum(axis=1).mean()))
    return np.asarray(points / size if size > 0 else points)


def follow(data: OpenData, path: Path, moment: Moment, last: ImageMap, progress: Progress, found: Tell) -> int:
    """Lay out the same images at the end of every epoch of a recording, the newest first.

    Each map is turned until it lies on the one after it, and t-SNE begins from that, so that images stay about where
    they are. The moment itself comes first unless an epoch ends with it. Returns how many ends of epochs there are.

    Raises
    ------
    ConvvizError
        The recording can't be read or replayed.
    ProbeCancelledError
    """
    try:
        opened = open_recording(path, data)
        with contextlib.closing(opened.recording) as recording:
            if opened.data is None:
                raise DesignError(opened.missing)
            images, later = some_of(moment.images, last.images), last
            head = recording.head
            last_step = min(moment.step, recording.last_step)
            ends = [step for step in range(0, last_step + 1, head.minibatches) if step >= head.begin]
            if ends and ends[-1] != moment.step:  # in an epoch: its map follows that of the last whole one
                found(replace(last, epoch=ends[-1] // head.minibatches + 1, step=moment.step))
            with Replayer(recording, opened.data.train, opened.data.test, threads=1) as replayer:
                for number, step in enumerate(reversed(ends)):
                    share = part_of(progress, number / len(ends), (number + 1) / len(ends))
                    replayer.go_to(step, cancelled=partial(is_cancelled, share))
                    arrays = {name: np.array(array) for name, array in replayer.trainer.network.arrays.items()}
                    network = Network(replayer.trainer.design, precision=moment.network.precision, weights=arrays)
                    start = spread_out(later.points) if last.way == TSNE else None
                    made = of_network(network, images, last.layer, last.way, share, start)
                    points = unit(aligned(made.points, later.points))
                    later = ImageMap(
                        last.layer, last.way, points, made.words, step // head.minibatches, step, last.rows
                    )
                    found(later)
            return len(ends)
    except LoadCancelledError:
        raise ProbeCancelledError("cancelled") from None
    except sqlite3.Error as error:
        raise DesignError(f"{path.name}: expected a recording that can be read, got: {error}") from None


def is_cancelled(progress: Progress) -> bool:
    """Whether the work was cancelled."""
    return not progress(0, 1)


def spread_out(points: Array) -> Array:
    """Points spread as widely as t-SNE leaves them: its forces have a scale."""
    return np.asarray(points * 0.5 * np.sqrt(len(points)))


def nearest(points: Array, place: int, count: int) -> list[int]:
    """The points that lie nearest to one on the map."""
    away = np.square(points - points[place]).sum(axis=1)
    away[place] = np.inf
    return [int(one) for one in np.argsort(away, kind="stable")[:count] if one != place]
