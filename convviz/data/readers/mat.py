"""Reads MATLAB's files of version 5, such as EMNIST's and SVHN's, with SciPy (extra ``mat``); version 7.3 is HDF5.

MATLAB stores images column by column. EMNIST keeps them in a structure ``dataset`` with ``train``, ``test`` and
``mapping`` (class → character code); SVHN in ``X`` (32, 32, 3, N) and ``y``, where 10 means the digit 0.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import LARGEST_DATA
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, RawArray, in_memory
from convviz.data.importing.copies import filled
from convviz.data.importing.siblings import joined
from convviz.data.readers.mat_child import OTHER
from convviz.data.readers.reader import Reader
from convviz.files.cancel import BLOCK, Cancelled, go_on
from convviz.files.sniff import begins_with
from convviz.machine import QUIETLY

__all__ = ["READER"]

PROGRAM = Path(__file__).with_name("mat_child.py")
POLL = 0.05
"""Seconds between two checks for cancellation."""


def recognises(path: Path) -> bool:
    """Whether a file begins like one of MATLAB 5."""
    return begins_with(path, b"MATLAB 5.0")


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of a file, and of the file of test images beside it."""

    def one(file: Path) -> AbstractContextManager[Contents]:
        return _one(file, cancelled)

    with joined(path, one) as found:
        yield found


@contextmanager
def _one(path: Path, cancelled: Cancelled | None) -> Iterator[Contents]:
    go_on(cancelled)
    if importlib.util.find_spec("scipy") is None:
        raise DataError(
            f"{path}: expected SciPy for a MATLAB 5 file, found none; install it with: pip install 'convviz[mat]'"
        )
    held, is_emnist = _read_apart(path, cancelled)
    yield _dataset(held) if is_emnist else _loose(held)


def _read_apart(path: Path, cancelled: Cancelled | None) -> tuple[dict[str, NDArray[Any]], bool]:
    """The arrays of a file, read in a separate process, and whether they are EMNIST's.

    Raises
    ------
    DataError
        They can't be read, or the process crashed.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    with tempfile.TemporaryDirectory(prefix="convviz-mat-") as folder:
        command = [sys.executable, "-P", str(PROGRAM), str(path.absolute()), folder, str(LARGEST_DATA)]
        with subprocess.Popen(  # noqa: S603 (our own program)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            **QUIETLY,
        ) as process:
            try:
                said = _output(process, cancelled)
            except BaseException:
                process.kill()
                raise
        if process.returncode or not said.strip():
            raise DataError(f"{path}: expected a readable MATLAB file, got one so damaged that SciPy broke off")
        found = json.loads(said)
        if "error" in found:
            raise DataError(f"{path}: {found['error']}")
        files = (Path(folder) / f"{i}.npy" for i in range(len(found["arrays"])))
        arrays = {name: _loaded(file, cancelled) for name, file in zip(found["arrays"], files, strict=True)}
        return arrays, bool(found["emnist"])


def _loaded(file: Path, cancelled: Cancelled | None) -> NDArray[Any]:
    """An array that the process wrote, in its order in memory."""
    go_on(cancelled)
    if file.stat().st_size < BLOCK:
        return np.asarray(np.load(file))
    mapped = np.load(file, mmap_mode="r")
    is_turned = not mapped.flags.c_contiguous
    values = mapped.T if is_turned else mapped  # its first axis is the outermost in memory
    made = filled(np.empty(values.shape, values.dtype), values, cancelled)
    return made.T if is_turned else made


def _output(process: subprocess.Popen[str], cancelled: Cancelled | None) -> str:
    """The output of a process; returns when it ends."""
    while True:
        try:
            return process.communicate(timeout=POLL)[0]
        except subprocess.TimeoutExpired:
            go_on(cancelled)


def _loose(held: Mapping[str, NDArray[Any]]) -> Contents:
    """The contents of a file whose arrays are at its top level."""
    arrays: list[RawArray] = []
    turned = False
    for name, values in held.items():
        last = values.ndim == 4
        turned |= last
        if values.ndim == 2 and 1 in values.shape:
            values = values.reshape(-1)
            # SVHN labels its digits 1…9, and 10 for 0.
            if name.lower() == "y" and "X" in held and values.size and values.min() == 1 and values.max() == 10:
                values = np.where(values == 10, 0, values)
        arrays.append(in_memory(name, values, sample_axis=-1 if last else 0))
    return Contents("MATLAB 5", tuple(arrays), axes="HWC" if turned else "")


def _dataset(held: Mapping[str, NDArray[Any]]) -> Contents:
    """The contents of a file with EMNIST's structure."""
    arrays: list[RawArray] = []
    parts: dict[str, Pair] = {}
    names: tuple[str, ...] = ()
    try:
        for part in ("train", "test"):
            pair = f"{part}/images", f"{part}/labels"
            parts[part] = pair
            arrays += [in_memory(name, held[name]) for name in pair]
        if "mapping" in held:
            mapping = held["mapping"]
            names = tuple("".join(map(chr, row[1:].astype(int))) for row in mapping)
            names = names if int(mapping[0, 0]) in (0, 1) else ()
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        raise DataError(OTHER) from None
    return Contents("MATLAB 5, EMNIST", tuple(arrays), parts, names, "WH")


READER = Reader("MATLAB files", "a MATLAB file", ("*.mat",), recognises, contents)
