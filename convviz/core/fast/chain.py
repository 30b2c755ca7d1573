"""Many compiled kernels in one call.

A call of a compiled kernel from Python takes some microseconds, and takes the GIL back afterwards. While a window
draws, each call has to wait for the GIL, and a step calls twenty kernels in every thread. But the arguments of a plan's
calls never change: the same arrays at the same addresses, the same numbers. So neighbouring calls are written into a
table once, and a single call without the GIL runs the whole table:

    table                                 a call's words
    call one word · its words   ───────▶  address of the kernel · its arguments, number by number
    call one word · its words
    …

numba passes an array as its description: two pointers for reference counting (unused: the plan keeps the array alive),
the number of cells, bytes of a cell, the address, the shape, the strides. :func:`flattened` does the same.

:func:`caller` makes the machine code that reads a call's words and makes the call, a few instructions for each tuple of
argument types; :func:`walker` makes the code that goes through the table.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher
from numba.core.registry import cpu_target

from convviz.core.lanes import Thunk

STATUS, WORD, DOUBLE = ir.IntType(32), ir.IntType(64), ir.DoubleType()
WORDS = WORD.as_pointer()
CALL_ONE = ir.FunctionType(STATUS, [WORDS])


def chained(thunks: Sequence[Thunk]) -> list[Thunk]:
    """The same calls in the same order, with neighbouring compiled calls merged into one."""
    found: list[Thunk] = []
    for compiled, group in groupby(thunks, is_compiled):
        calls = list(group)
        found += [Chain(calls)] if compiled and len(calls) > 1 else calls
    return found


def is_compiled(thunk: Thunk) -> bool:
    """Whether a thunk calls a compiled kernel and contains all its arguments."""
    return isinstance(thunk, partial) and isinstance(thunk.func, Dispatcher) and not thunk.keywords


class Chain:
    """Calls of compiled kernels, merged into one.

    Attributes
    ----------
    table : (int, int)
        Arguments for :func:`walker`'s code: the number of rows, and their address.

    Raises
    ------
    RuntimeError
        On calling it: a kernel raised an error.
    """

    @global_compiler_lock  # type: ignore[untyped-decorator]  # another thread may be compiling the same kernels
    def __init__(self, calls: Sequence[Any]) -> None:
        self._calls = calls  # keeps the arrays alive
        types = [tuple(map(call.func.typeof_pyval, call.args)) for call in calls]
        self._words = [words_of(call, kinds) for call, kinds in zip(calls, types, strict=True)]
        rows = [(caller(kinds).address, words.ctypes.data) for kinds, words in zip(types, self._words, strict=True)]
        self._table = np.array(rows, np.uint64)
        self.table = len(rows), self._table.ctypes.data
        self._walk = walk()

    def __call__(self) -> None:
        if not self.succeeds():
            raise RuntimeError("a compiled kernel failed")

    def succeeds(self) -> bool:
        """Make the calls, up to the first that raises an error; returns whether none did."""
        return not self._walk(*self.table)


def words_of(call: Any, types: tuple[Any, ...]) -> Any:
    """The words that :func:`caller` reads: the kernel's address for these types, and eight bytes per argument."""
    call.func.compile(types)
    made = call.func.overloads[types]
    address = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    numbers = [address, *(number for argument in call.args for number in flattened(argument))]
    words = np.empty(len(numbers), np.int64)
    for i, number in enumerate(numbers):
        if isinstance(number, (float, np.floating)):
            words[i : i + 1].view(np.float64)[0] = number
        else:
            words[i] = number
    return words


def flattened(argument: Any) -> Iterator[int | float]:
    """The numbers that numba passes for an argument."""
    if isinstance(argument, np.ndarray):
        yield from (0, 0, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides)
    elif isinstance(argument, tuple):
        for part in argument:
            yield from flattened(part)
    else:
        yield argument


# --- machine code ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Code:
    """A function of machine code; ``owner`` keeps it in memory."""

    address: int
    owner: Any


def built(module: ir.Module) -> Code:
    """Compile a module's function ``code``."""
    machine = llvm.Target.from_default_triple().create_target_machine(opt=1, jit=True)
    owner = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), machine)
    owner.finalize_object()
    return Code(owner.get_function_address("code"), owner)


@cache
def caller(types: tuple[Any, ...]) -> Code:
    """``status = code(words)``: calls a kernel that takes arguments of these types and returns nothing."""
    kernel = cpu_target.target_context.call_conv.get_function_type(numba.types.none, types)
    module = ir.Module("caller")
    function = ir.Function(module, CALL_ONE, "code")
    builder = ir.IRBuilder(function.append_basic_block())
    # First the addresses for the result (none) and the error, then the arguments.
    values = [builder.alloca(place.pointee) for place in kernel.args[:2]]
    for i, kind in enumerate(kernel.args[2:], 1):
        word = builder.load(builder.gep(function.args[0], [ir.Constant(WORD, i)]))
        values.append(argument(builder, word, kind))
    target = builder.inttoptr(builder.load(function.args[0]), kernel.as_pointer())
    builder.ret(builder.call(target, values))
    return built(module)


def argument(builder: Any, word: Any, kind: Any) -> Any:
    """Convert a word to an argument of this type."""
    if isinstance(kind, ir.PointerType):
        return builder.inttoptr(word, kind)
    if isinstance(kind, ir.IntType):
        return builder.trunc(word, kind) if kind.width < 64 else word
    number = builder.bitcast(word, DOUBLE)
    return number if isinstance(kind, ir.DoubleType) else builder.fptrunc(number, kind)


@cache
def walker() -> Code:
    """``status = code(rows, table)``: makes the calls of a table until one returns a status that is not 0."""
    module = ir.Module("walker")
    function = ir.Function(module, ir.FunctionType(STATUS, [WORD, WORDS]), "code")
    rows, table = function.args
    blocks = [function.append_basic_block(name) for name in ("start", "head", "body", "end")]
    start, head, body, end = blocks
    builder = ir.IRBuilder(start)
    builder.branch(head)
    builder.position_at_end(head)
    row, status = builder.phi(WORD), builder.phi(STATUS)
    row.add_incoming(ir.Constant(WORD, 0), start)
    status.add_incoming(ir.Constant(STATUS, 0), start)
    fine = builder.icmp_signed("==", status, ir.Constant(STATUS, 0))
    builder.cbranch(builder.and_(fine, builder.icmp_signed("<", row, rows)), body, end)
    builder.position_at_end(body)
    place = builder.mul(row, ir.Constant(WORD, 2))
    call_one = builder.inttoptr(builder.load(builder.gep(table, [place])), CALL_ONE.as_pointer())
    place = builder.add(place, ir.Constant(WORD, 1))
    words = builder.inttoptr(builder.load(builder.gep(table, [place])), WORDS)
    status.add_incoming(builder.call(call_one, [words]), body)
    row.add_incoming(builder.add(row, ir.Constant(WORD, 1)), body)
    builder.branch(head)
    builder.position_at_end(end)
    builder.ret(status)
    return built(module)


@cache
def walk() -> Callable[[int, int], int]:
    """:func:`walker` for Python; a ctypes function releases the GIL while it runs."""
    made: Any = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64)(walker().address)
    return made  # type: ignore[no-any-return]
