"""The formats of data sets: each has one module, and one line here. The first that recognises a path reads it."""

from __future__ import annotations

from convviz.data.readers import arrays, cifar, csv, hdf5, idx, mat, pictures
from convviz.data.readers.reader import Reader

__all__ = ["READERS"]

READERS: tuple[Reader, ...] = (
    hdf5.READER,
    idx.READER,
    cifar.READER,
    arrays.NPZ,
    arrays.NPY,
    mat.READER,
    pictures.READER,
    csv.READER,
)
