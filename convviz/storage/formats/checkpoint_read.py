"""Reads a checkpoint; nothing in it is trusted before it is checked.

Sizes are checked first: those that the design requires are compared with those that the file declares, and these with
the size of the file, before memory is allocated. Then all values must match the checksum.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.files.cancel import Cancelled
from convviz.storage.designs import MAX_BYTES, read_design
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.formats.checkpoint_fields import (
    COUNTS,
    CURVES,
    DATA_COUNTS,
    DATA_TEXTS,
    EpochColumn,
    checksum,
    field_of,
    leaves_of,
)
from convviz.storage.formats.checkpoint_write import FORMAT, VERSION
from convviz.storage.formats.guarded import Guarded, guarded
from convviz.storage.formats.said import declared_words, printable
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress, array_specs

__all__ = ["load_checkpoint"]

FLOAT = np.dtype(np.float64)
WHOLE = np.dtype(np.int64)
PARTS = frozenset({"design", "arrays", "run", "curves"})
PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))


def load_checkpoint(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read a checkpoint.

    Parameters
    ----------
    path : Path
    cancelled : callable, optional
        Asked every few megabytes whether to give up.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what came.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    with guarded(path, "a convviz checkpoint", cancelled=cancelled) as file:
        wanted = read_head(file)
        file.expect("", set(PARTS), frozenset({"data"}))
        text = file.text("design", MAX_BYTES)
        design = checked_design(file, text)
        arrays = read_arrays(file, design)
        columns, epochs = read_curves(file)
        place, seconds = read_run(file, len(epochs))
        data = read_data(file) if "data" in file.members("") else None
    state = NetworkState(design, arrays, place, epochs, seconds, data)
    there = leaves_of(text, state)
    for column in set(CURVES) - set(columns):
        del there[f"curves/{column.name}"]
    found = checksum(there, cancelled)
    if found != wanted:
        raise file.error("", f"expected contents with the checksum {wanted[:12]}…, got {found[:12]}…: it is damaged")
    name, sentence = state.problem()
    if name:
        raise file.error(field_of(name), sentence)
    return state


def read_head(file: Guarded) -> str:
    """Check the kind of file and return its checksum."""
    kind = file.attribute("format")
    if kind is None or kind.dtype.kind != "S" or bytes(kind[()]) != FORMAT.encode():
        raise file.error("", "expected a convviz checkpoint, got another HDF5 file")
    version = file.attribute("version")
    if version is None or version.dtype.kind not in "iu" or int(version) < 1:
        raise file.error("version", f"expected {VERSION}, got {'none' if version is None else printable(str(version))}")
    if int(version) > VERSION:
        raise file.error("version", f"expected {VERSION} or older, got {int(version)}, which a newer convviz wrote")
    found = file.attribute("sha256")
    if found is None or found.dtype.kind != "S":
        raise file.error("sha256", "expected a checksum, got none")
    return bytes(found[()]).decode("ascii", "replace")


def checked_design(file: Guarded, text: str) -> Design:
    """The design, which must be one that can be trained."""
    where = f"{file.path}: design"
    try:
        design = read_design(text, where)
    except DesignError as error:
        raise file.error("design", str(error).removeprefix(f"{where}: ")) from None
    try:
        lower(design, 1)
    except (DesignError, OverflowError, ValueError) as error:
        raise file.error("design", str(error)) from None
    return design


def read_arrays(file: Guarded, design: Design) -> dict[str, Array]:
    """Every array of the network, in the shapes of the design; other arrays are refused."""
    specs = array_specs(design)
    file.expect("arrays", set(specs))
    kinds = {name: file.declared(f"arrays/{name}") for name in specs}
    precision = next(iter(kinds.values()))[0].newbyteorder("=")
    if precision not in PRECISIONS:
        first = f"arrays/{next(iter(specs))}"
        raise file.error(first, f"expected float32 or float64, got {declared_words(*next(iter(kinds.values())))}")
    return {name: file.array(f"arrays/{name}", spec.stored, spec.dtype(precision)) for name, spec in specs.items()}


def read_run(file: Guarded, evaluated: int) -> tuple[RunProgress, float]:
    """The position of the run, given the number of evaluated epochs, and the time of training so far."""
    file.expect("run", {*COUNTS, "losses", "learning_rate", "seconds"})
    epoch, minibatch, step = (file.whole(f"run/{name}") for name in COUNTS)
    losses = file.array("run/losses", (minibatch,), FLOAT)
    rate, seconds = (float(file.array(f"run/{name}", (), FLOAT)) for name in ("learning_rate", "seconds"))
    return RunProgress(epoch, minibatch, step, evaluated, tuple(losses.tolist()), rate), seconds


def read_curves(file: Guarded) -> tuple[tuple[EpochColumn, ...], tuple[EpochMeasures, ...]]:
    """The columns in the file, and the measures of every epoch; a missing column gets its value for old files."""
    later = frozenset(column.name for column in CURVES if column.absent is not None)
    file.expect("curves", {column.name for column in CURVES} - later, later)
    names = set(file.members("curves"))
    columns = tuple(column for column in CURVES if column.name in names)
    _, shape = file.declared(f"curves/{columns[0].name}")
    length = shape[:1] or (0,)
    rows = zip(*(file.array(f"curves/{column.name}", length, FLOAT).tolist() for column in columns), strict=True)
    absent = {column.name: column.absent for column in CURVES if column.absent is not None}
    read = [absent | dict(zip((column.name for column in columns), row, strict=True)) for row in rows]
    return columns, tuple(EpochMeasures(**numbers) for numbers in read)


def read_data(file: Guarded) -> DataFingerprint:
    """The fingerprint of the data set."""
    file.expect("data", {*DATA_COUNTS, *DATA_TEXTS})
    texts = {name: file.text(f"data/{name}", longest) for name, longest in DATA_TEXTS.items()}
    train_images, test_images = (file.whole(f"data/{name}") for name in DATA_COUNTS)
    return DataFingerprint(**texts, train_images=train_images, test_images=test_images)
