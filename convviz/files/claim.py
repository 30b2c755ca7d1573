"""Protects files that a process writes repeatedly, such as the network or the recording of a run, from other processes.

Meanwhile the process holds a lock on a hidden file beside the protected one. The lock ends with its process, however
that ends. If the system or the file system has no locks, nothing is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convviz.files.errors import OutputError

_locks: Any = None
with contextlib.suppress(ImportError):  # Windows has no fcntl, and does not let anybody replace an open file
    import fcntl

    _locks = fcntl

LOOKS, LOOK_SECONDS = 5, 0.005
"""How many times a lock is tried, and the seconds in between: a process that only looks holds it for an instant."""

__all__ = ["claimed", "is_claimed", "is_kept_in_place", "kept_in_place", "refuse_claimed"]


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Reserve a file for this process while the block runs.

    Raises
    ------
    OutputError
        Another run has reserved it.
    """
    lock = _lock_path(path)
    handle = _locked(lock, path)
    try:
        yield
    finally:
        if handle is not None:
            # Removed while still locked: a process that has opened it meanwhile sees that it is gone, and makes a new
            # one.
            lock.unlink(missing_ok=True)
            os.close(handle)


def refuse_claimed(path: Path, words: str = "") -> None:
    """Refuse a file that another process has reserved.

    Raises
    ------
    OutputError
    """
    if _locks is None:
        return
    with contextlib.suppress(FileNotFoundError, PermissionError):
        handle = os.open(_lock_path(path), os.O_RDONLY)
        try:
            if not _try_lock(handle, shared=True) and _owner(handle) != os.getpid():
                raise _taken(words or str(path), handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def kept_in_place(path: Path) -> Iterator[None]:
    """Ask every process not to move or remove a file while the block runs; any number may ask at once."""
    lock = _lock_path(path, "kept")
    handle = None
    if _locks is not None:
        with contextlib.suppress(OSError):  # nobody can remove a file from a folder that can't be written to
            handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
            _try_lock(handle, shared=True)
    try:
        yield
    finally:
        if handle is not None:
            if _try_lock(handle):  # nobody else asks any more
                lock.unlink(missing_ok=True)
            os.close(handle)


def is_kept_in_place(path: Path) -> bool:
    """Whether any process has asked that a file be neither moved nor removed."""
    if _locks is None:
        return False
    try:
        handle = os.open(_lock_path(path, "kept"), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


def is_claimed(path: Path) -> bool:
    """Whether anybody, in this process or another one, has reserved a file."""
    if _locks is None:
        return False
    try:
        handle = os.open(_lock_path(path), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(handle, shared=True)
    finally:
        os.close(handle)


def _locked(lock: Path, path: Path) -> int | None:
    """An open, locked file; None if there are no locks."""
    while _locks is not None:
        try:
            handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError:
            return None  # a problem with the folder is reported when the file is written
        try:
            if not _lock_soon(handle):
                raise _taken(str(path), handle)
            if lock.exists() and os.path.samestat(os.fstat(handle), lock.stat()):
                os.truncate(handle, 0)
                os.write(handle, str(os.getpid()).encode())
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its previous owner has removed it: try again
    return None


def _lock_soon(handle: int) -> bool:
    """Take the lock, trying again while another process only tests it; False if another process holds it."""
    for _ in range(LOOKS):
        if _try_lock(handle):
            return True
        time.sleep(LOOK_SECONDS)
    return _try_lock(handle)


def _try_lock(handle: int, *, shared: bool = False) -> bool:
    """Take the exclusive lock, or a shared one, which is enough to look; False if another process's lock forbids it."""
    try:
        _locks.flock(handle, (_locks.LOCK_SH if shared else _locks.LOCK_EX) | _locks.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks here
    return True


def _owner(handle: int) -> int:
    """Process that has the lock; 0 if unknown."""
    text = os.pread(handle, 20, 0)
    return int(text) if text.isdigit() else 0


def _taken(words: str, handle: int) -> OutputError:
    owner = _owner(handle)
    who = "another training of this process" if owner == os.getpid() else f"another run (process {owner or 'unknown'})"
    return OutputError(f"{words}: expected a file that nobody else is writing, got one that {who} is writing")


def _lock_path(path: Path, kind: str = "lock") -> Path:
    target = path.resolve()
    return target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.convviz-{kind}")
