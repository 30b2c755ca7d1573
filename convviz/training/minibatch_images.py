"""The images of minibatches as they are trained on: original or augmented."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array
from convviz.core.augment.images import augmented
from convviz.core.design import Design
from convviz.training.images import Images, Split


class MinibatchImages:
    """The source from which plans take the images of minibatches.

    Without augmentation a plan reads the training images. Augmented ones are written into another array for every
    minibatch and read by the same kernels, so that switching augmentation compiles nothing.

    Parameters
    ----------
    train : Split
        The training images.
    """

    def __init__(self, train: Split) -> None:
        self._train = train
        self._places: dict[int, Split] = {}

    def place(self, design: Design, batch: int) -> Split:
        """The split from which a plan for minibatches of this size takes its images; each design needs its own."""
        self._places.pop(batch, None)
        if not design.training.augmentation.is_on:
            return self._train
        images = np.empty((batch, *self._train.images.shape[1:]), self._train.images.dtype)
        self._places[batch] = Split(images, np.empty(batch, self._train.labels.dtype))
        return self._places[batch]

    def rows(self, design: Design, rows: Array, step: int) -> Array:
        """Make the images of a minibatch ready; returns their rows in :meth:`place`.

        Parameters
        ----------
        design : Design
        rows : ndarray of int64, ``(m,)``
            Rows of the training images.
        step : int
            Number of the minibatch in the run, from 0.
        """
        place = self._places.get(len(rows))
        if place is None:
            return rows
        place.images[...] = trained_images(design, self._train, rows, step)
        np.take(self._train.labels, rows, out=place.labels, mode="clip")
        return np.arange(len(rows))


def trained_images(design: Design, train: Split, rows: Array, step: int) -> Images:
    """The images of a minibatch as they are trained on: augmented if the design says so.

    Parameters
    ----------
    design : Design
    train : Split
    rows : ndarray of int64, ``(m,)``
    step : int
        Number of the minibatch in the run, from 0.

    Returns
    -------
    ndarray of float32, ``(m, C, H, W)``
        A copy.
    """
    settings = design.training
    made: Images = augmented(train.images[rows], settings.augmentation, seed=settings.seed, step=step, rows=rows)
    return made
