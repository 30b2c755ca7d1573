"""How kernels are compiled, and where the machine code is kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba

UNUSED = 30 * 24 * 3600
"""Seconds after which machine code that no version has used is removed."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call for the types that come; runs without the GIL.

    Sums may be taken in any order and rounded once where a product is added; NaN and infinity stay what they are.
    """
    folder = cache_folder()
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        made: Callable[..., Any] = numba.njit(
            nogil=True, cache=folder is not None, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}
        )(function)
    finally:
        config.CACHE_DIR = before
    return made


@cache
def cache_folder() -> Path | None:
    """Where machine code is kept; None where no folder can be written.

    Its name depends on the sources of this package: numba looks at a function's own file only, not at those that it
    uses, and would run old code after an upgrade.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return in_use(user_cache() / "convviz", f"compiled-{digest.hexdigest()[:16]}")


def in_use(parent: Path, name: str) -> Path | None:
    """Make the folder of this version, note that it is used, and remove those that no version has used for long."""
    folder = parent / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        return None
    for other in parent.glob("compiled-*"):
        remove_unused(other)
    return folder if os.access(folder, os.W_OK) else None


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
