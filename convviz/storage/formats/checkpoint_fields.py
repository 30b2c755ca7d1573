"""The fields of a checkpoint file: the path and type of each part of a network's state.

    design                      the design as TOML text
    arrays/NAME                 every array of the network: weights, optimiser state, running statistics, scalars
    run/epoch, minibatch, step  the position of the run (int64)
    run/losses                  one number per minibatch of the epoch so far (float64)
    run/learning_rate, seconds  the rate before the schedule's factor; time of training (float64)
    curves/COLUMN               one number per epoch (float64): see ``CURVES``
    data/…                      the fingerprint of the data set; missing if nothing was trained

Text is UTF-8 of a fixed length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.files.cancel import Cancelled, blocks
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.network_state import EpochMeasures, NetworkState

__all__ = [
    "COUNTS",
    "CURVES",
    "DATA_COUNTS",
    "DATA_TEXTS",
    "EpochColumn",
    "checksum",
    "field_of",
    "fixed_text",
    "leaves_of",
]


@dataclass(frozen=True, slots=True)
class EpochColumn:
    """One number per epoch.

    Parameters
    ----------
    name : str
        Its name in the file and in :class:`~convviz.storage.network_state.EpochMeasures`.
    absent : float, optional
        The value to assume for files written before the column existed; unless given, every file must have it.
    """

    name: str
    absent: float | None = None


CURVES = tuple(EpochColumn(name, EpochMeasures.absent().get(name)) for name in EpochMeasures.columns())
COUNTS = ("epoch", "minibatch", "step")
"""Fields of ``run`` that are whole numbers of a position."""
DATA_COUNTS = ("train_images", "test_images")
DATA_TEXTS = {"name": 1000, "train_sha256": 64, "test_sha256": 64}
"""Text of a fingerprint → the most bytes that it may have."""
ELSEWHERE = {"epochs": "curves/loss", "place.evaluated": "curves/loss", "seconds": "run/seconds"}
"""Fields of a state that are stored outside their group."""
GROUPS = {"place": "run", "epochs": "curves", "data": "data"}
"""Groups of the file, by the field of a state that they store."""


def field_of(name: str) -> str:
    """Path in the file of a field of the state, which is named as by :meth:`NetworkState.problem`."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    group, _, rest = name.partition(".")
    return f"{GROUPS[group]}/{rest}" if rest else GROUPS[group]


def leaves_of(text: str, state: NetworkState) -> dict[str, Array]:
    """All values of the file, by their paths; ``text`` is the design."""
    place = state.place
    leaves = {"design": fixed_text(text)} | {f"arrays/{name}": array for name, array in state.arrays.items()}
    leaves |= {f"run/{name}": np.array(getattr(place, name), np.int64) for name in COUNTS}
    leaves["run/learning_rate"] = np.array(place.learning_rate, np.float64)
    leaves["run/seconds"] = np.array(state.seconds, np.float64)
    leaves["run/losses"] = np.array(place.losses, np.float64)
    leaves |= {f"curves/{column.name}": curve(state.epochs, column.name) for column in CURVES}
    return leaves | (data_leaves(state.data) if state.data is not None else {})


def curve(epochs: tuple[EpochMeasures, ...], name: str) -> Array:
    """One number of every epoch."""
    return np.array([getattr(measures, name) for measures in epochs], np.float64)


def data_leaves(data: DataFingerprint) -> dict[str, Array]:
    """The fingerprint of a data set."""
    # Only the name may have to be cut; checksums have a fixed length.
    longest = DATA_TEXTS["name"]
    found = {"data/name": fixed_text(data.name[:longest], longest)}
    found |= {f"data/{name}": np.array(getattr(data, name), np.int64) for name in DATA_COUNTS}
    return found | {f"data/{name}": fixed_text(getattr(data, name)) for name in ("train_sha256", "test_sha256")}


def fixed_text(text: str, longest: int | None = None) -> Array:
    """Text as one value of its own length in UTF-8."""
    contents = text.replace("\0", " ").encode("utf-8", "replace")[:longest]
    # A character cut in two is dropped: it would make the file unreadable.
    contents = contents.decode("utf-8", "ignore").encode()
    return np.array(contents, f"S{max(len(contents), 1)}")


def checksum(leaves: Mapping[str, Array], cancelled: Cancelled | None = None) -> str:
    """SHA-256 of all values with their names, types and shapes, the same on every machine."""
    made = hashlib.sha256()
    for name in sorted(leaves):
        value = leaves[name]
        kind: np.dtype[Any] = value.dtype.newbyteorder("<")
        made.update(f"{name}\n{kind.str}{value.shape}\n".encode())
        contents = np.ascontiguousarray(value, kind).reshape(-1).view(np.uint8)
        for block in blocks(len(contents), cancelled):
            made.update(contents[block].data)
    return made.hexdigest()
