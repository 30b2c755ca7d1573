"""One seed, many independent streams of random numbers.

Every draw of a run comes from a generator named by the seed, the stream and a number (the epoch, the pass), so any
part of a run can be drawn again without the parts before it.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """Purpose of a stream of random numbers."""

    WEIGHTS = 1
    ORDER = 2
    DROPOUT = 3
    AUGMENTATION = 4


def generator(seed: int, stream: Stream, *numbers: int) -> np.random.Generator:
    """Generator of one stream.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or greater.
    stream : Stream
    *numbers : int
        Epoch, pass or other numbers, 0 or greater, that distinguish parts of the stream.
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int(stream), *numbers])))


def image_order(seed: int, epoch: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Order in which an epoch (from 1) takes ``count`` images."""
    return generator(seed, Stream.ORDER, epoch).permutation(count).astype(np.int64)
