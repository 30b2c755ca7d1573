"""Helpers that all formats of models share: opening a file, writing one, and checking that numbers are finite."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from convviz.core.arrays import Array
from convviz.files.atomic import write_bytes_atomically
from convviz.files.inputs import NotRegularError, open_regular
from convviz.storage.errors import CheckpointError


def open_model(path: Path, what: str) -> BinaryIO:
    """Open a regular file for reading.

    Parameters
    ----------
    path : Path
    what : str
        The kind of file that is expected, for messages: ``a file of weights``.

    Raises
    ------
    CheckpointError
        Nothing is there, it is not a regular file, or it can't be read.
    """
    try:
        return open_regular(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected {what}, found nothing there") from None
    except NotRegularError as error:
        raise CheckpointError(f"{path}: expected {what}, got {error.got}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(f"{path}: expected {what}, got a file that can't be read: {reason}") from None


def write_model(path: Path, contents: bytes) -> None:
    """Write a file, completely or not at all.

    Raises
    ------
    CheckpointError
        It can't be written.
    """
    try:
        write_bytes_atomically(path, contents)
    except OSError as error:
        raise CheckpointError(f"{path}: can't be written: {error.strerror or error}") from None


def finite(path: Path, name: str, array: Array) -> Array:
    """Refuse an array with numbers that are not finite; returns the array.

    Raises
    ------
    CheckpointError
        It contains NaN or infinity.
    """
    if not np.isfinite(array).all():
        raise CheckpointError(f"{path}: {name}: expected finite numbers, got NaN or infinity", field=name)
    return array
