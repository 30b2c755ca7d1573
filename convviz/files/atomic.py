"""Files that are either the old ones or the new ones, never half of each."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["atomic_path", "write_bytes_atomically"]


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a path to write to that becomes ``target`` when the block ends well.

    The new file is written beside the target, brought to the disk and then renamed over it, which file systems do
    in one go: whoever reads the target meanwhile sees the old contents, and a crash or a full disk leaves them. An
    exception in the block removes the new file and leaves the target alone.

    Parameters
    ----------
    target : Path
        Its folder must exist. If it is a link, the file that the link leads to is replaced.

    Yields
    ------
    Path
        An empty file in the same folder, with the same ending; fill it, and close what you opened.

    Raises
    ------
    OSError
        The folder does not exist or can't be written to, or the disk is full.
    """
    target = target.resolve()
    number, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(number)
    made = Path(name)
    try:
        yield made
        # mkstemp makes files that only their owner may read; keep what the target had, or what open() would give.
        made.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        _to_disk(made)
        made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    # The rename itself is in the folder's own record.
    with contextlib.suppress(OSError):
        _to_disk(target.parent)


def write_bytes_atomically(target: Path, contents: bytes) -> None:
    """Write a whole file in one go: see :func:`atomic_path`."""
    with atomic_path(target) as path:
        path.write_bytes(contents)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
