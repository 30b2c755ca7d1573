"""Opens the two kinds of files in which Keras saves whole models.

An ``.h5`` is HDF5 with the model's description as an attribute; a ``.keras`` is a zip archive of the description and an
HDF5 file of weights. Parts of the archive are unpacked only up to a limit, whatever sizes it declares.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convviz.files.cancel import BLOCK, Cancelled, LoadCancelledError, go_on
from convviz.files.sniff import begins_with
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import guarded
from convviz.storage.formats.hdf5_checks import SIGNATURE
from convviz.storage.formats.keras.stored import ByName, ByNumber, Stored
from convviz.storage.formats.model_bytes import open_model
from convviz.storage.formats.said import printable

WHAT = "a Keras model"
CONFIG, WEIGHTS, ABOUT = "config.json", "model.weights.h5", "metadata.json"
LONGEST = 2**24
"""Most bytes of a model's description."""
DENSEST = 64
"""Most bytes that one compressed byte may become: weights compress badly, and Keras doesn't compress them at all."""
ALWAYS = 2**20
"""Bytes up to which a part is unpacked however small it is when compressed."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedArchive:
    """An open file of a Keras model.

    Parameters
    ----------
    description : object
        The model's description: the values that JSON gives.
    version : str
        Version of the Keras that wrote it; may be empty.
    stored : Stored
        The model's weights.
    widened : dict of str to None
        Types of the weights that have been converted to float32 so far.
    """

    description: Any
    version: str
    stored: Stored
    widened: dict[str, None]


def recognises(path: Path) -> bool:
    """Whether a file is a model of Keras, of either kind."""
    try:
        if begins_with(path, b"PK"):
            with unzipped(path) as archive:
                return CONFIG in archive.namelist()
        if not begins_with(path, SIGNATURE):
            return False
        with guarded(path, WHAT, old_groups=True) as file:
            return file.has_attribute("model_config")
    except CheckpointError:
        return False


@contextmanager
def opened(path: Path, cancelled: Cancelled | None) -> Iterator[OpenedArchive]:
    """Open a file of either kind.

    Raises
    ------
    CheckpointError
        It is missing, damaged, or another kind of file.
    LoadCancelledError
    """
    widened: dict[str, None] = {}
    if not begins_with(path, b"PK"):
        with guarded(path, WHAT, old_groups=True, cancelled=cancelled) as file:
            if not file.has_attribute("model_config"):
                raise CheckpointError(
                    f"{path}: expected {WHAT}, got an HDF5 file without the description of one; if it has only "
                    "weights, open the design first, and then the weights into it"
                )
            description = described(path, file.words("model_config", LONGEST))
            version = file.words("keras_version", 64) if file.has_attribute("keras_version") else ""
            yield OpenedArchive(description, version, ByName(file, widened), widened)
        return
    with unzipped(path) as archive:
        description = described(path, text_of(path, archive, CONFIG))
        about = described(path, text_of(path, archive, ABOUT)) if ABOUT in archive.namelist() else {}
        version = str(about.get("keras_version") or "") if isinstance(about, dict) else ""
        if WEIGHTS not in archive.namelist():
            raise CheckpointError(f"{path}: expected {WEIGHTS} in it, got none; keep the model with model.save(…)")
        with tempfile.TemporaryDirectory() as folder:
            unpacked = Path(folder) / WEIGHTS
            with unpacked.open("wb") as target:
                unpack(path, archive, WEIGHTS, target, 2**63, cancelled)
            with guarded(unpacked, WHAT, old_groups=True, cancelled=cancelled, named=path) as file:
                yield OpenedArchive(description, version, ByNumber(file, widened), widened)


def described(path: Path, text: str) -> Any:
    """JSON as Python values."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = printable(str(error), 80)
        raise CheckpointError(f"{path}: expected the description of a model as JSON, got: {reason}") from None


def text_of(path: Path, archive: zipfile.ZipFile, name: str) -> str:
    """The text of one part of an archive."""
    import io

    target = io.BytesIO()
    unpack(path, archive, name, target, LONGEST, None)
    try:
        return target.getvalue().decode("utf-8")
    except UnicodeDecodeError:
        raise CheckpointError(f"{path}: {name}: expected text in UTF-8, got other bytes") from None


def unpack(
    path: Path, archive: zipfile.ZipFile, name: str, target: Any, most: int, cancelled: Cancelled | None
) -> None:
    """Unpack one part of an archive into ``target``; refuse more than ``most`` bytes, or implausible compression."""
    with explained(path):
        info = archive.getinfo(name)
        most = min(most, max(info.compress_size * DENSEST, ALWAYS))
        done = 0
        with archive.open(info) as packed:
            while block := packed.read(BLOCK):
                go_on(cancelled)
                done += len(block)
                if done > most:
                    raise CheckpointError(f"{path}: {name}: expected at most {most:,} bytes in it, got more")
                target.write(block)


@contextmanager
def unzipped(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive."""
    with open_model(path, WHAT) as file:
        with explained(path):
            archive = zipfile.ZipFile(file)
        with archive:
            yield archive


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn whatever a damaged archive raises into one sentence."""
    try:
        yield
    except (CheckpointError, LoadCancelledError):
        raise
    except MemoryError:
        raise CheckpointError(f"{path}: expected a model that fits in memory, got more than that") from None
    except Exception as error:  # noqa: BLE001 (a damaged archive raises nearly anything)
        reason = printable(str(error), 120) or type(error).__name__
        raise CheckpointError(f"{path}: expected {WHAT}, whole and undamaged, got: {reason}") from None
