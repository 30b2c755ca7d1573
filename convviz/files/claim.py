"""Files that a process goes on writing, such as a training does after every epoch: no other process may write them.

A hidden file beside it is locked meanwhile. The lock ends with its process, however that ends. Where the system or the
file system has no locks, nothing is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convviz.files.errors import OutputError

_locks: Any = None
with contextlib.suppress(ImportError):  # Windows has none, and lets nobody replace a file that is open
    import fcntl

    _locks = fcntl

__all__ = ["claimed", "refuse_claimed"]


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Have a file for oneself while the block runs.

    Raises
    ------
    OutputError
        Another run has it.
    """
    lock = _lock_path(path)
    handle = _locked(lock, path)
    try:
        yield
    finally:
        if handle is not None:
            # Removed while it is locked: whoever opened it meanwhile sees that it is gone, and makes another.
            lock.unlink(missing_ok=True)
            os.close(handle)


def refuse_claimed(path: Path, words: str = "") -> None:
    """Refuse a file that another process goes on writing.

    Raises
    ------
    OutputError
    """
    if _locks is None:
        return
    with contextlib.suppress(FileNotFoundError, PermissionError):
        handle = os.open(_lock_path(path), os.O_RDONLY)
        try:
            if not _try_lock(handle) and _owner(handle) != os.getpid():
                raise _taken(words or str(path), handle)
        finally:
            os.close(handle)


def _locked(lock: Path, path: Path) -> int | None:
    """An open, locked file; None where locks can't be had."""
    while _locks is not None:
        try:
            handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError:
            return None  # what is wrong with the folder is said by whoever writes into it
        try:
            if not _try_lock(handle):
                raise _taken(str(path), handle)
            if lock.exists() and os.path.samestat(os.fstat(handle), lock.stat()):
                os.truncate(handle, 0)
                os.write(handle, str(os.getpid()).encode())
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # it was removed by the one before: another try
    return None


def _try_lock(handle: int) -> bool:
    """Whether nobody else has the lock; it is taken then."""
    try:
        _locks.flock(handle, _locks.LOCK_EX | _locks.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks here
    return True


def _owner(handle: int) -> int:
    """Process that has the lock; 0 where that isn't known."""
    text = os.pread(handle, 20, 0)
    return int(text) if text.isdigit() else 0


def _taken(words: str, handle: int) -> OutputError:
    owner = _owner(handle)
    who = "another training of this process" if owner == os.getpid() else f"another run (process {owner or 'unknown'})"
    return OutputError(f"{words}: expected a file that nobody else is writing, got one that {who} keeps its network in")


def _lock_path(path: Path) -> Path:
    target = path.resolve()
    return target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.convviz-lock")
