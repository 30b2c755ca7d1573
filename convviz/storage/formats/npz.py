"""NPZ files: only the trained weights, readable with NumPy alone.

``np.load("model.npz")`` gives each array by its name (``conv1.weight``: F×C×KH×KW), including the running statistics
that a forward pass needs, and ``design``, the network as TOML text. There is no optimiser state and no position in a
run: training starts a new run from these weights.

The file is a zip archive of uncompressed ``.npy`` files. Nothing in it is trusted before it is checked: names, types
and shapes must be those of the design, and an array is read only if it has the expected size.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Shape
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.files.cancel import BLOCK, Cancelled, LoadCancelledError, blocks, go_on
from convviz.plurals import counted
from convviz.storage.designs import MAX_BYTES, read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_bytes import finite, open_model, write_model
from convviz.storage.formats.model_format import ModelFormat, refuse_to_replace
from convviz.storage.formats.said import printable, shape_words
from convviz.storage.network_state import NetworkState, RunProgress

WHAT = "a file of weights"
DESIGN = "design"
LONGEST_HEADER = 4096
"""Most bytes of a ``.npy`` file's header."""
PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))


def save(path: Path, state: NetworkState, written_by: str) -> None:
    """Write the weights, all of them or nothing.

    Raises
    ------
    CheckpointError
        A weight is NaN or infinite, the existing file is of another kind, or it can't be written.
    """
    refuse_to_replace(path, WHAT, recognises)
    try:
        text = write_design(state.design)
    except DesignError as error:
        raise CheckpointError(f"{path}: design: {error}", field=DESIGN) from None
    names = forward_arrays(state.design)
    arrays = {name: finite(path, name, np.array(state.arrays[name], order="C")) for name in names}
    contents = io.BytesIO()
    given: dict[str, Any] = {DESIGN: np.array(f"# {written_by}\n{text}"), **arrays}
    np.savez(contents, **given)
    write_model(path, contents.getvalue())


def load(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read what :func:`save` wrote.

    Raises
    ------
    CheckpointError
        One sentence: the file, the array, what was expected and what came.
    """
    with opened(path) as archive:
        if f"{DESIGN}.npy" not in archive.namelist():
            raise CheckpointError.without_design(path, "an archive of arrays")
        design = read_text(path, archive)
        specs = forward_arrays(design)
        there = {info.filename.removesuffix(".npy") for info in archive.infolist()} - {DESIGN}
        if there != set(specs):
            name = sorted(there ^ set(specs))[0]
            words = "expected it in the file, found nothing" if name in specs else "expected no such array, got one"
            raise CheckpointError(f"{path}: {printable(name)}: {words}", field=name)
        arrays: dict[str, Array] = {}
        for name, spec in specs.items():
            go_on(cancelled)
            arrays[name] = read_array(path, archive, name, spec, cancelled)
    if len({array.dtype for array in arrays.values()}) > 1:
        raise CheckpointError(f"{path}: expected arrays of one precision, got float32 and float64")
    place = RunProgress(learning_rate=design.training.optimiser.lr)
    return NetworkState(design, arrays, place, weights_only=True)


def recognises(path: Path) -> bool:
    """Whether a file is a zip archive with a design in it."""
    try:
        with opened(path) as archive:
            return f"{DESIGN}.npy" in archive.namelist()
    except CheckpointError:
        return False


def forward_arrays(design: Design) -> Mapping[str, ArraySpec]:
    """The arrays that a forward pass needs: parameters and running statistics."""
    program = lower(design, 1, train=False)
    return {name: program.arrays[name] for name in program.sources if not program.arrays[name].batched}


def read_text(path: Path, archive: zipfile.ZipFile) -> Design:
    """The design, which must be one that can be trained."""
    dtype, shape, contents = member(path, archive, DESIGN, 4 * MAX_BYTES)
    if dtype.kind != "U" or shape != () or len(contents) != dtype.itemsize:
        raise CheckpointError(f"{path}: design: expected text, got {shape_words(shape)} {dtype}", field=DESIGN)
    try:
        text = str(np.frombuffer(contents, dtype)[0])
        design = read_design(text, f"{path}: design")
        lower(design, 1)
    except (DesignError, OverflowError, ValueError) as error:
        sentence = " ".join(str(error).split()).removeprefix(f"{path}: design: ")
        raise CheckpointError(f"{path}: design: {sentence}", field=DESIGN) from None
    return design


def read_array(
    path: Path, archive: zipfile.ZipFile, name: str, spec: ArraySpec, cancelled: Cancelled | None = None
) -> Array:
    """An array of finite numbers, in the shape given by the design."""
    dtype, shape, contents = member(path, archive, name, math.prod(spec.stored) * 8, cancelled)
    wanted = shape_words(spec.stored)
    if dtype.newbyteorder("=") not in PRECISIONS or shape != spec.stored:
        words = f"{shape_words(shape)} {dtype}"
        raise CheckpointError(f"{path}: {name}: expected {wanted} float32 or float64, got {words}", field=name)
    if len(contents) != math.prod(shape) * dtype.itemsize:
        raise CheckpointError(
            f"{path}: {name}: expected {wanted} numbers, got {counted(len(contents), 'byte')}", field=name
        )
    read = np.frombuffer(contents, dtype)
    array = np.empty(read.shape, dtype.newbyteorder("="))
    for block in blocks(len(read), cancelled, BLOCK // dtype.itemsize):
        array[block] = finite(path, name, read[block])
    return array.reshape(shape)


def member(
    path: Path, archive: zipfile.ZipFile, name: str, most: int, cancelled: Cancelled | None = None
) -> tuple[np.dtype[Any], Shape, bytes]:
    """Type, shape and contents of one array; refuses more than ``most`` bytes."""
    with explained(path, name):
        info = archive.getinfo(f"{name}.npy")
        if info.file_size > most + LONGEST_HEADER:
            raise CheckpointError(
                f"{path}: {name}: expected at most {most:,} bytes, got {info.file_size:,} bytes", field=name
            )
        contents = io.BytesIO()
        with archive.open(info) as packed:
            while block := packed.read(BLOCK):
                go_on(cancelled)
                contents.write(block)
        contents.seek(0)
        version = np.lib.format.read_magic(contents)
        if version != (1, 0):
            raise ValueError(f"a .npy header of version {version}")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(contents, max_header_size=LONGEST_HEADER)
        if fortran and len(shape) > 1:
            raise ValueError("an array in Fortran order")
        go_on(cancelled)
        return dtype, shape, contents.read()


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive."""
    with open_model(path, WHAT) as file:
        with explained(path, ""):
            archive = zipfile.ZipFile(file)
        with archive:
            yield archive


@contextmanager
def explained(path: Path, name: str) -> Iterator[None]:
    """Turn errors of zip archives and NumPy into one sentence."""
    try:
        yield
    except (CheckpointError, LoadCancelledError, FileNotFoundError):
        raise
    except KeyError:
        raise CheckpointError(f"{path}: {name}: expected it in the file, found nothing", field=name) from None
    except MemoryError:
        raise CheckpointError(f"{path}: expected numbers that fit in memory, got more than that") from None
    except Exception as error:  # noqa: BLE001 (a damaged archive raises nearly anything)
        reason = printable(str(error), 160) or type(error).__name__
        field = f": {name}" if name else ""
        raise CheckpointError(f"{path}{field}: expected {WHAT}, whole and undamaged, got: {reason}") from None


FORMAT = ModelFormat(
    title="Weights for NumPy",
    suffix=".npz",
    patterns=("*.npz",),
    whole=False,
    what=WHAT,
    recognises=recognises,
    save=save,
    load=load,
)
