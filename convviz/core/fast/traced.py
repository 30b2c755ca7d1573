"""Finds out which of NumPy's loops a call of a kernel runs, by calling it once with arrays that only listen.

Kernels of a few NumPy calls with ``out=`` are what all layers are made of. Their arguments never change in a plan, and
which calls they make does not depend on the numbers in the arrays. So the calls can be listed beforehand. A kernel is
left alone if it does anything else with an array that it is given: looks at a number, writes in another way, makes a
new array, needs another type of cell. It can't be noticed that a kernel reads numbers behind an array's back, with
``np.asarray(x)``; a kernel must not, and ``tests/core/test_fast_loops.py`` runs all of them with other numbers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.fast.chain import is_compiled
from convviz.core.fast.inner_loops import InnerLoop, address_of, inner_loop, resolved
from convviz.core.fast.loops import OUTER, LoopCall, run_loops, table_of
from convviz.core.lanes import Thunk

EXACT = {
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.absolute, np.square, np.sqrt,
    np.reciprocal, np.maximum, np.minimum, np.sign, np.greater, np.greater_equal, np.less, np.less_equal, np.equal,
    np.not_equal,
}  # fmt: skip
"""Functions of which a cell has one right result, in whatever order the cells are gone through."""


class UntraceableError(Exception):
    """The kernel does something that can't be listed."""


class Loops(partial[None]):
    """A kernel's loops as a call of :func:`run_loops`."""

    calls: Sequence[LoopCall]
    """They keep the arrays alive that are read and written."""


def in_loops(thunk: Thunk) -> Thunk:
    """The same as a compiled call, bit for bit; or the thunk itself, if that is not possible."""
    if is_compiled(thunk) or not isinstance(thunk, partial) or thunk.keywords:
        return thunk
    calls = traced(thunk.func, thunk.args)
    if not calls:
        return thunk
    made = Loops(run_loops, table_of(calls))
    made.calls = calls
    return made


def traced(kernel: Callable[..., None], args: Sequence[Any]) -> list[LoopCall]:
    """What a kernel would do with these arguments; nothing is calculated. Empty if it can't be told."""
    trace = Trace(args)
    try:
        kernel(*map(trace.listening, args))
    except Exception:  # noqa: BLE001 (whatever an array's refusal leads to there; what is wrong shows when it runs)
        return []
    return trace.calls


class Trace:
    """The calls so far, and the memory that they may use.

    Parameters
    ----------
    args : sequence
        The kernel's: arrays, also in lists and tuples, and numbers.
    """

    def __init__(self, args: Sequence[Any]) -> None:
        self.calls: list[LoopCall] = []
        self._owners = {id(owner(array)) for array in arrays_in(args)}

    def listening(self, value: Any) -> Any:
        """The value with all its arrays listening, and none to be written in.

        Raises
        ------
        UntraceableError
            If there may be arrays in it that can't listen.
        """
        if isinstance(value, np.ndarray):
            plain = value.view()
            plain.flags.writeable = False
            array = plain.view(Listening)
            array.listener, array.may_change = self, value.flags.writeable
            return array
        if type(value) in (list, tuple):
            return type(value)(map(self.listening, value))
        if value is None or isinstance(value, (bool, int, float, str, np.generic, np.dtype)):
            return value
        raise UntraceableError

    def known(self, array: Any) -> Array:
        """The plain array, if the kernel was given its memory.

        Raises
        ------
        UntraceableError
            If the kernel has made it: the next time there would be other numbers in it.
        """
        if not isinstance(array, Listening) or id(owner(array)) not in self._owners:
            raise UntraceableError
        return np.ndarray.view(array, np.ndarray)

    def changed(self, array: Any) -> Array:
        """:meth:`known`, for an array that is written."""
        if not isinstance(array, Listening) or not array.may_change:
            raise UntraceableError
        return self.known(array)

    def operands(self, inputs: Sequence[Any], outs: Sequence[Any], ufunc: np.ufunc) -> tuple[list[Array], InnerLoop]:
        """Inputs and outputs as arrays of the types that the loop takes, and the loop."""
        written = [self.changed(out) for out in outs]
        kinds = resolved(ufunc, inputs, written)
        if kinds is None:
            raise UntraceableError
        read = [self.operand(one, kind) for one, kind in zip(inputs, kinds, strict=False)]
        loop = inner_loop(ufunc, kinds)
        if loop is None or any(one.dtype != kind for one, kind in zip((*read, *written), kinds, strict=True)):
            raise UntraceableError
        if any(np.may_share_memory(a, b) and not same_cells(a, b) for b in written for a in read):
            raise UntraceableError
        return [*read, *written], loop

    def operand(self, value: Any, kind: np.dtype[Any]) -> Array:
        """An input; a number becomes an array with one cell."""
        if isinstance(value, np.ndarray):
            return self.known(value)
        if isinstance(value, (int, float, np.generic)):
            return np.asarray(value, kind)
        raise UntraceableError

    def cell_by_cell(self, ufunc: np.ufunc, inputs: Sequence[Any], outs: Sequence[Any]) -> None:
        """Add a call of an ordinary ufunc."""
        operands, loop = self.operands(inputs, outs, ufunc)
        check_order(operands[-1:] if ufunc in EXACT else operands)
        *outer, (count, steps) = dimensions_of(operands, operands[-1].shape)
        self.calls.append(LoopCall(loop, operands, outer, [count], steps))

    def product(self, inputs: Sequence[Any], outs: Sequence[Any]) -> None:
        """Add a call of ``np.matmul``."""
        operands, loop = self.operands(inputs, outs, np.matmul)
        a, b, c = operands
        if min(a.ndim, b.ndim, c.ndim) < 2 or 0 in (a.size, b.size) or any(np.may_share_memory(o, c) for o in (a, b)):
            raise UntraceableError
        *outer, (count, steps) = dimensions_of([one[..., 0, 0] for one in operands], c.shape[:-2])
        sizes = [count, a.shape[-2], a.shape[-1], b.shape[-1]]
        steps = [*steps, *(step for one in operands for step in one.strides[-2:])]
        self.calls.append(LoopCall(loop, operands, outer, sizes, steps))

    def total(self, inputs: Sequence[Any], outs: Sequence[Any], axis: Any) -> None:
        """Add a call of ``np.add.reduce`` over some axes of a contiguous array."""
        value, out = self.known(inputs[0]), self.changed(outs[0])
        axes = axis if isinstance(axis, tuple) else (axis,)
        sizes = tuple(size for at, size in enumerate(value.shape) if at not in axes)
        if not (value.flags.c_contiguous and out.flags.c_contiguous and out.shape == sizes):
            raise UntraceableError
        sums = outs[0][tuple(None if at in axes else slice(None) for at in range(value.ndim))]
        operands, loop = self.operands((sums, inputs[0]), (sums,), np.add)
        *outer, (count, steps) = dimensions_of(operands, value.shape)
        self.fill(outs[0], 0)
        self.calls.append(LoopCall(loop, operands, outer, [count], steps))

    def copy(self, to: Any, value: Any) -> None:
        """Add a copy of an array of the same type."""
        operands = source, cells = self.known(value), self.changed(to)
        if value.dtype != to.dtype or np.may_share_memory(cells, source):
            raise UntraceableError
        *outer, (count, steps) = dimensions_of(operands, to.shape)
        if steps == [to.itemsize, to.itemsize]:
            outer = [(size, strides[::-1]) for size, strides in outer]  # memmove takes the target first
            self.calls.append(LoopCall(copying(), operands[::-1], outer, [count * to.itemsize], [], plain=True))
        else:
            self.cell_by_cell(np.positive, (value,), (to,))

    def fill(self, to: Any, value: Any) -> None:
        """Add that all cells become one number."""
        cells = self.changed(to)
        zero = isinstance(value, (int, float)) and not any(np.asarray(value, cells.dtype).tobytes())
        if zero and cells.flags.c_contiguous:
            self.calls.append(LoopCall(clearing(), [cells], [], [cells.nbytes], [], plain=True))
        else:
            self.cell_by_cell(np.positive, (value,), (to,))


ALLOWED = {
    "shape", "ndim", "size", "dtype", "strides", "itemsize", "nbytes", "flags",
    "T", "reshape", "transpose", "swapaxes", "fill", "listener", "may_change",
}  # fmt: skip
"""What a kernel may use of an array: none of that depends on the numbers in it."""


class Listening(np.ndarray):
    """An array that tells a trace what is done with it, and refuses what can't be listed."""

    listener: Trace
    may_change: bool
    """Whether the array that it stands for may be written in."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or name in ALLOWED:
            return super().__getattribute__(name)
        raise UntraceableError

    def __array_finalize__(self, source: Any) -> None:
        if isinstance(source, Listening):
            self.listener, self.may_change = source.listener, source.may_change

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        outs = options.pop("out", ())
        if not outs or any(out is None for out in outs):
            raise UntraceableError
        if method == "reduce" and ufunc is np.add and options.keys() == {"axis"}:
            self.listener.total(inputs, outs, options["axis"])
        elif method != "__call__" or options:
            raise UntraceableError
        elif ufunc is np.matmul:
            self.listener.product(inputs, outs)
        elif ufunc.signature is None:
            self.listener.cell_by_cell(ufunc, inputs, outs)
        else:
            raise UntraceableError
        return outs[0] if len(outs) == 1 else outs

    def __array_function__(self, function: Any, types: Any, args: Any, options: Mapping[str, Any]) -> Any:
        if function is not np.copyto or len(args) != 2 or options:
            raise UntraceableError
        to, value = args
        if not isinstance(to, Listening):
            raise UntraceableError
        to[...] = value

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if not isinstance(found, Listening):
            raise UntraceableError
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        to = self if key is Ellipsis else self[key]
        if isinstance(value, np.ndarray):
            self.listener.copy(to, value)
        else:
            self.listener.fill(to, value)

    def fill(self, value: Any) -> None:
        self.listener.fill(self, value)

    def _refuse(self, *_: Any) -> Any:
        raise UntraceableError

    __bool__ = __int__ = __float__ = __complex__ = __index__ = _refuse
    __iter__ = __contains__ = __array__ = _refuse  # type: ignore[assignment]
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse


# --- memory ------------------------------------------------------------------------------------------------------


def owner(array: Array) -> Array:
    """The array whose memory a view shows."""
    while isinstance(base := np.ndarray.__getattribute__(array, "base"), np.ndarray):
        array = base
    return array


def arrays_in(values: Iterable[Any]) -> Iterable[Array]:
    """All arrays among some values, also in lists and tuples."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from arrays_in(value)


def same_cells(a: Array, b: Array) -> bool:
    """Whether two arrays are the same cells in the same order."""
    return a.ctypes.data == b.ctypes.data and a.strides == b.strides and a.shape == b.shape


def check_order(operands: Sequence[Array]) -> None:
    """NumPy looks for an order in which steps are small, and some loops give other bits with other steps.

    Raises
    ------
    UntraceableError
        If the cells of an operand do not lie in the order of their indices.
    """
    for one in operands:
        steps = [step for size, step in zip(one.shape, one.strides, strict=True) if size > 1 and step != 0]
        if min(steps, default=0) < 0 or steps != sorted(steps, reverse=True):
            raise UntraceableError


def dimensions_of(operands: Sequence[Array], shape: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Sizes of a shape's dimensions and every operand's strides, outermost first, in as few dimensions as will do.

    Raises
    ------
    UntraceableError
        If there are more than a loop and what may be around it, or no cells.
    """
    spread = [np.broadcast_to(one, shape) for one in operands]
    found: list[tuple[int, list[int]]] = []
    for axis, size in enumerate(shape):
        strides = [one.strides[axis] for one in spread]
        if size == 1:
            continue
        if found and all(before == size * stride for before, stride in zip(found[-1][1], strides, strict=True)):
            found[-1] = found[-1][0] * size, strides
        else:
            found.append((size, strides))
    if len(found) > 1 + OUTER or 0 in shape:
        raise UntraceableError
    return found or [(1, [0] * len(spread))]


@cache
def copying() -> InnerLoop:
    """``memmove``."""
    return InnerLoop(address_of(ctypes.memmove), 0)


@cache
def clearing() -> InnerLoop:
    """``memset``."""
    return InnerLoop(address_of(ctypes.memset), 0)
