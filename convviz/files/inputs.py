"""Files that are read: regular ones only, because a pipe would be waited for, and a device has no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["NotRegularError", "open_regular"]


class NotRegularError(OSError):
    """Something else than a file was named.

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
        It is none (:class:`NotRegularError`), is not there, or can't be read.
    ValueError
        The path is impossible, for one because of a null byte.
    """
    # Asked of the open file: between a look at the name and opening it, another could have been put there.
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
