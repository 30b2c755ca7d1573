"""Files in MNIST's own form."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def idx_bytes(array: np.ndarray, kind: int = 0x08) -> bytes:
    """An array as a file holds it."""
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.tobytes()


def names(part: str, prefix: str = "", ending: str = "-idx{}-ubyte") -> tuple[str, str]:
    """Names of the images and the labels of ``train`` or ``t10k``."""
    return f"{prefix}{part}-images{ending.format(3)}", f"{prefix}{part}-labels{ending.format(1)}"


def write_pair(
    folder: Path, part: str, images: np.ndarray, labels: np.ndarray, *, packed: bool = False, **naming: str
) -> None:
    """Write bytes 0…255 (n, h, w) and labels (n,)."""
    for name, array in zip(names(part, **naming), (images, labels), strict=True):
        contents = idx_bytes(array.astype(np.uint8))
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(contents) if packed else contents)
