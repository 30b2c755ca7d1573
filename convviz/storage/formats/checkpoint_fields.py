"""The fields of a checkpoint file: where each part of a network's state lies in it, and as what type.

    design                      the design as TOML text
    arrays/NAME                 every array of the network: weights, optimiser state, running statistics, scalars
    run/epoch, minibatch, step  where the run is (int64)
    run/losses                  one a minibatch of the epoch so far (float64)
    run/learning_rate, seconds  what the schedule multiplies; time of training (float64)
    curves/COLUMN               one number an epoch (float64): see ``CURVES``
    data/…                      the fingerprint of the data set; not there if nothing was trained

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

__all__ = ["COUNTS", "CURVES", "DATA_COUNTS", "DATA_TEXTS", "Column", "checksum", "field_of", "fixed_text", "leaves_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """One number an epoch.

    Parameters
    ----------
    name : str
        In the file, and in :class:`~convviz.storage.network_state.EpochMeasures`.
    absent : float, optional
        What a file has that was written before the column was thought of; unless given, every file has it.
    """

    name: str
    absent: float | None = None


CURVES = (
    Column("loss"),
    Column("train_loss"),
    Column("train_accuracy"),
    Column("test_loss"),
    Column("test_accuracy"),
    Column("seconds"),
)
COUNTS = ("epoch", "minibatch", "step")
"""Whole numbers of a place, in ``run``."""
DATA_COUNTS = ("train_images", "test_images")
DATA_TEXTS = {"name": 1000, "train_sha256": 64, "test_sha256": 64}
"""Texts of a fingerprint, and how many bytes each has at most."""
ELSEWHERE = {"epochs": "curves/loss", "place.evaluated": "curves/loss", "seconds": "run/seconds"}
"""Fields of a state that lie elsewhere in the file than their group does."""
GROUPS = {"place": "run", "epochs": "curves", "data": "data"}
"""Groups of the file, by the field of a state that is kept there."""


def field_of(name: str) -> str:
    """Place in the file of a field of a state, as :meth:`NetworkState.problem` names it."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    group, _, rest = name.partition(".")
    return f"{GROUPS[group]}/{rest}" if rest else GROUPS[group]


def leaves_of(text: str, state: NetworkState) -> dict[str, Array]:
    """Every value of the file by its place in it; ``text`` is the design."""
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
    # The name is cut where it is too long; checksums have the length that they have.
    longest = DATA_TEXTS["name"]
    found = {"data/name": fixed_text(data.name[:longest], longest)}
    found |= {f"data/{name}": np.array(getattr(data, name), np.int64) for name in DATA_COUNTS}
    return found | {f"data/{name}": fixed_text(getattr(data, name)) for name in ("train_sha256", "test_sha256")}


def fixed_text(text: str, longest: int | None = None) -> Array:
    """Text as one value of its own length in UTF-8."""
    contents = text.replace("\0", " ").encode("utf-8", "replace")[:longest]
    # A character that was cut in two would make the file unreadable.
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
