"""Writing a checkpoint: all of it, or nothing.

The file
--------
HDF5, with attributes ``format`` ("convviz-checkpoint"), ``version`` (1), ``sha256`` (of everything below) and
``written_by`` on the file itself, and these values, each unpacked and in one piece:

    design                      the design as TOML text
    arrays/NAME                 every array of the network: weights, optimiser state, running statistics, scalars
    run/epoch, minibatch, step  where the run stands (int64)
    run/losses                  one a minibatch of the epoch so far (float64)
    run/learning_rate, seconds  what the schedule multiplies; time of training (float64)
    curves/COLUMN               one number an epoch: loss, train_loss, train_accuracy, test_loss, … (float64)
    data/…                      name, number of images and checksums of the data set; not there if nothing was trained

Text is UTF-8 of a fixed length. Any HDF5 reader opens it: ``h5dump -H model.h5``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.storage.atomic import write_bytes_atomically
from convviz.storage.checkpoint import Checkpoint, DataPrint, EpochRow, Place, problem_of
from convviz.storage.designs import read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import guarded

__all__ = ["FORMAT", "LONGEST_NAME", "VERSION", "checksum", "is_checkpoint", "refuse_to_replace", "save_checkpoint"]

FORMAT = "convviz-checkpoint"
VERSION = 1
FORMATS = ("v108", "latest")
"""Since HDF5 1.8: every part of the file but the values themselves has a checksum of its own."""
LONGEST_NAME = 1000
"""Bytes of a data set's name."""


def save_checkpoint(path: Path, checkpoint: Checkpoint, *, written_by: str = "convviz") -> None:
    """Write a checkpoint; one that is there is replaced in one go, so that a crash leaves the old or the new one.

    Parameters
    ----------
    path : Path
    checkpoint : Checkpoint
    written_by : str
        Program and version, for people.

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, the design can't be written as text, something else than a checkpoint is there, or
        the file can't be written. Nothing has changed then.
    """
    refuse_to_replace(path)
    leaves = leaves_of(path, checkpoint)
    try:
        write_bytes_atomically(path, image_of(leaves, written_by))
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or "there is not enough memory"
        raise CheckpointError(f"{path}: can't be written: {reason}") from None


def image_of(leaves: Mapping[str, Array], written_by: str) -> bytes:
    """The bytes of the file.

    It is made in memory: where a disk is full, the HDF5 library is left with a file that it can neither write nor
    close, and may end the process.
    """
    import h5py

    with h5py.File("model.h5", "w", driver="core", backing_store=False, libver=FORMATS) as file:
        for name, value in leaves.items():
            file.create_dataset(name, data=value, track_times=False)
        file.attrs["format"] = np.bytes_(FORMAT)
        file.attrs["version"] = np.int64(VERSION)
        file.attrs["sha256"] = np.bytes_(checksum(leaves))
        file.attrs["written_by"] = np.bytes_(written_by.encode()[:200])
        file.flush()
        return bytes(file.id.get_file_image())


def leaves_of(path: Path, checkpoint: Checkpoint) -> dict[str, Array]:
    """Every value of the file by its place in it.

    Raises
    ------
    CheckpointError
        A number is not finite, or the design can't be written as text.
    """
    try:
        text = write_design(checkpoint.design)
        if read_design(text) != checkpoint.design.named():
            raise DesignError("expected a design that is the same when it is read again")
    except DesignError as error:
        raise CheckpointError(f"{path}: design: {error}", field="design") from None
    field, sentence = problem_of(checkpoint)
    if field:
        raise CheckpointError(f"{path}: {field}: {sentence}", field=field)
    leaves = {"design": fixed_text(text)}
    leaves |= {f"arrays/{name}": array for name, array in checkpoint.arrays.items()}
    leaves |= place_leaves(checkpoint.place) | curve_leaves(checkpoint.curves)
    if checkpoint.data is not None:
        leaves |= data_leaves(checkpoint.data)
    for name, value in leaves.items():
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise CheckpointError(f"{path}: {name}: expected finite numbers, got NaN or infinity", field=name)
    return leaves


def place_leaves(place: Place) -> dict[str, Array]:
    """Where the run stands."""
    found = {f"run/{name}": np.array(getattr(place, name), np.int64) for name in ("epoch", "minibatch", "step")}
    found |= {f"run/{name}": np.array(getattr(place, name), np.float64) for name in ("learning_rate", "seconds")}
    return found | {"run/losses": np.array(place.losses, np.float64)}


def curve_leaves(curves: tuple[EpochRow, ...]) -> dict[str, Array]:
    """One column a curve."""
    return {
        f"curves/{column}": np.array([getattr(row, column) for row in curves], np.float64)
        for column in EpochRow.columns()
    }


def data_leaves(data: DataPrint) -> dict[str, Array]:
    """By what the data set is known again."""
    return {
        "data/name": fixed_text(data.name[:LONGEST_NAME], LONGEST_NAME),
        "data/train_images": np.array(data.train_images, np.int64),
        "data/test_images": np.array(data.test_images, np.int64),
        "data/train_sha256": fixed_text(data.train_sha256),
        "data/test_sha256": fixed_text(data.test_sha256),
    }


def fixed_text(text: str, longest: int | None = None) -> Array:
    """Text as one value of its own length in UTF-8."""
    contents = text.replace("\0", " ").encode("utf-8", "replace")[:longest]
    # A character that was cut in two would make the file unreadable.
    contents = contents.decode("utf-8", "ignore").encode()
    return np.array(contents, f"S{max(len(contents), 1)}")


def checksum(leaves: Mapping[str, Array]) -> str:
    """SHA-256 of all values with their names, types and shapes, the same on every machine."""
    made = hashlib.sha256()
    for name in sorted(leaves):
        value = leaves[name]
        kind: np.dtype[Any] = value.dtype.newbyteorder("<")
        made.update(f"{name}\n{kind.str}{value.shape}\n".encode())
        made.update(np.ascontiguousarray(value, kind).tobytes())
    return made.hexdigest()


def is_checkpoint(path: Path) -> bool:
    """Whether a file says of itself that it is a checkpoint, of whatever version."""
    try:
        with guarded(path, "a checkpoint") as file:
            found = file.attribute("format")
    except CheckpointError:
        return False
    return found is not None and found.dtype.kind == "S" and bytes(found[()]) == FORMAT.encode()


def refuse_to_replace(path: Path) -> None:
    """Refuse a place where a checkpoint can't be put: no folder, or a file there that is something else.

    Raises
    ------
    CheckpointError
    """
    try:
        if path.is_dir():
            raise CheckpointError(f"{path}: expected a file to save in, got a folder")
        if not path.resolve().parent.is_dir():
            raise CheckpointError(f"{path}: expected a folder to save in, found no {path.parent}")
        held = path.stat().st_size if path.exists() else 0
    except (OSError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path}: can't be written: {getattr(error, 'strerror', None) or error}") from None
    if held and not is_checkpoint(path):
        raise CheckpointError(f"{path}: expected a new file, or a checkpoint to replace, got a file of another kind")
