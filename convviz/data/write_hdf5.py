"""Writing a data set as HDF5, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from convviz.data.dataset import Dataset
from convviz.data.errors import DataError

#: Rows that are packed together. A chunk of 28×28 images is about 3 MB.
_CHUNK_ROWS = 1000


def save_hdf5(path: str | Path, dataset: Dataset, *, compression: int = 4) -> None:
    """Write a data set in the form that :func:`convviz.data.readers.hdf5.load_hdf5` reads.

    The file is written beside its final place, flushed to the disk and then renamed, so that a failure or a power cut
    leaves either the old file or the new one, never a half. A symbolic link is followed.

    Parameters
    ----------
    path
        Where to. A file that is there is replaced.
    dataset
        What to write.
    compression
        0 (fast) to 9 (small), gzip's scale.

    Raises
    ------
    DataError
        If it can't be written. What was at ``path`` is still there.
    """
    path = Path(path)
    try:
        target = path.resolve()
        # Not tempfile: its files are readable by the owner alone and would stay so.
        part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
        try:
            _write(part, dataset, compression)
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except FileNotFoundError:
        raise DataError(f"{path}: expected a folder to save in, found no {path.parent}") from None
    except PermissionError:
        raise DataError(f"{path}: expected a folder to save in, got one that you may not write to") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: expected to save a data set, got an error from the system: {reason}") from error


def _write(path: Path, dataset: Dataset, compression: int) -> None:
    import h5py

    with h5py.File(path, "x") as file:
        for part in ("train", "test"):
            images = getattr(dataset, f"x_{part}")
            flat = images.reshape(len(images), -1)
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


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be opened (Windows doesn't)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
