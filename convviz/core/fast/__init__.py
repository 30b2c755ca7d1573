"""Compiled kernels, for training alone, made by numba.

With numba installed the plan of a training run replaces chains of a program's steps by single steps that are compiled
to machine code (:mod:`convviz.core.fast.rewrite`). What they compute is the same up to rounding; the debugger, which
shows every array, always runs the NumPy kernels. Without numba, or with the environment variable ``CONVVIZ_FAST=0``,
training runs the NumPy kernels too.

Compiling takes some seconds, once: the machine code is kept in the user's cache folder. Nothing here is imported, and
numba is not, before the first plan that wants it is made.

What each kind of kernel earns: how many times as much processor time a training step takes without it, its steps run
by NumPy and OpenBLAS instead (``python -m tests.bench.kernels``; float32, one thread; Xeon with AVX-512, Python 3.11,
NumPy 2.4, numba 0.68; differences below 0.05 are chance):

    without             course-7x7  lenet-5  best-small  stable-deep  keras-twin  keras-twin-plain  toy-4x4
    convolution               1.48     1.29        1.27         1.33        1.19              1.21     0.97
    filters' gradient         1.58     1.53        1.53         1.47        1.27              1.12     0.95
    images' gradient             –     1.18        1.26         1.49        1.20              1.06        –
    max pooling                  –        –        1.11         1.25        1.03              1.13        –
    batch normalisation          –        –        1.63            –           –                 –        –
    dense, few units          1.52     0.95        1.01         0.97        0.94              1.13     1.14
    scores and loss           1.12     0.98        1.04         0.99        0.94              0.99     1.71
    update rules              0.98     1.02        1.01         1.07        0.97              1.13     1.12
    ReLU                      0.99        –        1.02         1.00        0.98              1.01     1.09
    bias gradient             1.04     1.05           –         0.99        0.96                 –     1.01
    one call for many         1.09     1.00        1.07         1.02        0.96              1.03     1.18
    any (NumPy alone)         2.71     1.73        2.30         2.18        1.69              1.36     2.26

The kernels of the lower half save little time of their own. They are there so that no NumPy call stands between those
of the upper half: a thread's part of a minibatch is then one call (:mod:`convviz.core.fast.chain`), threads wait for
each other without Python (:mod:`convviz.core.fast.team`), and meanwhile the window's thread has the GIL for itself.
Average pooling was as fast without, and is NumPy's.

Where to begin reading: :mod:`~convviz.core.fast.rewrite` says which steps become which; the kernels are loops in
Python (``cells``, ``descent``, ``entropy``, ``normal``, ``pooling``, ``convolve``, ``narrow``), and what they call in
their innermost loops is written in vector instructions: ``tiles`` for products, ``runs`` for short rows, both of the
parts in ``vectors``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.core.engine import Engine

__all__ = ["available", "compiled", "is_installed"]

SWITCH = "CONVVIZ_FAST"
"""Environment variable; ``0`` turns compiled kernels off."""


def is_installed() -> bool:
    """Whether numba is there, and compiled kernels are wanted; does not import it."""
    return os.environ.get(SWITCH, "1") != "0" and importlib.util.find_spec("numba") is not None


def available() -> bool:
    """Whether compiled kernels can be used, and are wanted.

    Imports numba, which refuses to be imported beside a version of NumPy that it does not know: then it is as if it
    were not there.
    """
    if not is_installed():
        return False
    try:
        importlib.import_module("convviz.core.fast.rewrite")
    except ImportError:
        return False
    return True


def compiled() -> Engine:
    """The engine of compiled kernels (imports numba)."""
    from convviz.core.fast.engine import COMPILED

    return COMPILED
