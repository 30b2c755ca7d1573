"""Several inner loops of NumPy's in one compiled call.

A kernel of NumPy calls is Python code: between two of its calls the thread needs the GIL, and where a window draws, it
has to wait for it. But a plan calls a kernel with the same arrays every time. So the loops that it runs, with all their
arguments, are written into a table once (:mod:`convviz.core.fast.traced` finds them), and :func:`run_loops` runs them
like any compiled kernel.

    table   number of loops, then for each of them
            HEAD words                                            see the names below
            for each operand                                      address of its first cell
            for each of the OUTER dimensions, outermost first     its size; for each operand, bytes from one to the next
            for each operand                                      where ``args`` is made for a call
            dimensions · steps · numbers                          as the loop wants them; cells of constant operands
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from convviz.core.arrays import Array
from convviz.core.fast.inner_loops import InnerLoop
from convviz.core.fast.jit import compiled
from convviz.core.fast.vectors import INT, Codegen, intrinsic

OUTER = 3
"""Most dimensions around a loop."""
LENGTH, ADDRESS, DATA, OPERANDS, ARGS, DIMENSIONS, STEPS, PLAIN = range(8)
"""Words of the head: words of the whole entry; the loop and its data; how many operands there are; the addresses of
args, dimensions and steps; and whether it is a function of three words instead, such as ``memmove``: two addresses, or
0 for the second, and the first of the dimensions."""
HEAD = 8


@dataclass(frozen=True, slots=True)
class LoopCall:
    """A loop with its arguments, as it is written into a table.

    Parameters
    ----------
    loop : InnerLoop
    operands : sequence of ndarray
        They keep what is read and written alive; constants are arrays too.
    outer : sequence of (int, sequence of int)
        Size of a dimension around the loop, and every operand's bytes from one to the next; outermost first.
    dimensions, steps : sequence of int
    plain : bool
        A function of one or two addresses and a number.
    """

    loop: InnerLoop
    operands: Sequence[Array]
    outer: Sequence[tuple[int, Sequence[int]]]
    dimensions: Sequence[int]
    steps: Sequence[int]
    plain: bool = False

    @property
    def words(self) -> int:
        """Words that it takes in a table."""
        count = len(self.operands)
        return HEAD + 2 * count + OUTER * (1 + count) + len(self.dimensions) + len(self.steps)

    def write(self, table: Array) -> None:
        """Write it into a part of a table, which must stay where it is."""
        count, start = len(self.operands), table.ctypes.data
        outer = [(1, [0] * count)] * (OUTER - len(self.outer)) + list(self.outer)
        args = HEAD + count + OUTER * (1 + count)
        dimensions = args + count
        steps = dimensions + len(self.dimensions)
        table[:HEAD] = (
            self.words, self.loop.address, self.loop.data, count, start + 8 * args, start + 8 * dimensions,
            start + 8 * steps, self.plain,
        )  # fmt: skip
        table[HEAD : HEAD + count] = [one.ctypes.data for one in self.operands]
        table[HEAD + count : args] = [word for size, strides in outer for word in (size, *strides)]
        table[dimensions:steps] = self.dimensions
        table[steps:] = self.steps


def table_of(calls: Sequence[LoopCall]) -> Array:
    """The table that :func:`run_loops` takes; it is used by one thread at a time."""
    table = np.zeros(1 + sum(call.words for call in calls), np.int64)
    table[0] = len(calls)
    at = 1
    for call in calls:
        call.write(table[at : at + call.words])
        at += call.words
    return table


@intrinsic
def call_loop(typingctx: Any, address: Any, first: Any, second: Any, third: Any, fourth: Any) -> Codegen:
    """Call the machine code at ``address``, which takes up to four words."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [INT] * 4)
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64, types.int64), codegen


@compiled
def run_loops(table):
    """Run all loops of a table, one after the other."""
    at = 1
    for _ in range(table[0]):
        count = table[at + OPERANDS]
        first = at + HEAD
        a, b, c = first + count, first + 2 * count + 1, first + 3 * count + 2
        args = c + count + 1
        for i in range(table[a]):
            for j in range(table[b]):
                for k in range(table[c]):
                    for n in range(count):
                        shift = i * table[a + 1 + n] + j * table[b + 1 + n] + k * table[c + 1 + n]
                        table[args + n] = table[first + n] + shift
                    if table[at + PLAIN] != 0:
                        second = table[args + 1] if count > 1 else 0
                        call_loop(table[at + ADDRESS], table[args], second, table[args + count], 0)
                    else:
                        call_loop(
                            table[at + ADDRESS],
                            table[at + ARGS],
                            table[at + DIMENSIONS],
                            table[at + STEPS],
                            table[at + DATA],
                        )
        at += table[at + LENGTH]
