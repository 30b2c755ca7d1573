"""Predictions: the same code that ``convviz predict`` runs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from convviz.api.run import Run
from convviz.core.network import Network
from convviz.data.dataset import Dataset
from convviz.run.opening import split_of
from convviz.training.images import Split
from convviz.training.predict import Predictions
from convviz.training.predict import predict as predict_split

__all__ = ["predict"]


def predict(
    what: Network | Run,
    images: Dataset | npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    *,
    split: Literal["training", "test"] = "test",
    threads: int = 2,
) -> Predictions:
    """What a network says of images.

    Parameters
    ----------
    what : Network or Run
    images : Dataset or array, ``(n, C, H, W)``
        Of a data set the part that ``split`` names.
    labels : array of int, ``(n,)``, optional
        What the images are; without them losses and accuracy mean nothing. A data set brings its own.
    split : str
        ``"test"`` or ``"training"``.
    threads : int
        The result is the same with any number.

    Returns
    -------
    Predictions
        ``predicted`` (n,), ``probabilities`` (n, classes), ``losses`` (n,), ``accuracy``, ``loss``, ``confusion``.

    Raises
    ------
    DesignError
        The images do not fit the network.

    Examples
    --------
    >>> import convviz
    >>> data = convviz.load_data()
    >>> network = convviz.Network(convviz.preset("course-7x7"))
    >>> convviz.predict(network, data.x_test[:3]).probabilities.shape
    (3, 10)
    """
    network = what.network if isinstance(what, Run) else what
    if isinstance(images, Dataset):
        return predict_split(network, split_of(images, split), threads=threads)
    pixels = np.asarray(images, np.float32)
    known = np.zeros(len(pixels), np.int64) if labels is None else np.asarray(labels).reshape(-1).astype(np.int64)
    return predict_split(network, Split(pixels, known), threads=threads)
