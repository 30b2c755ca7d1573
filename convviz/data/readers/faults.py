"""Turns whatever error a damaged file leads to into one sentence."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convviz.data.errors import DataError

__all__ = ["explained"]

DAMAGE = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile)
"""Errors that the system, archives and decoders raise."""


@contextmanager
def explained(what: Path | str, form: str, *more: type[Exception]) -> Iterator[None]:
    """Inside the block, turn other errors into a ``DataError``.

    Parameters
    ----------
    what : Path or str
        The file.
    form : str
        What was expected there: ``a readable table``.
    *more : type of Exception
        Further errors that a decoder raises for damaged files.

    Raises
    ------
    DataError
    """
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise DataError(f"{what}: expected data that fits in memory, got more than could be allocated") from None
    except Exception as error:
        if not isinstance(error, (*DAMAGE, *more)):
            raise
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{what}: expected {form}, got: {reason}") from None
