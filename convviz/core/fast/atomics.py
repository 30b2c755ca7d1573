"""Atomic operations on an array of words, by which threads signal each other without Python.

Only compiled functions call them, and no index is checked. Each is a full memory barrier: a thread that sees a word
change also sees all that the other thread wrote before it changed the word.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types

from convviz.core.fast.vectors import INT, Codegen, Memory, call, intrinsic, number

ORDER = "seq_cst"
PAUSES = {
    **dict.fromkeys(("x86_64", "amd64"), ("llvm.x86.sse2.pause", [])),
    **dict.fromkeys(("aarch64", "arm64"), ("llvm.aarch64.hint", [ir.Constant(ir.IntType(32), 1)])),
}
"""Machine → the instruction that tells the processor that a thread waits in a loop, and its arguments."""


def place_of(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Pointer to the word at ``args[1]`` of the array ``args[0]``."""
    return Memory(context, builder, signature.args[0], args[0], args[1]).data


@intrinsic
def look(typingctx: Any, words: Any, place: Any) -> Codegen:
    """Read ``words[place]``."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(place_of(context, builder, signature, args), ORDER, 8, typ=INT)

    return types.int64(words, types.intp), codegen


@intrinsic
def swap(typingctx: Any, words: Any, place: Any, new: Any) -> Codegen:
    """Set ``words[place]`` to ``new``; returns the old word."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("xchg", place_of(context, builder, signature, args), args[2], ORDER)

    return types.int64(words, types.intp, types.int64), codegen


@intrinsic
def increase(typingctx: Any, words: Any, place: Any) -> Codegen:
    """Add 1 to ``words[place]``; returns the old word."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", place_of(context, builder, signature, args), number(1), ORDER)

    return types.int64(words, types.intp), codegen


@intrinsic
def change(typingctx: Any, words: Any, place: Any, old: Any, new: Any) -> Codegen:
    """Compare and swap: set ``words[place]`` to ``new`` if it is ``old``; returns the word it was."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = place_of(context, builder, signature, args)
        return builder.extract_value(builder.cmpxchg(pointer, args[2], args[3], ORDER, ORDER), 0)

    return types.int64(words, types.intp, types.int64, types.int64), codegen


@intrinsic
def relax(typingctx: Any) -> Codegen:
    """Let the processor rest for some tens of cycles."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        found = PAUSES.get(platform.machine().lower())
        if found is not None:
            call(builder, found[0], ir.VoidType(), found[1])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def call_code(typingctx: Any, address: Any, first: Any, second: Any) -> Codegen:
    """Call the machine code at ``address``, which takes up to two words; returns its 32-bit result."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [INT, INT])
        result = builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return builder.sext(result, INT)

    return types.int64(types.int64, types.int64, types.int64), codegen
