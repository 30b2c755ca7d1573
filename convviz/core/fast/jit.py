"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from convviz.core.fast.cache import kept


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call, for the types of its arguments; the code runs without the GIL.

    Sums may be reordered and products fused into additions; NaN and infinity are preserved.
    """
    return compiled_into(kept().folder, function)


def compiled_into(folder: Path | None, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile, and keep the machine code in this folder, or nowhere if it is None."""
    if folder is not None:
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder)
        try:
            made = jit(function, cache=True)
        finally:
            config.CACHE_DIR = before
        # If numba can't write there, it uses another folder, whose permissions have not been checked.
        if Path(made.stats.cache_path).is_relative_to(folder):
            return made  # type: ignore[no-any-return]
    return jit(function, cache=False)  # type: ignore[no-any-return]


def jit(function: Callable[..., Any], *, cache: bool) -> Any:
    """Wrap a function with numba's compiler."""
    fastmath = {"contract", "reassoc", "nsz"}
    return numba.njit(nogil=True, cache=cache, error_model="numpy", fastmath=fastmath)(function)
