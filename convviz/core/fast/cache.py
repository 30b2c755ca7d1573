"""The folder in which machine code is kept between runs, and the check that it can be trusted.

numba's cache consists of pickles, and reading a pickle can run any command. So a folder is used only if nobody but the
user and the system's administrator can have written into it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

UNUSED = 30 * 24 * 3600
"""Seconds after which machine code that has not been used is removed."""
COMPLETE = "complete"
"""Name of a file that marks a folder with the kernels of all presets."""
OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Write permissions of others."""
WAY_IN = stat.S_IXGRP | stat.S_IXOTH
"""Permissions of others to access the contents of a folder."""


@dataclass(frozen=True, slots=True)
class CodeCache:
    """Where machine code is kept.

    Parameters
    ----------
    folder : Path or None
        None if machine code is not kept.
    reason : str
        Why ``folder`` is None.
    """

    folder: Path | None
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the kernels of all presets are already there."""
        return self.folder is not None and (self.folder / COMPLETE).is_file()


@cache
def kept() -> CodeCache:
    """The place where this version keeps its machine code.

    The folder's name depends on the sources of this package: numba checks only a function's own file, not the files
    that it uses, and would run old code after an upgrade. The name also depends on numba's version, because numba
    discards the code of other versions.
    """
    digest = hashlib.sha256(metadata.version("numba").encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return in_use(user_cache() / "convviz", f"compiled-{digest.hexdigest()[:16]}")


def in_use(parent: Path, name: str) -> CodeCache:
    """Make the folder of this version, record its use, and remove folders that have not been used for long."""
    try:
        folder = Path(os.path.realpath(parent / name))  # a link could lead elsewhere later
        folder.parent.parent.mkdir(parents=True, exist_ok=True)
        for own in (folder.parent, folder):
            own.mkdir(mode=0o700, exist_ok=True)
        problem = distrusted(folder)
        if problem:
            return CodeCache(None, problem)
        os.utime(folder)
    except (OSError, RuntimeError) as error:  # a loop of links, for one
        return CodeCache(None, f"{parent / name}: {getattr(error, 'strerror', None) or error}")
    for other in folder.parent.glob("compiled-*"):
        remove_unused(other)
    return CodeCache(folder) if os.access(folder, os.W_OK) else CodeCache(None, f"{folder} can't be written")


def remove_unused(folder: Path) -> None:
    """Remove machine code that has not been used for long.

    Newer code may be in use by another installation or a running program. Removed code is simply compiled again.
    """
    with suppress(OSError):
        if folder.stat().st_mtime < time.time() - UNUSED:
            shutil.rmtree(folder)


def user_cache() -> Path:
    """The system's folder for caches."""
    chosen = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if chosen:
        return Path(chosen)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


# --- trust -------------------------------------------------------------------------------------------------------


def distrusted(folder: Path) -> str:
    """Why somebody else may have written into a folder; empty if nobody can.

    Parameters
    ----------
    folder : Path
        Absolute and free of links.

    Raises
    ------
    OSError
        It can't be examined.
    """
    if sys.platform == "win32":
        return ""  # on Windows, a user's profile is private, and owner and mode mean nothing
    for above in folder.parents:
        found = above.lstat()
        # Everybody may write into a folder such as /tmp, but nobody may replace somebody else's files.
        sticky = bool(found.st_mode & stat.S_ISVTX)
        problem = owned_by_others(above, found, trusted=(0, os.geteuid()))
        if problem or (not sticky and others_write(found)):
            return problem or f"{above} can be written by others"
    found = folder.lstat()
    problem = owned_by_others(folder, found)
    if problem or others_write(found):
        return problem or f"{folder} can be written by others"
    return next(problems_inside(folder, is_open=bool(found.st_mode & WAY_IN)), "")


def problems_inside(folder: Path, *, is_open: bool) -> Iterator[str]:
    """Problems with the contents of a folder; ``is_open`` says whether others can access them."""
    for path in sorted(folder.iterdir()):
        found = path.lstat()
        problem = owned_by_others(path, found)
        if problem:
            yield problem
        elif is_open and others_write(found):
            yield f"{path} can be written by others"
        elif stat.S_ISDIR(found.st_mode):
            yield from problems_inside(path, is_open=is_open and bool(found.st_mode & WAY_IN))
        elif not stat.S_ISREG(found.st_mode):
            yield f"{path} is no file"


def owned_by_others(path: Path, found: os.stat_result, trusted: tuple[int, ...] | None = None) -> str:
    """A sentence if somebody else owns it; empty if the owner is the user or trusted."""
    return "" if found.st_uid in (trusted or (os.geteuid(),)) else f"{path} belongs to another user"


def others_write(found: os.stat_result) -> bool:
    """Whether somebody else may write it, apart from a group that contains only the user."""
    allowed = found.st_mode & OTHERS
    return bool(allowed & stat.S_IWOTH) or (bool(allowed) and not is_own_group(found.st_gid))


def is_own_group(group: int) -> bool:
    """Whether it is the user's private group: with the same name, and without other members."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == user and set(found.gr_mem) <= {user}
