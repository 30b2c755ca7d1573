"""Tools to write vector code by hand where loops are not vectorised: LLVM instructions on explicit vectors.

:mod:`convviz.core.fast.tiles` and :mod:`convviz.core.fast.runs` build functions from them that compiled kernels call.

How to read it: such code does not calculate; it emits the instructions of a calculation, once, when numba compiles a
kernel. A value in it (``builder.fadd(a, b)``) represents a number, or a vector of 4 to 16 numbers, that will exist when
the kernel runs. A Python loop emits its body many times; only :class:`Loop` becomes a loop of the machine. With ``v``
cells in a vector, in NumPy's words:

    memory.load(i)                         a[i]
    memory.load_vector(i)                  a[i : i + v]
    memory.store(x, i)                     a[i : i + v] = x
    spread(builder, x, vector)             np.full(v, x)
    multiply_add(builder, a, b, c)         a * b + c
    builder.select(mask, a, b)             np.where(mask, a, b)
    builder.fcmp_ordered(">", a, b)        a > b; False where one is NaN
    builder.fcmp_unordered(">", a, b)      ~(a <= b); True where one is NaN
    builder.shuffle_vector(a, b, order)    np.concatenate([a, b])[order]
    lanes.below(n)                         np.arange(first, first + v) < n
    lanes.load(memory, i, mask)            np.where(mask, a[i : i + v], 0), and cells off the mask are not touched

    loop = Loop(builder, n, step, [x])     for loop.index in range(0, n, step):
    (x,) = loop.values                         (what x is now)
    (x,) = loop.close([x_then])                x = x_then
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils, config

Codegen = tuple[Any, Callable[..., Any]]
"""What an intrinsic returns: its signature, and a function that emits its instructions."""


def intrinsic(function: Callable[..., Codegen]) -> Callable[..., Any]:
    """A function of LLVM instructions that compiled functions can call."""
    made: Callable[..., Any] = extending.intrinsic(function)
    return made


INT = ir.IntType(64)


def processor() -> Mapping[str, bool]:
    """Instructions that may be used: the machine's, unless ``NUMBA_CPU_FEATURES`` told numba otherwise."""
    told: str | None = getattr(config, "CPU_FEATURES", None)  # set when numba is imported
    if told is None:
        found: Mapping[str, bool] = llvmlite.binding.get_host_cpu_features()
        return found
    return {one[1:]: one.startswith("+") for one in told.split(",") if one}


def vector_registers() -> tuple[int, int]:
    """Bytes of a vector register, and how many there are, of the processor that numba compiles for."""
    features = processor()
    if features.get("avx512f"):
        return 64, 32
    if features.get("avx"):
        return 32, 16
    wide = llvmlite.binding.get_process_triple().startswith(("aarch64", "arm64"))
    return 16, 32 if wide else 16


BYTES, REGISTERS = vector_registers()


# --- building blocks ---------------------------------------------------------------------------------------------


def number(value: int) -> ir.Constant:
    """A 64-bit constant."""
    return ir.Constant(INT, value)


def lanes_of(array: Any) -> int:
    """Cells in a vector of an array's numbers."""
    return BYTES * 8 // int(array.dtype.bitwidth)


class Memory:
    """An array argument, from cell ``offset`` on: loads and stores of single cells and of vectors."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any, offset: Any) -> None:
        self.builder = builder
        self.cell = context.get_data_type(kind.dtype)
        self.vector: Any = ir.VectorType(self.cell, lanes_of(kind)) if isinstance(kind.dtype, types.Float) else None
        self.align = int(kind.dtype.bitwidth) // 8
        self.data = context.make_array(kind)(context, builder, value).data
        self.data = self.at(offset)

    def at(self, offset: Any) -> Any:
        """Address of a cell."""
        return self.builder.gep(self.data, [offset], inbounds=True, source_etype=self.cell)

    def load(self, offset: Any) -> Any:
        """Load one cell."""
        return self.builder.load(self.at(offset), typ=self.cell)

    def load_vector(self, offset: Any) -> Any:
        """Load the vector that begins at a cell."""
        address = self.builder.bitcast(self.at(offset), self.vector.as_pointer())
        return self.builder.load(address, typ=self.vector, align=self.align)

    def fetch(self, offset: Any) -> None:
        """Prefetch a cache line; the address need not exist."""
        word = ir.IntType(32)
        arguments = [self.at(offset), ir.Constant(word, 0), ir.Constant(word, 2), ir.Constant(word, 1)]
        call(self.builder, "llvm.prefetch.p0", ir.VoidType(), arguments)

    def store(self, value: Any, offset: Any) -> None:
        """Write a cell, or a vector that begins there."""
        address = self.at(offset)
        if isinstance(value.type, ir.VectorType):
            address = self.builder.bitcast(address, value.type.as_pointer())
        self.builder.store(value, address, align=self.align)


def call(builder: Any, name: str, result: Any, args: list[Any], **options: Any) -> Any:
    """Call an intrinsic function of LLVM."""
    kind = ir.FunctionType(result, [a.type for a in args])
    function: Any = cgutils.get_or_insert_function  # it has no types
    return builder.call(function(builder.module, kind, name), args, **options)


def suffix(vector: Any) -> str:
    """How the names of LLVM's intrinsic functions spell a vector type."""
    return f"v{vector.count}f{32 if isinstance(vector.element, ir.FloatType) else 64}"


def spread(builder: Any, scalar: Any, vector: Any) -> Any:
    """A vector with the same number in every lane."""
    empty = ir.Constant(vector, ir.Undefined)
    word = ir.IntType(32)
    one = builder.insert_element(empty, scalar, ir.Constant(word, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(word, vector.count), [0] * vector.count))


def mask_all(builder: Any, bit: Any, lanes: int) -> Any:
    """A mask with the same bit in every lane."""
    return spread(builder, bit, ir.VectorType(ir.IntType(1), lanes))


def multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """a · b + c, rounded once."""
    return call(builder, f"llvm.fma.{suffix(a.type)}", a.type, [a, b, c])


class Loop:
    """``for i in range(0, stop, step)`` with values that are carried from one iteration to the next."""

    def __init__(self, builder: Any, stop: Any, step: Any, start: list[Any]) -> None:
        self.builder, self.step = builder, step
        before = builder.block
        self.head, body, self.end = (builder.append_basic_block(name) for name in ("head", "body", "end"))
        builder.branch(self.head)
        builder.position_at_end(self.head)
        self.index = builder.phi(INT)
        self.index.add_incoming(number(0), before)
        self.values = []
        for value in start:
            carried = builder.phi(value.type)
            carried.add_incoming(value, before)
            self.values.append(carried)
        builder.cbranch(builder.icmp_signed("<", self.index, stop), body, self.end)
        builder.position_at_end(body)

    def close(self, values: list[Any]) -> list[Any]:
        """End the body: ``values`` are those of the next iteration. Returns the values after the loop."""
        here = self.builder.block
        self.index.add_incoming(self.builder.add(self.index, self.step), here)
        for carried, value in zip(self.values, values, strict=True):
            carried.add_incoming(value, here)
        self.builder.branch(self.head)
        self.builder.position_at_end(self.end)
        return self.values


# --- parts of a vector -----------------------------------------------------------------------------------------------


class VectorLanes:
    """The positions that one vector covers from ``first`` on, and masks for those within bounds."""

    def __init__(self, builder: Any, vector: Any, first: Any) -> None:
        self.builder, self.vector = builder, vector
        word = ir.IntType(32)
        self.kind = ir.VectorType(word, vector.count)
        start = spread(builder, builder.trunc(first, word), self.kind)
        self.places = builder.add(start, ir.Constant(self.kind, list(range(vector.count))))
        self.zero = ir.Constant(vector, [ir.Constant(vector.element, 0.0)] * vector.count)

    def below(self, bound: Any) -> Any:
        """Mask of the positions below a bound."""
        word = self.builder.trunc(bound, ir.IntType(32))
        return self.builder.icmp_signed("<", self.places, spread(self.builder, word, self.kind))

    def within(self, stride: int, shift: Any, bound: Any) -> Any:
        """Mask of the positions q with 0 ≤ q · stride + shift < bound."""
        word = ir.IntType(32)
        steps = self.builder.mul(self.places, ir.Constant(self.kind, [stride] * self.vector.count))
        found = self.builder.add(steps, spread(self.builder, self.builder.trunc(shift, word), self.kind))
        # Read as unsigned, a negative number is large.
        return self.builder.icmp_unsigned("<", found, spread(self.builder, self.builder.trunc(bound, word), self.kind))

    def load(self, memory: Memory, offset: Any, mask: Any) -> Any:
        """Load the vector at a cell, zeros where the mask is off; memory there is not touched."""
        address = self.builder.bitcast(memory.at(offset), self.vector.as_pointer())
        align = ir.Constant(ir.IntType(32), memory.align)
        return call(
            self.builder, f"llvm.masked.load.{suffix(self.vector)}.p0", self.vector, [address, align, mask, self.zero]
        )

    def store(self, value: Any, memory: Memory, offset: Any, mask: Any) -> None:
        """Write where the mask is on."""
        address = self.builder.bitcast(memory.at(offset), self.vector.as_pointer())
        align = ir.Constant(ir.IntType(32), memory.align)
        call(self.builder, f"llvm.masked.store.{suffix(self.vector)}.p0", ir.VoidType(), [value, address, align, mask])
