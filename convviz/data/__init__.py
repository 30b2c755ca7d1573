"""Reads data sets from files, and the built-in digits; everything is checked while it is read."""

from __future__ import annotations

from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError, LoadCancelledError
from convviz.data.readers.hdf5 import load_hdf5
from convviz.data.write_hdf5 import save_hdf5

__all__ = ["DataError", "Dataset", "LoadCancelledError", "load_builtin", "load_hdf5", "save_hdf5"]
