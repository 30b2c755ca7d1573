"""Compiled kernels, for training alone: ``pip install convviz[fast]``.

With numba installed the plan of a training run replaces chains of a program's steps by single steps that are compiled
to machine code (:mod:`convviz.core.fast.rewrite`). What they compute is the same up to rounding; the debugger, which
shows every array, always runs the NumPy kernels. Without numba, or with the environment variable ``CONVVIZ_FAST=0``,
training runs the NumPy kernels too.

Compiling takes some seconds, once: the machine code is kept in the user's cache folder. Nothing here is imported, and
numba is not, before the first plan that wants it is made.
"""

from __future__ import annotations

import importlib
import importlib.util
import os

__all__ = ["available"]

SWITCH = "CONVVIZ_FAST"
"""Environment variable; ``0`` turns compiled kernels off."""


def available() -> bool:
    """Whether compiled kernels can be used, and are wanted.

    Imports numba, which refuses to be imported beside a version of NumPy that it does not know: then it is as if it
    were not there.
    """
    if os.environ.get(SWITCH, "1") == "0" or importlib.util.find_spec("numba") is None:
        return False
    try:
        importlib.import_module("convviz.core.fast.rewrite")
    except ImportError:
        return False
    return True
