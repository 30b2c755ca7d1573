"""NumPy's own machine code, by its address: what a ufunc runs, without Python and the GIL.

A ufunc is a Python object around loops written in C, one for each combination of cell types. Their signature and the
layout of the object are part of NumPy's public C interface (``PyUFuncGenericFunction`` and ``PyUFuncObject`` in
``numpy/ufuncobject.h``)::

    void loop(char **args, npy_intp const *dimensions, npy_intp const *steps, void *data)

    args         address of the first cell of every operand, inputs first
    dimensions   number of cells; of a generalised ufunc also the sizes of its core dimensions
    steps        bytes from one cell to the next, an operand at a time; then those along the core dimensions
    data         the loop's own

No loop over numbers needs the GIL: NumPy itself lets go of it. With the same steps, a loop gives the same bits wherever
it is called from.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np


class InnerLoop(NamedTuple):
    """A loop's address, and that of its data."""

    address: int
    data: int


class Layout(ctypes.Structure):
    """``PyUFuncObject`` behind what every Python object begins with, up to the types of the loops."""

    _fields_ = (
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved1", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.POINTER(ctypes.c_char)),
    )


def layout_of(ufunc: np.ufunc) -> Layout | None:
    """The object's fields; None if they are not laid out as the header says, or words have not 64 bits."""
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    made = Layout.from_address(id(ufunc) + object.__basicsize__)
    counts = (made.nin, made.nout, made.nargs, made.ntypes)
    if counts != (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes) or made.reserved1 < 0:
        return None
    if made.name != ufunc.__name__.encode():
        return None
    numbers = made.types[: made.nargs * made.ntypes]
    told = b"".join(bytes([np.dtype(kind).num]) for one in ufunc.types for kind in one.replace("->", ""))
    return made if bytes(numbers) == told else None


@cache
def inner_loop(ufunc: np.ufunc, kinds: tuple[np.dtype[Any], ...]) -> InnerLoop | None:
    """The loop that a ufunc runs for operands of exactly these types, inputs first; None if it is not known."""
    numbers = all(kind.isbuiltin == 1 and kind.isnative and not kind.hasobject for kind in kinds)
    layout = layout_of(ufunc) if numbers else None
    if layout is None:
        return None
    wanted = [kind.num for kind in kinds]
    for number, one in enumerate(ufunc.types):
        if [np.dtype(kind).num for kind in one.replace("->", "")] == wanted:
            address, data = layout.functions[number], layout.data[number] if layout.data else 0
            return InnerLoop(address, data or 0) if address else None
    return None


def resolved(ufunc: np.ufunc, inputs: Sequence[Any], outs: Sequence[Any]) -> tuple[np.dtype[Any], ...] | None:
    """Types with which a ufunc calculates for these operands, arrays or Python's numbers; None if it refuses."""
    given = [one.dtype if isinstance(one, (np.ndarray, np.generic)) else type(one) for one in inputs]
    try:
        return tuple(ufunc.resolve_dtypes((*given, *(out.dtype for out in outs))))
    except TypeError:
        return None


def address_of(function: Any) -> int:
    """Address of a function of C's."""
    found = ctypes.cast(function, ctypes.c_void_p).value
    assert found is not None
    return found
