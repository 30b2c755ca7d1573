"""Dropout masks, reproducible for any pass.

Every layer and pass has a random stream of its own, named by the seed, the number of the pass and the layer's position
among the dropout layers. Within the stream, every image has its own range. So an image's mask does not depend on how
the minibatch is split, and replaying a minibatch gives the masks it had.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.program import Program
from convviz.core.seeds import Stream

WORDS = 8
"""32-bit numbers that the generator makes at a time."""


def masks_for(
    program: Program, seed: int, step: int, first_image: int = 0, precision: npt.DTypeLike = np.float32
) -> dict[str, Array]:
    """Masks of every dropout layer for one pass.

    Parameters
    ----------
    program : Program
        A training program; one without dropout, or an evaluation program, has no masks.
    seed : int
        The run's seed, 0 or greater.
    step : int
        Number of the pass in the run, 0 or greater.
    first_image : int
        Position in the minibatch of the program's first image, if the program covers only a part of it.
    precision : dtype

    Returns
    -------
    dict of str to ndarray
        Source → mask in its stored shape: 0 with the layer's probability p, else 1/(1 − p).
    """
    made = {}
    for number, (name, rate) in enumerate(program.masks.items()):
        shape = program.arrays[name].shape
        keep = drawn(shape, rate, np.random.SeedSequence([seed, Stream.DROPOUT, step, number]), first_image)
        made[name] = np.multiply(keep, 1.0 / (1.0 - rate), dtype=np.dtype(precision))
    return made


def drawn(shape: tuple[int, ...], rate: float, stream: np.random.SeedSequence, first_image: int) -> Array:
    """Boolean array of ``shape (N, …)``, True where a cell is kept; each is False with probability ``rate``."""
    images, *rest = shape
    cells = int(np.prod(rest, dtype=np.int64))
    blocks = -(-cells // WORDS)
    key = stream.generate_state(2, np.uint64)
    source = np.random.Philox(key=key, counter=[first_image * blocks, 0, 0, 0])
    raw = np.asarray(source.random_raw(images * blocks * (WORDS // 2)), "<u8").view("<u4")
    threshold = np.uint32(min(round(rate * 2**32), 2**32 - 1))
    return (raw.reshape(images, blocks * WORDS)[:, :cells] >= threshold).reshape(shape)
