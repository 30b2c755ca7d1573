"""Writes a checkpoint, completely or not at all.

HDF5, with attributes ``format`` ("convviz-checkpoint"), ``version`` (1), ``sha256`` (of all values) and ``written_by``
on the file itself, and the values of :mod:`convviz.storage.formats.checkpoint_fields`, each uncompressed and
contiguous. Any HDF5 reader opens it: ``h5dump -H model.h5``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.files.atomic import write_bytes_atomically
from convviz.storage.designs import read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.checkpoint_fields import checksum, field_of, leaves_of
from convviz.storage.formats.guarded import guarded
from convviz.storage.formats.model_bytes import finite
from convviz.storage.formats.model_format import refuse_to_replace
from convviz.storage.network_state import NetworkState

__all__ = ["FORMAT", "VERSION", "WHAT", "is_checkpoint", "save_checkpoint"]

FORMAT = "convviz-checkpoint"
VERSION = 1
WHAT = "a checkpoint"
"""The kind of file that a checkpoint may replace, in messages."""
FORMATS = ("v108", "latest")
"""Range of HDF5 file versions, from 1.8 on: from there on, all metadata in a file has checksums."""
IMAGES = count()
"""Makes the name of each file built in memory unique: HDF5 takes two open files of one name for the same file."""


def save_checkpoint(path: Path, state: NetworkState, written_by: str = "convviz") -> None:
    """Write a checkpoint. An existing one is replaced atomically: a crash leaves either the old or the new one.

    Parameters
    ----------
    path : Path
    state : NetworkState
    written_by : str
        Program and version, for people to read.

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, the design can't be written as text, the existing file is not a checkpoint, or the
        file can't be written. Then nothing has changed.
    """
    refuse_to_replace(path, WHAT, is_checkpoint)
    leaves = checked_leaves(path, state)
    try:
        write_bytes_atomically(path, image_of(leaves, written_by))
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or "there is not enough memory"
        raise CheckpointError(f"{path}: can't be written: {reason}") from None


def image_of(leaves: Mapping[str, Array], written_by: str) -> bytes:
    """The contents of the file.

    It is built in memory, because on a full disk the HDF5 library is left with a file that it can neither write nor
    close, and may end the process.
    """
    import h5py

    with h5py.File(f"model {next(IMAGES)}.h5", "w", driver="core", backing_store=False, libver=FORMATS) as file:
        for name, value in leaves.items():
            file.create_dataset(name, data=value, track_times=False)
        file.attrs["format"] = np.bytes_(FORMAT)
        file.attrs["version"] = np.int64(VERSION)
        file.attrs["sha256"] = np.bytes_(checksum(leaves))
        file.attrs["written_by"] = np.bytes_(written_by.encode()[:200])
        file.flush()
        return bytes(file.id.get_file_image())


def checked_leaves(path: Path, state: NetworkState) -> dict[str, Array]:
    """All values of the file, by their paths.

    Raises
    ------
    CheckpointError
        A number is not finite, or the design can't be written as text.
    """
    try:
        text = write_design(state.design)
        if read_design(text) != state.design.named():
            raise DesignError("expected a design that is the same when it is read again")
    except DesignError as error:
        raise CheckpointError(f"{path}: design: {error}", field="design") from None
    name, sentence = state.problem()
    if name:
        raise CheckpointError(f"{path}: {field_of(name)}: {sentence}", field=field_of(name))
    leaves = leaves_of(text, state)
    for name, value in leaves.items():
        if value.dtype.kind == "f":
            finite(path, name, value)
    return leaves


def is_checkpoint(path: Path) -> bool:
    """Whether a file is marked as a checkpoint, of any version."""
    try:
        with guarded(path, "a checkpoint") as file:
            found = file.attribute("format")
    except CheckpointError:
        return False
    return found is not None and found.dtype.kind == "S" and bytes(found[()]) == FORMAT.encode()
