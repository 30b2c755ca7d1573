"""Compiled kernels, for training alone, made by numba.

With numba installed the plan of a training run replaces chains of a program's steps by single steps that are compiled
to machine code (:mod:`convviz.core.fast.rewrite`). What they compute is the same up to rounding; the debugger, which
shows every array, always runs the NumPy kernels. Without numba, or with the environment variable ``CONVVIZ_FAST=0``,
training runs the NumPy kernels too.

Compiling takes some seconds, once: the machine code is kept in the user's cache folder. Neither these modules nor numba
are imported before the first plan that uses them is made.

What each kind of kernel earns: how many times as much processor time a training step takes without it, its steps run
by NumPy and OpenBLAS instead (``python -m tests.bench.kernels``; float32, one thread; Xeon with AVX-512, Python 3.11,
NumPy 2.4, numba 0.68; differences below 0.05 are chance; the presets ``inception-tiny``, ``keras-twin`` and
``keras-twin-plain`` have short names):

    without            course-7x7  lenet-5  best-small  stable-deep  resnet-8  inception    twin  twin-plain  toy-4x4
    convolution              1.41     1.22        1.11         1.24      1.15       1.16    1.20        1.04     1.00
    filters' gradient        1.50     1.50        1.41         1.36      1.45       1.11    1.24        1.08     1.00
    images' gradient            –     1.23        1.15         1.35      1.39       1.21    1.17        1.07        –
    max pooling                 –        –        1.05         1.17         –       1.93    1.05        1.03        –
    batch norm                  –        –        1.50            –      1.29          –       –           –        –
    dense, few units         1.50     0.99        0.98         0.99      0.96       1.02    1.01        1.12     1.20
    scores and loss          1.10     1.01        1.00         0.97      0.97       0.99    1.00        1.02     2.15
    update rules             1.02     1.01        1.01         1.00      1.00       1.03    1.03        1.03     1.47
    ReLU                     1.01        –        0.98         0.98      1.03       1.05    1.02        1.01     1.15
    bias gradient            1.04     1.01           –         0.98         –       1.03    1.01           –     1.10
    one call for many        1.04     1.01        1.01         0.98      0.99       1.00    1.00        1.02     1.88
    any (NumPy alone)        2.53     1.76        2.23         1.99      2.22       2.63    1.58        1.35     3.67

col2im with a stride, which of the presets resnet-8 alone has, earns 1.03 (on an EPYC with AVX-512).

The kernels of the lower half save little time of their own. They are there so that no NumPy call stands between those
of the upper half: a thread's part of a minibatch is then one call (:mod:`convviz.core.fast.chain`), threads wait for
each other without Python (:mod:`convviz.core.fast.team`), and meanwhile the window's thread has the GIL for itself.

What stays with NumPy (large dense layers, average pooling, tanh, sums of branches …) would gain nothing. Its calls are
not made by Python either: :mod:`convviz.core.fast.traced` lists, once, which of NumPy's own machine code a kernel runs
on which memory, and :mod:`convviz.core.fast.loops` runs it like a compiled kernel, with the same bits. So a minibatch
of every preset is a single call without the GIL.

Where to begin reading: :mod:`~convviz.core.fast.rewrite` says which steps are replaced by which. The kernels are loops
in Python (``cells``, ``columns``, ``convolve``, ``descent``, ``entropy``, ``narrow``, ``normal``, ``pooling``). Their
innermost loops are written in vector instructions: ``tiles`` for products, ``runs`` for short rows, both built from the
parts in ``vectors``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.core.engine import Engine

__all__ = ["available", "compiled", "is_installed", "not_kept"]

SWITCH = "CONVVIZ_FAST"
"""Environment variable; ``0`` turns compiled kernels off."""


def is_installed() -> bool:
    """Whether numba is installed and compiled kernels are wanted; does not import it."""
    return os.environ.get(SWITCH, "1") != "0" and importlib.util.find_spec("numba") is not None


def available() -> bool:
    """Whether compiled kernels can be used, and are wanted.

    Imports numba. Where that fails, as it does beside a version of NumPy that numba does not know, numba counts as
    missing.
    """
    if not is_installed():
        return False
    try:
        importlib.import_module("convviz.core.fast.rewrite")
    except ImportError:
        return False
    return True


def not_kept() -> str:
    """Why every start has to compile the kernels anew; empty if machine code is kept, or there is none."""
    if not is_installed():
        return ""
    from convviz.core.fast.cache import kept

    return kept().reason


def compiled() -> Engine:
    """The engine of compiled kernels (imports numba)."""
    from convviz.core.fast.engine import COMPILED

    return COMPILED
