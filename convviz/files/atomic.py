"""Writes files atomically: a file is either the old one or the new one, never half of each."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["atomic_path", "part_path", "write_bytes_atomically"]

PART = re.compile(r"^\..*-(?P<host>[0-9a-f]{6})-(?P<pid>\d{1,10})-[0-9a-f]{8}\.part(\.[^.]*)?$", re.DOTALL)
"""Name of a part, the unfinished file beside its target: it says which process of which computer is writing it."""
LONGEST_STEM = 15
"""Characters of the target's name that a part's name repeats; no more, so that it is never too long itself."""
LONGEST_SUFFIX = 16
STALE = 24 * 3600
"""Seconds after which a part counts as abandoned."""


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a path to write to; the file there becomes ``target`` when the block ends without an error.

    The new file is written beside the target, flushed to the disk and then renamed over it, which file systems do
    atomically: meanwhile readers see the old contents, which also survive a crash or a full disk. An exception in the
    block removes the new file and leaves the target alone. If a process is killed before it can do so, the next one
    that writes into the folder removes the remains.

    Parameters
    ----------
    target : Path
        Its folder must exist. If it is a link, the linked file is replaced.

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
    remove_stale(target.parent)
    part = part_path(target)
    try:
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        yield part
        to_disk(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    # The rename is recorded in the folder, which has to be flushed too.
    with contextlib.suppress(OSError):
        to_disk(target.parent)


def write_bytes_atomically(target: Path, contents: bytes) -> None:
    """Write a file atomically: see :func:`atomic_path`."""
    with atomic_path(target) as path:
        path.write_bytes(contents)


def part_path(target: Path) -> Path:
    """Make the empty file that is to become ``target``, with the permissions that a new file has.

    Raises
    ------
    OSError
        Nothing can be written there.
    """
    suffix = target.suffix if len(os.fsencode(target.suffix)) <= LONGEST_SUFFIX else ""
    whose = f"{_host()}-{os.getpid()}-{os.urandom(4).hex()}"
    part = target.with_name(f".{target.stem[:LONGEST_STEM]}-{whose}.part{suffix}")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return part


def remove_stale(folder: Path) -> None:
    """Remove the parts left by processes that were killed while writing."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = PART.match(entry.name)
            if found is None:
                continue
            with contextlib.suppress(OSError):
                old = time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE
                if old or (found["host"] == _host() and _is_dead(int(found["pid"]))):
                    Path(entry.path).unlink()


def _host() -> str:
    """Six hexadecimal digits that stand for this computer; process numbers mean nothing on another one."""
    return hashlib.sha256(os.fsencode(socket.gethostname())).hexdigest()[:6]


def _is_dead(pid: int) -> bool:
    """Whether there is no such process; False on systems where that can't be checked safely."""
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def to_disk(path: Path) -> None:
    """Flush a file or folder to the disk, and wait until it is there.

    Raises
    ------
    OSError
        The disk is full or gone, or the file system can't do that.
    """
    number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
