"""Draw the built-in data set: imitations of handwritten digits.

Run it as ``python -m convviz.data.digits.draw --out data/digits.h5``. Every image has its own random stream, derived
from the seed, the part (training or test) and its index. So any image can be drawn again alone, no test image depends
on a training image, and the same seed gives the same file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convviz.data.dataset import Dataset
from convviz.data.digits.hand import write
from convviz.data.digits.raster import SIDE, render
from convviz.data.digits.shapes import DIGITS
from convviz.data.errors import DataError
from convviz.data.sources import BuiltinDigits
from convviz.data.write_hdf5 import save_hdf5

#: What the shipped file was drawn with.
SEED = 20240607
TRAIN_SIZE, TEST_SIZE = BuiltinDigits.counts

Part = Literal["train", "test"]

# Keys of the images' random streams. The labels have streams of their own.
_STREAMS = {"train": 0, "test": 1}
_LABELS = 2
# Images rendered at a time: few enough that their fine grids stay in the processor's cache.
_BATCH = 8


def draw_labels(seed: int, part: Part, count: int) -> NDArray[np.int64]:
    """Labels 0…9 in random order, all equally often (give or take one).

    Parameters
    ----------
    seed, part
        Choose the random stream.
    count
        How many.

    Returns
    -------
    (count,) int64
    """
    labels = np.arange(count, dtype=np.int64) % len(DIGITS)
    return np.random.default_rng([seed, _LABELS, _STREAMS[part]]).permutation(labels)


def draw_images(seed: int, part: Part, labels: NDArray[np.int64], start: int = 0) -> NDArray[np.float32]:
    """Draw the images with indices ``start``, ``start + 1`` and so on.

    Parameters
    ----------
    seed, part
        Choose the random streams.
    labels
        (n,) which digit each image shows, in 0…9.
    start
        Index of the first image.

    Returns
    -------
    (n, 1, 28, 28) float32, every value a multiple of 1/16 in 0…1.
    """
    images = np.empty((len(labels), 1, SIDE, SIDE), dtype=np.float32)
    for at in range(0, len(labels), _BATCH):
        batch = labels[at : at + _BATCH]
        rngs = [np.random.default_rng([seed, _STREAMS[part], start + at + i]) for i in range(len(batch))]
        inks = [write(DIGITS[label], rng) for label, rng in zip(batch, rngs, strict=True)]
        images[at : at + len(batch), 0] = render(inks, rngs)
    return images


def draw_dataset(seed: int = SEED, train_size: int = TRAIN_SIZE, test_size: int = TEST_SIZE) -> Dataset:
    """Draw a whole data set."""
    y_train = draw_labels(seed, "train", train_size)
    y_test = draw_labels(seed, "test", test_size)
    return Dataset(
        name="built-in digits",
        x_train=draw_images(seed, "train", y_train),
        y_train=y_train,
        x_test=draw_images(seed, "test", y_test),
        y_test=y_test,
        classes=len(DIGITS),
        source="built-in",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the data set into a file; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m convviz.data.digits.draw", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the HDF5 file to write")
    parser.add_argument("--seed", type=int, default=SEED, help="default: %(default)s")
    parser.add_argument("--train-size", type=int, default=TRAIN_SIZE, help="default: %(default)s")
    parser.add_argument("--test-size", type=int, default=TEST_SIZE, help="default: %(default)s")
    chosen = parser.parse_args(arguments)
    for name, least in (("seed", 0), ("train_size", 1), ("test_size", 1)):
        if getattr(chosen, name) < least:
            parser.error(f"--{name.replace('_', '-')}: expected at least {least}, got {getattr(chosen, name)}")
    try:
        save_hdf5(
            chosen.out, draw_dataset(chosen.seed, chosen.train_size, chosen.test_size), compression=9, as_bytes=True
        )
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
