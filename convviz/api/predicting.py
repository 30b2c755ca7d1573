"""Predictions: the same code that ``convviz predict`` runs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from convviz.api.run import Run, network_of
from convviz.core.network import Network
from convviz.data.dataset import Dataset
from convviz.data.given import check_data, images_of, labels_of
from convviz.run.opening import split_of
from convviz.training.images import Split
from convviz.training.predict import OnCompiling, Predictions
from convviz.training.predict import predict as predict_split

__all__ = ["predict"]


def predict(
    what: Network | Run,
    images: Dataset | npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    *,
    split: Literal["training", "test"] = "test",
    threads: int = 2,
    on_compiling: OnCompiling | None = None,
) -> Predictions:
    """Predict the classes of images.

    Parameters
    ----------
    what : Network or Run
    images : Dataset or array, ``(n, C, H, W)``
        Pixels in 0…1 (images of at most 4×4 pixels: any finite numbers). For a data set, ``split`` chooses the part.
    labels : array of int, ``(n,)``, optional
        Classes of the images; without them, losses and accuracy are meaningless. A data set has its own.
    split : str
        ``"test"`` or ``"training"``.
    threads : int
        The result is the same with any number.
    on_compiling : callable, optional
        Called after each kernel that has to be compiled first, with the number that are compiled and the number of all.

    Returns
    -------
    Predictions
        ``predicted`` (n,), ``probabilities`` (n, classes), ``losses`` (n,), ``accuracy``, ``loss``, ``confusion``.

    Raises
    ------
    DataError
        The pixels do not lie in 0…1, or a label is not a whole number.
    DesignError
        The images do not fit the network.
    TypeError
        What predicts is neither a network nor a run.

    Examples
    --------
    >>> import convviz
    >>> data = convviz.load_data()
    >>> network = convviz.Network(convviz.preset("course-7x7"))
    >>> convviz.predict(network, data.x_test[:3]).probabilities.shape
    (3, 10)
    """
    network = network_of(what, "predict")
    if isinstance(images, Dataset):
        check_data(images)
        return predict_split(network, split_of(images, split), threads=threads, on_compiling=on_compiling)
    pixels = images_of(images).astype(np.float32)
    known = np.zeros(len(pixels), np.int64) if labels is None else labels_of(labels)
    return predict_split(network, Split(pixels, known), threads=threads, on_compiling=on_compiling)
