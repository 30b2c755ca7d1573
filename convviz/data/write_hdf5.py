"""Writes a data set as HDF5, completely or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.readers.hdf5_names import CLASS_NAMES
from convviz.files.atomic import atomic_path
from convviz.files.errors import OutputError
from convviz.files.hdf5_heaps import has_circular_heap
from convviz.files.outputs import Output, check_output

#: Rows that are compressed together. A chunk of 28×28 images is about 3 MB, of bytes 0.8 MB.
_CHUNK_ROWS = 1000


def save_hdf5(path: str | Path, dataset: Dataset, *, compression: int = 4, as_bytes: bool = False) -> None:
    """Write a data set in the form that :func:`convviz.data.readers.hdf5.load_hdf5` reads.

    The new file is written beside the old one, flushed to the disk and then renamed, so that a failure or a power cut
    leaves either the old file or the new one, never a part of it. A symbolic link is followed.

    Parameters
    ----------
    path
        The file to write; an existing one is replaced.
    dataset
        The data set to write.
    compression
        Level of gzip, from 0 (fast) to 9 (small).
    as_bytes
        Whether to round pixels to whole numbers 0…255: the file is smaller and read faster, but not in the course's
        form.

    Raises
    ------
    DataError
        If it can't be written; the file at ``path`` is then unchanged.
    """
    path = Path(path)
    try:
        check_output(Output(path, "a data set", is_data_set))
        with atomic_path(path) as part:
            _write(part, dataset, compression, as_bytes)
    except OutputError as error:
        raise DataError(str(error)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: expected to save a data set, got an error from the system: {reason}") from error


def is_data_set(path: Path) -> bool:
    """Whether a file is HDF5 and contains training images; raises nothing."""
    import h5py

    try:
        if has_circular_heap(path):
            return False
        with h5py.File(path, "r", locking="best-effort") as file:
            return "x_train" in file
    except (OSError, RuntimeError, ValueError):
        return False


def _write(path: Path, dataset: Dataset, compression: int, as_bytes: bool) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        for part in ("train", "test"):
            images = getattr(dataset, f"x_{part}")
            flat = images.reshape(len(images), -1)
            if as_bytes:
                flat = np.rint(flat * np.float32(255)).astype(np.uint8)
            labels = getattr(dataset, f"y_{part}").reshape(-1, 1).astype(np.int32)
            for key, values in ((f"x_{part}", flat), (f"y_{part}", labels)):
                file.create_dataset(
                    key,
                    data=values,
                    chunks=(min(len(values), _CHUNK_ROWS), values.shape[1]),
                    compression="gzip",
                    compression_opts=compression,
                    shuffle=True,
                )
        if dataset.class_names != tuple(map(str, range(dataset.classes))):
            file.create_dataset(CLASS_NAMES, data=list(dataset.class_names), dtype=h5py.string_dtype())
