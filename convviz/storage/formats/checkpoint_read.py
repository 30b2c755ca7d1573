"""Reading a checkpoint: nothing of it is believed before it is checked.

Sizes come first: what the design says of its arrays is compared with what the file declares, and that with the size
of the file, before anything of that size is allocated. Then everything has to fit its checksum.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.storage.checkpoint import Checkpoint, DataPrint, EpochRow, Place, problem_of
from convviz.storage.designs import MAX_BYTES, read_design
from convviz.storage.formats.checkpoint_write import (
    FORMAT,
    LONGEST_NAME,
    VERSION,
    checksum,
    curve_leaves,
    data_leaves,
    fixed_text,
    place_leaves,
)
from convviz.storage.formats.guarded import Guarded, declared_words, guarded, printable

__all__ = ["load_checkpoint"]

FLOAT = np.dtype(np.float64)
WHOLE = np.dtype(np.int64)
PARTS = frozenset({"design", "arrays", "run", "curves"})
COUNTS = ("epoch", "minibatch", "step")
PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what came.
    """
    with guarded(path, "a convviz checkpoint") as file:
        wanted = read_head(file)
        file.expect("", set(PARTS), frozenset({"data"}))
        text = file.text("design", MAX_BYTES)
        design = checked_design(file, text)
        arrays = read_arrays(file, design)
        place = read_place(file)
        curves = read_curves(file)
        data = read_data(file) if "data" in file.members("") else None
    found = checksum(leaves_again(text, arrays, place, curves, data))
    if found != wanted:
        raise file.error("", f"expected contents with the checksum {wanted[:12]}…, got {found[:12]}…: it is damaged")
    checkpoint = Checkpoint(design, arrays, place, curves, data)
    field, sentence = problem_of(checkpoint)
    if field:
        raise file.error(field, sentence)
    return checkpoint


def read_head(file: Guarded) -> str:
    """Check what kind of file it is; gives its checksum."""
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
    """Every array of the network; of the shapes that the design says, and nothing else."""
    program = lower(design, 1)
    specs = {name: program.arrays[name] for name in program.sources if not program.arrays[name].batched}
    file.expect("arrays", set(specs))
    kinds = {name: file.declared(f"arrays/{name}") for name in specs}
    precision = next(iter(kinds.values()))[0].newbyteorder("=")
    if precision not in PRECISIONS:
        first = f"arrays/{next(iter(specs))}"
        raise file.error(first, f"expected float32 or float64, got {declared_words(*next(iter(kinds.values())))}")
    return {name: file.array(f"arrays/{name}", spec.stored, spec.dtype(precision)) for name, spec in specs.items()}


def read_place(file: Guarded) -> Place:
    """Where the run stands."""
    file.expect("run", {*COUNTS, "losses", "learning_rate", "seconds"})
    epoch, minibatch, step = (file.whole(f"run/{name}") for name in COUNTS)
    losses = file.array("run/losses", (minibatch,), FLOAT)
    rate, seconds = (float(file.array(f"run/{name}", (), FLOAT)) for name in ("learning_rate", "seconds"))
    return Place(epoch, minibatch, step, tuple(losses.tolist()), rate, seconds)


def read_curves(file: Guarded) -> tuple[EpochRow, ...]:
    """One row an epoch."""
    columns = EpochRow.columns()
    file.expect("curves", set(columns))
    _, shape = file.declared(f"curves/{columns[0]}")
    length = shape[:1] or (0,)
    found = [file.array(f"curves/{name}", length, FLOAT).tolist() for name in columns]
    return tuple(EpochRow(*row) for row in zip(*found, strict=True))


def read_data(file: Guarded) -> DataPrint:
    """By what the data set is known again."""
    file.expect("data", {"name", "train_images", "test_images", "train_sha256", "test_sha256"})
    return DataPrint(
        file.text("data/name", LONGEST_NAME),
        file.whole("data/train_images"),
        file.whole("data/test_images"),
        file.text("data/train_sha256", 64),
        file.text("data/test_sha256", 64),
    )


def leaves_again(
    text: str, arrays: Mapping[str, Array], place: Place, curves: tuple[EpochRow, ...], data: DataPrint | None
) -> dict[str, Array]:
    """The values as they were written, for the checksum."""
    leaves = {"design": fixed_text(text)} | {f"arrays/{name}": array for name, array in arrays.items()}
    leaves |= place_leaves(place) | curve_leaves(curves)
    return leaves | (data_leaves(data) if data is not None else {})
