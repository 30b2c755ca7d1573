"""What a network gets right and wrong over a set of images."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.probe.passes import check_pixels, check_weights
from convviz.probe.progress import Progress, silent, tell
from convviz.training.images import Split
from convviz.training.predict import predict
from convviz.training.scoring import counting

__all__ = ["Calibration", "Mistakes", "measure_mistakes"]

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Whether a network is as often right as it is sure.

    Parameters
    ----------
    edges : ndarray, ``(bins + 1,)``
        Limits of the bins of confidence; a bin includes its upper limit.
    counts : ndarray of int, ``(bins,)``
        Images in each bin.
    confidence, accuracy : ndarray, ``(bins,)``
        Mean confidence and share of right answers in each; NaN where there is no image.
    """

    edges: Array
    counts: Rows
    confidence: Array
    accuracy: Array

    @property
    def error(self) -> float:
        """Expected calibration error: Σ share of images · |accuracy − confidence|."""
        has = self.counts > 0
        gaps = np.abs(self.accuracy[has] - self.confidence[has])
        return float((self.counts[has] / max(self.counts.sum(), 1) * gaps).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """The answers to a set of images.

    Parameters
    ----------
    probabilities : ndarray, ``(n, classes)``
    labels : ndarray of int, ``(n,)``
    ignored : int, optional
        A label that does not count: its images are neither right nor wrong.

    Attributes
    ----------
    answers : ndarray of int, ``(n,)``
        The most probable class of each image.
    confidence : ndarray, ``(n,)``
        The probability of each answer.
    counts : ndarray of bool, ``(n,)``
        Which images count.
    wrong : ndarray of bool, ``(n,)``
        Which of them have another answer than their label.
    confusion : ndarray of int, ``(classes, classes)``
        Images that count by label (row) and answer (column).
    """

    probabilities: Array
    labels: Rows
    ignored: int | None = None
    # Computed once, in the measuring thread: the window reads them again and again.
    answers: Rows = field(init=False)
    confidence: Array = field(init=False)
    counts: npt.NDArray[np.bool_] = field(init=False)
    wrong: npt.NDArray[np.bool_] = field(init=False)
    confusion: Rows = field(init=False)

    def __post_init__(self) -> None:
        classes = self.probabilities.shape[1]
        answers = np.asarray(self.probabilities.argmax(axis=1), np.int64)
        some = counting(self.labels, self.ignored)
        counts = np.ones(len(answers), np.bool_) if some is None else some
        cells = (self.labels * classes + answers)[counts]
        confusion = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
        object.__setattr__(self, "answers", answers)
        object.__setattr__(self, "confidence", np.asarray(self.probabilities.max(axis=1)))
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "wrong", (answers != self.labels) & counts)
        object.__setattr__(self, "confusion", np.asarray(confusion, np.int64))

    @property
    def accuracy(self) -> float:
        """Share of right answers; 0 where no image counts."""
        return (self.count - int(np.count_nonzero(self.wrong))) / max(self.count, 1)

    @property
    def count(self) -> int:
        """How many images count."""
        return int(np.count_nonzero(self.counts))

    @property
    def recall(self) -> Array:
        """Share of each class's images that are answered with it; NaN for a class without images."""
        return share(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def precision(self) -> Array:
        """Share of each answer that is right; NaN for a class that is never answered."""
        return share(np.diag(self.confusion), self.confusion.sum(axis=0))

    def top(self, count: int) -> float:
        """Share of the images whose label is among the ``count`` most probable classes.

        Of classes with equal probabilities, the first one counts as the more probable.
        """
        if not self.count:
            return 0.0
        said, labels = self.probabilities[self.counts], self.labels[self.counts, None]
        truth = np.take_along_axis(said, labels, axis=1)
        before = np.arange(said.shape[1])[None] < labels
        ahead = (said > truth) | ((said == truth) & before)
        return float((ahead.sum(axis=1) < count).mean())

    def calibration(self, bins: int = 15) -> Calibration:
        """Confidence and accuracy in bins of equal width."""
        if bins < 1:
            raise DesignError(f"bins: expected 1 or more, got {bins}")
        edges = np.linspace(0, 1, bins + 1)
        which = self.bins(bins)[self.counts]
        counts = np.bincount(which, minlength=bins)
        sure = np.bincount(which, weights=self.confidence[self.counts], minlength=bins)
        right = np.bincount(which, weights=~self.wrong[self.counts], minlength=bins)
        return Calibration(edges, counts.astype(np.int64), share(sure, counts), share(right, counts))

    def bins(self, bins: int = 15) -> Rows:
        """The bin of confidence that each image is in, ``(n,)``, as :meth:`calibration` has them."""
        found = np.searchsorted(np.linspace(0, 1, bins + 1), self.confidence, side="left") - 1
        return np.asarray(np.clip(found, 0, bins - 1), np.int64)

    def rows(self, label: int, answer: int) -> Rows:
        """The images of a class that got an answer: wrong ones the surest first, right ones the least sure first."""
        found = np.flatnonzero((self.labels == label) & (self.answers == answer) & self.counts)
        return self._sorted(found, surest=label != answer)

    def worst(self) -> Rows:
        """All mistakes, the surest first."""
        return self._sorted(np.flatnonzero(self.wrong), surest=True)

    def pairs(self) -> list[tuple[int, int, int]]:
        """Label, answer, number of images of every confusion, the most frequent first."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        found = [(int(a), int(b), int(wrong[a, b])) for a, b in zip(*np.nonzero(wrong), strict=True)]
        return sorted(found, key=lambda pair: -pair[2])

    def _sorted(self, rows: Rows, *, surest: bool) -> Rows:
        sure = self.confidence[rows]
        return np.asarray(rows[np.argsort(-sure if surest else sure, kind="stable")], np.int64)


def measure_mistakes(network: Network, split: Split, *, threads: int = 2, progress: Progress = silent) -> Mistakes:
    """Run all images of a split through the network, as in evaluation.

    Raises
    ------
    DesignError
        The images do not fit, there are none, or a weight is not finite.
    ProbeCancelledError
    """
    if not len(split):
        raise DesignError(f"{network.design.name}: expected images to answer, there are none")
    check_weights(network)
    check_pixels(network, split.images)
    tell(progress, 0, len(split))
    found = predict(network, split, threads=threads, went=lambda done: tell(progress, done, len(split)))
    return Mistakes(found.probabilities, found.labels, network.design.training.ignored_label)


def share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Array:
    """Part by whole; NaN where the whole is 0."""
    below = np.asarray(whole, np.float64)
    return np.asarray(np.divide(part, below, out=np.full(below.shape, np.nan), where=below > 0))
