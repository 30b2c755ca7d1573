"""How kernels are compiled, and where the machine code is kept."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


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


def cache_folder() -> Path | None:
    """Where machine code is kept; None where no folder can be written.

    Its name depends on the sources of this package: numba looks at a function's own file only, not at those that it
    uses, and would run old code after an upgrade.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = user_cache() / "convviz" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def user_cache() -> Path:
    """The system's folder for what can be made again."""
    chosen = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if chosen:
        return Path(chosen)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
