"""Where machine code is kept between two runs, and whether it can be trusted there.

numba keeps what it finds again in pickles, and reading a pickle can run any command. So a folder is used only where
nobody but the user, or the system's administrator, can have put something into it.
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
"""Seconds after which machine code that no version has used is removed."""
COMPLETE = "complete"
"""A file that says that the kernels of all presets are in the folder."""
OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Permission of others to write."""
WAY_IN = stat.S_IXGRP | stat.S_IXOTH
"""Permission of others to reach what is in a folder."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where machine code is kept.

    Parameters
    ----------
    folder : Path or None
        None where it is not kept.
    reason : str
        Why not.
    """

    folder: Path | None
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the kernels of all presets are there already."""
        return self.folder is not None and (self.folder / COMPLETE).is_file()


@cache
def kept() -> Kept:
    """Where this version keeps its machine code.

    The folder's name depends on the sources of this package: numba looks at a function's own file only, not at those
    that it uses, and would run old code after an upgrade. It depends on numba too, which throws away what another
    version of it has made.
    """
    digest = hashlib.sha256(metadata.version("numba").encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return in_use(user_cache() / "convviz", f"compiled-{digest.hexdigest()[:16]}")


def in_use(parent: Path, name: str) -> Kept:
    """Make the folder of this version, note that it is used, and remove those that no version has used for long."""
    try:
        folder = Path(os.path.realpath(parent / name))  # a link could lead elsewhere later
        folder.parent.parent.mkdir(parents=True, exist_ok=True)
        for own in (folder.parent, folder):
            own.mkdir(mode=0o700, exist_ok=True)
        problem = distrusted(folder)
        if problem:
            return Kept(None, problem)
        os.utime(folder)
    except (OSError, RuntimeError) as error:  # a loop of links, for one
        return Kept(None, f"{parent / name}: {getattr(error, 'strerror', None) or error}")
    for other in folder.parent.glob("compiled-*"):
        remove_unused(other)
    return Kept(folder) if os.access(folder, os.W_OK) else Kept(None, f"{folder} can't be written")


def remove_unused(folder: Path) -> None:
    """Remove machine code that nobody has used for long.

    Before that another installation may want it, or a program that runs. Were it gone it would be compiled again.
    """
    with suppress(OSError):
        if folder.stat().st_mtime < time.time() - UNUSED:
            shutil.rmtree(folder)


def user_cache() -> Path:
    """The system's folder for what can be made again."""
    chosen = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if chosen:
        return Path(chosen)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


# --- trust -------------------------------------------------------------------------------------------------------


def distrusted(folder: Path) -> str:
    """Why what is in a folder may be somebody else's; empty if it can't be.

    Parameters
    ----------
    folder : Path
        Absolute and free of links.

    Raises
    ------
    OSError
        It can't be looked at.
    """
    if sys.platform == "win32":
        return ""  # the profile of a user is nobody else's; owner and mode say nothing here
    for above in folder.parents:
        found = above.lstat()
        # In a folder such as /tmp everybody may write, but nobody may replace what is another's.
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
    """What is wrong with the files and folders in a folder; ``is_open`` says whether others can reach them."""
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
    """That somebody else owns it; empty if the user does, or one of those that are trusted."""
    return "" if found.st_uid in (trusted or (os.geteuid(),)) else f"{path} belongs to another user"


def others_write(found: os.stat_result) -> bool:
    """Whether somebody else may write it; a group in which the user is alone, as many systems make it, may."""
    allowed = found.st_mode & OTHERS
    return bool(allowed & stat.S_IWOTH) or (bool(allowed) and not is_own_group(found.st_gid))


def is_own_group(group: int) -> bool:
    """Whether it is the group of this user alone: of the same name, and without other members."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == user and set(found.gr_mem) <= {user}
