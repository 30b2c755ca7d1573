"""MATLAB's files of version 5, such as EMNIST's and SVHN's, with SciPy (extra ``mat``); version 7.3 is HDF5.

MATLAB stores images column by column. EMNIST keeps them in a structure ``dataset`` with ``train``, ``test`` and
``mapping`` (class → character code); SVHN in ``X`` (32, 32, 3, N) and ``y``, where 10 means the digit 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from convviz.data.checks import LARGEST_DATA
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, RawArray, in_memory
from convviz.data.importing.siblings import joined
from convviz.data.readers.reader import Reader
from convviz.files.cancel import Cancelled, go_on
from convviz.files.sniff import begins_with

__all__ = ["READER"]

MOST_ARRAYS = 256


def recognises(path: Path) -> bool:
    """Whether a file begins like one of MATLAB 5."""
    return begins_with(path, b"MATLAB 5.0")


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of a file, and of the file of test images beside it."""

    def one(file: Path) -> AbstractContextManager[Contents]:
        go_on(cancelled)
        return _one(file)

    with joined(path, one) as found:
        yield found


@contextmanager
def _one(path: Path) -> Iterator[Contents]:
    try:
        from scipy.io import loadmat, whosmat
    except ImportError:
        raise DataError(
            f"{path}: expected SciPy for a MATLAB 5 file, found none; install it with: pip install 'convviz[mat]'"
        ) from None
    try:
        declared = sum(math.prod(shape) for _, shape, _ in whosmat(path))
        if declared > LARGEST_DATA:
            raise DataError(f"{path}: expected at most {LARGEST_DATA:,} values, got {declared:,} declared")
        held = loadmat(path, chars_as_strings=True, struct_as_record=True)
    except DataError:
        raise
    except MemoryError:
        raise DataError(f"{path}: expected data that fits in memory, got more than could be allocated") from None
    except Exception as error:  # noqa: BLE001  SciPy raises whatever a damaged file leads to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{path}: expected a readable MATLAB file, got: {reason}") from None
    yield _dataset(held["dataset"]) if "dataset" in held else _loose(held)


def _loose(held: dict[str, Any]) -> Contents:
    """Arrays at the top of a file."""
    arrays: list[RawArray] = []
    turned = False
    for name, values in list(held.items())[:MOST_ARRAYS]:
        if name.startswith("__") or not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
            continue
        last = values.ndim == 4
        turned |= last
        if values.ndim == 2 and 1 in values.shape:
            values = values.reshape(-1)
            # SVHN counts its digits 1…9 and 10 for 0.
            if name.lower() == "y" and "X" in held and values.size and values.min() == 1 and values.max() == 10:
                values = np.where(values == 10, 0, values)
        arrays.append(in_memory(name, values, sample_axis=-1 if last else 0))
    return Contents("MATLAB 5", tuple(arrays), axes="HWC" if turned else "")


def _dataset(structure: Any) -> Contents:
    """EMNIST's structure."""
    try:
        record = structure[0, 0]
        arrays: list[RawArray] = []
        parts: dict[str, Pair] = {}
        for part in ("train", "test"):
            own = record[part][0, 0]
            parts[part] = (f"{part}/images", f"{part}/labels")
            arrays += [in_memory(f"{part}/{kind}", np.asarray(own[kind])) for kind in ("images", "labels")]
        names: tuple[str, ...] = ()
        if "mapping" in (record.dtype.names or ()):
            names = tuple("".join(map(chr, row[1:].astype(int))) for row in np.asarray(record["mapping"]))
            first = int(np.asarray(record["mapping"])[0, 0])
            names = names if first in (0, 1) else ()
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        raise DataError("dataset: expected EMNIST's structure with train, test and mapping, got another") from None
    return Contents("MATLAB 5, EMNIST", tuple(arrays), parts, names, "WH")


READER = Reader("MATLAB files", "a MATLAB file", ("*.mat",), recognises, contents)
