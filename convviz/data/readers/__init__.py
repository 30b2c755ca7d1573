"""The formats of data sets: one module each, and one line here."""

from __future__ import annotations

from convviz.data.readers import hdf5, idx
from convviz.data.readers.reader import Reader

__all__ = ["READERS"]

READERS: tuple[Reader, ...] = (hdf5.READER, idx.READER)
