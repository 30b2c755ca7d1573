"""Opens files for reading: regular ones only, because a pipe would block, and a device has no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["NotRegularError", "open_regular"]


class NotRegularError(OSError):
    """A path is not a regular file.

    Attributes
    ----------
    got : str
        ``a folder``, ``a device or pipe``.
    """

    def __init__(self, path: Path, got: str) -> None:
        super().__init__(errno.EINVAL, f"it is {got}", str(path))
        self.got = got


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, without ever waiting for another process.

    Raises
    ------
    OSError
        It is not a regular file (:class:`NotRegularError`), does not exist, or can't be read.
    ValueError
        The path is impossible, for example because it contains a null byte.
    """
    # Checked on the open file: between checking a path and opening it, the file could be replaced.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            got = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
            raise NotRegularError(path, got)
    except BaseException:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")
