"""Reads a MATLAB 5 file with SciPy, in a process of its own, and writes its arrays as ``.npy`` files.

SciPy's reader is machine code that trusts what a file says about itself: some damaged files make it read memory that
isn't there, which ends the process. So it runs in this process and not in the user's window. This file is run as a
script, without the rest of the package, so that it starts quickly.

    arguments   the MATLAB file, a folder, the most values that may be read
    output      one line of JSON: ``{"arrays": ["train/images", …], "emnist": true}``, or ``{"error": "…"}``
    folder      ``0.npy``, ``1.npy`` … in the same order
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

MOST_ARRAYS = 256
OTHER = "dataset: expected EMNIST's structure with train, test and mapping, got another"


def main(path: str, folder: str, most: str) -> None:
    """Read a file, write its arrays into the folder, and print what was read."""
    try:
        found = read(path, Path(folder), int(most))
    except MemoryError:
        found = {"error": "expected data that fits in memory, got more than could be allocated"}
    except Exception as error:  # noqa: BLE001  SciPy raises whatever a damaged file leads to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        found = {"error": f"expected a readable MATLAB file, got: {reason}"}
    sys.stdout.write(json.dumps(found) + "\n")


def read(path: str, folder: Path, most: int) -> dict[str, Any]:
    """Write a file's arrays into the folder; returns the output that describes them."""
    from scipy.io import loadmat, whosmat

    declared = sum(math.prod(shape) for _, shape, _ in whosmat(path))
    if declared > most:
        return {"error": f"expected at most {most:,} values, got {declared:,} declared"}
    held = loadmat(path, chars_as_strings=True, struct_as_record=True)
    is_emnist = "dataset" in held
    try:
        pairs = list(fields_of(held["dataset"]) if is_emnist else held.items())
    except (IndexError, KeyError, TypeError, ValueError):
        return {"error": OTHER}
    names: list[str] = []
    for name, values in pairs:
        if name.startswith("__") or not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
            continue
        if len(names) < MOST_ARRAYS:
            np.save(folder / f"{len(names)}.npy", values, allow_pickle=False)
            names.append(name)
    return {"arrays": names, "emnist": is_emnist}


def fields_of(structure: Any) -> Iterator[tuple[str, Any]]:
    """The arrays in EMNIST's structure, by name."""
    record = structure[0, 0]
    for part in ("train", "test"):
        own = record[part][0, 0]
        for kind in ("images", "labels"):
            yield f"{part}/{kind}", np.asarray(own[kind])
    if "mapping" in (record.dtype.names or ()):
        yield "mapping", np.asarray(record["mapping"])


if __name__ == "__main__":
    main(*sys.argv[1:])
