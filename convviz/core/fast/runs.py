"""Copying and pooling short rows, one whole vector at a time, with a mask for the last one.

For a row of 24 cells, a library's copy and the preparations of a vectorised loop cost too much.
All functions here are called from compiled functions only; offsets count cells, and nothing checks them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types

from convviz.core.fast.vectors import Codegen, Loop, Memory, VectorLanes, intrinsic, mask_all, number


@intrinsic
def copy_run(
    typingctx: Any,
    to: Any, to_at: Any, length: Any, source: Any, source_at: Any, low: Any, high: Any,
) -> Codegen:  # fmt: skip
    """Copy a short row of ``length`` cells; those before ``low`` and from ``high`` on become 0."""
    n = types.intp
    signature = types.void(to, n, n, source, n, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = Memory(context, builder, signature.args[0], args[0], args[1])
        origin = Memory(context, builder, signature.args[3], args[3], args[4])
        length, low, high = args[2], args[5], args[6]
        loop = Loop(builder, length, number(target.vector.count), [])
        here = VectorLanes(builder, target.vector, loop.index)
        inside = builder.and_(here.below(high), builder.not_(here.below(low)))
        here.store(here.load(origin, loop.index, inside), target, loop.index, here.below(length))
        loop.close([])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def copy_rows(
    typingctx: Any,
    to: Any, to_at: Any, length: Any, source: Any, source_at: Any, source_row: Any, rows: Any, low: Any, high: Any,
) -> Codegen:  # fmt: skip
    """:func:`copy_run` for ``rows`` rows, ``source_row`` cells apart; written contiguously. Masks are made once."""
    n = types.intp
    signature = types.void(to, n, n, source, n, n, n, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = Memory(context, builder, signature.args[0], args[0], args[1])
        origin = Memory(context, builder, signature.args[3], args[3], args[4])
        length, source_row, rows, low, high = args[2], args[5], args[6], args[7], args[8]
        columns = Loop(builder, length, number(target.vector.count), [])
        here = VectorLanes(builder, target.vector, columns.index)
        inside = builder.and_(here.below(high), builder.not_(here.below(low)))
        written = here.below(length)
        down = Loop(builder, rows, number(1), [])
        value = here.load(origin, builder.add(builder.mul(down.index, source_row), columns.index), inside)
        here.store(value, target, builder.add(builder.mul(down.index, length), columns.index), written)
        down.close([])
        columns.close([])
        return context.get_dummy_value()

    return signature, codegen


class EverySecond(VectorLanes):
    """Cells 0, 2, 4 … of a row, as the windows of a row with stride 2 see them."""

    def halves(self, offset: Any, mask: Any) -> list[tuple[Any, Any]]:
        """Offsets and masks of the two vectors that hold the cells."""
        count = self.vector.count
        off = ir.Constant(mask.type, [0] * count)
        found = []
        for half in range(2):
            order = [i // 2 if i % 2 == 0 else count for i in range(half * count, (half + 1) * count)]
            spread_out = self.builder.shuffle_vector(mask, off, self.order(order))
            found.append((self.builder.add(offset, number(half * count)), spread_out))
        return found

    def order(self, lanes: list[int]) -> Any:
        """Lane numbers, as a shuffle takes them."""
        return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)

    def load(self, memory: Memory, offset: Any, mask: Any) -> Any:
        parts = [super(EverySecond, self).load(memory, at, m) for at, m in self.halves(offset, mask)]
        return self.builder.shuffle_vector(*parts, self.order(list(range(0, 2 * self.vector.count, 2))))

    def store(self, value: Any, memory: Memory, offset: Any, mask: Any) -> None:
        count = self.vector.count
        for half, (at, m) in enumerate(self.halves(offset, mask)):
            order = [i // 2 for i in range(half * count, (half + 1) * count)]
            super().store(self.builder.shuffle_vector(value, value, self.order(order)), memory, at, m)


def add_rows_of(stride: int) -> Callable[..., None]:
    """Add rows of numbers to every cell, or every second cell, of other rows.

    The function that it returns takes ``(to, to_at, to_row, source, source_at, length, rows)``: to[r · to_row + q ·
    stride] += source[r · length + q] for r < rows and q < length.
    """
    kind = EverySecond if stride == 2 else VectorLanes

    @intrinsic
    def add_rows(
        typingctx: Any,
        to: Any, to_at: Any, to_row: Any, source: Any, source_at: Any, length: Any, rows: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(to, n, n, source, n, n, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            target = Memory(context, builder, signature.args[0], args[0], args[1])
            origin = Memory(context, builder, signature.args[3], args[3], args[4])
            to_row, length, rows = args[2], args[5], args[6]
            columns = Loop(builder, length, number(target.vector.count), [])
            here = VectorLanes(builder, target.vector, columns.index)
            there = kind(builder, target.vector, columns.index)
            mask = here.below(length)
            far = builder.mul(columns.index, number(stride))
            down = Loop(builder, rows, number(1), [])
            added = here.load(origin, builder.add(builder.mul(down.index, length), columns.index), mask)
            place = builder.add(builder.mul(down.index, to_row), far)
            there.store(builder.fadd(there.load(target, place, mask), added), target, place, mask)
            down.close([])
            columns.close([])
            return context.get_dummy_value()

        return signature, codegen

    return add_rows


def largest_of(stride: int) -> Callable[..., None]:
    """Largest cell of every window of a row of windows, for a horizontal stride of 1 or 2.

    The function that it returns takes ``(top, top_at, length, x, x_at, row, rows, columns, dilation, shift, width)``.
    top[q] is the largest of x[i · row + y] for i < rows and those y = q · stride + j · dilation + shift, j < columns,
    that lie between 0 and ``width``; NaN if one of them is NaN. Maxima stay in a register until they are complete.
    """
    kind = EverySecond if stride == 2 else VectorLanes

    @intrinsic
    def largest(
        typingctx: Any,
        top: Any, top_at: Any, length: Any, x: Any, x_at: Any, row: Any, rows: Any,
        columns: Any, dilation: Any, shift: Any, width: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(top, n, n, x, n, n, n, n, n, n, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            maxima = Memory(context, builder, signature.args[0], args[0], args[1])
            cells = Memory(context, builder, signature.args[3], args[3], args[4])
            length, (row, rows, columns, dilation, shift, width) = args[2], args[5:]
            vector = maxima.vector
            lowest = ir.Constant(vector, [ir.Constant(maxima.cell, -math.inf)] * vector.count)
            loop = Loop(builder, length, number(vector.count), [])
            here, there = VectorLanes(builder, vector, loop.index), kind(builder, vector, loop.index)
            begin = builder.mul(loop.index, number(stride))
            column = Loop(builder, columns, number(1), [lowest])
            at = builder.add(shift, builder.mul(column.index, dilation))
            mask = builder.and_(here.below(length), here.within(stride, at, width))
            down = Loop(builder, rows, number(1), column.values)
            (old,) = down.values
            new = there.load(cells, builder.add(builder.mul(down.index, row), builder.add(begin, at)), mask)
            # Unordered: true where the new one is NaN too; a NaN that is already there is kept.
            takes = builder.and_(builder.fcmp_unordered(">", new, old), builder.fcmp_ordered("ord", old, old))
            found = builder.select(builder.and_(mask, takes), new, old)
            (best,) = column.close(down.close([found]))
            here.store(best, maxima, loop.index, here.below(length))
            loop.close([])
            return context.get_dummy_value()

        return signature, codegen

    return largest


def pass_to_maxima(stride: int) -> Callable[..., None]:
    """Pass gradients to the maxima among one cell of every window of a row, for a stride of 1 or 2.

    The function that it returns takes ``(x, x_at, top, top_at, remaining, remaining_at, to, length)``: where x[q ·
    stride] = top[q], remaining[q] is added to to[q · stride] and set to 0. ``to`` begins at ``x_at`` too.
    """
    kind = EverySecond if stride == 2 else VectorLanes

    @intrinsic
    def give(
        typingctx: Any,
        x: Any, x_at: Any, top: Any, top_at: Any, remaining: Any, remaining_at: Any, to: Any, length: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(x, n, top, n, remaining, n, to, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            cells, maxima, left = (Memory(context, builder, kinds[i], args[i], args[i + 1]) for i in (0, 2, 4))
            target = Memory(context, builder, kinds[6], args[6], args[1])
            length = args[7]
            loop = Loop(builder, length, number(cells.vector.count), [])
            here, there = VectorLanes(builder, cells.vector, loop.index), kind(builder, cells.vector, loop.index)
            mask = here.below(length)
            far = builder.mul(loop.index, number(stride))
            hit = builder.fcmp_ordered("==", there.load(cells, far, mask), here.load(maxima, loop.index, mask))
            gradient = here.load(left, loop.index, mask)
            moved = builder.select(hit, gradient, here.zero)
            there.store(builder.fadd(there.load(target, far, mask), moved), target, far, mask)
            here.store(builder.select(hit, here.zero, gradient), left, loop.index, mask)
            loop.close([])
            return context.get_dummy_value()

        return signature, codegen

    return give


# --- ReLU --------------------------------------------------------------------------------------------------------
# A compiler's vector loop would check first whether the arrays overlap, and not run if they are the same.


@intrinsic
def rectify(typingctx: Any, z: Any, z_at: Any, a: Any, a_at: Any, length: Any) -> Codegen:
    """a[i] = max(z[i], 0); NaN stays. ``a`` may be ``z``."""
    n = types.intp
    signature = types.void(z, n, a, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = Memory(context, builder, signature.args[0], args[0], args[1])
        target = Memory(context, builder, signature.args[2], args[2], args[3])
        loop = Loop(builder, args[4], number(source.vector.count), [])
        here = VectorLanes(builder, source.vector, loop.index)
        mask = here.below(args[4])
        value = here.load(source, loop.index, mask)
        positive = builder.fcmp_unordered(">", value, here.zero)
        here.store(builder.select(positive, value, here.zero), target, loop.index, mask)
        loop.close([])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def where_active(
    typingctx: Any,
    d_a: Any, d_a_at: Any, a: Any, a_at: Any, d_z: Any, d_z_at: Any, length: Any,
) -> Codegen:  # fmt: skip
    """d_z[i] = d_a[i] where a[i] > 0, else 0. ``d_z`` may be ``d_a``."""
    n = types.intp
    signature = types.void(d_a, n, a, n, d_z, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds, length = signature.args, args[6]
        gradient, active, target = (Memory(context, builder, kinds[i], args[i], args[i + 1]) for i in (0, 2, 4))
        loop = Loop(builder, length, number(target.vector.count), [])
        here = VectorLanes(builder, target.vector, loop.index)
        mask = here.below(length)
        positive = builder.fcmp_ordered(">", here.load(active, loop.index, mask), here.zero)
        value = builder.select(positive, here.load(gradient, loop.index, mask), here.zero)
        here.store(value, target, loop.index, mask)
        loop.close([])
        return context.get_dummy_value()

    return signature, codegen


# --- transposing -------------------------------------------------------------------------------------------------


def transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Exchange rows and columns of a square block: as many vectors as each has lanes."""
    count = len(rows)
    half, kind = count // 2, ir.VectorType(ir.IntType(32), count)
    low = ir.Constant(kind, [i // 2 + i % 2 * count for i in range(count)])
    high = ir.Constant(kind, [half + i // 2 + i % 2 * count for i in range(count)])
    # Interleaving rows r and r + n/2 rotates the bits of (row, column) by one; after log2 n times they are exchanged.
    for _ in range(count.bit_length() - 1):
        pairs = [(rows[i], rows[i + half]) for i in range(half)]
        rows = [builder.shuffle_vector(a, b, order) for a, b in pairs for order in (low, high)]
    return rows


@intrinsic
def transpose_whole(
    typingctx: Any, source: Any, source_at: Any, source_row: Any, to: Any, to_at: Any, to_row: Any
) -> Codegen:
    """Transpose a square block of as many rows as a vector has lanes."""
    n = types.intp
    signature = types.void(source, n, n, to, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        origin = Memory(context, builder, signature.args[0], args[0], args[1])
        target = Memory(context, builder, signature.args[3], args[3], args[4])
        count = origin.vector.count
        rows = [origin.load_vector(builder.mul(args[2], number(r))) for r in range(count)]
        for r, row in enumerate(transposed(builder, rows)):
            target.store(row, builder.mul(args[5], number(r)))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def transpose_part(
    typingctx: Any,
    source: Any, source_at: Any, source_row: Any, rows: Any, columns: Any, to: Any, to_at: Any, to_row: Any,
) -> Codegen:  # fmt: skip
    """Transpose a block at the edge: cells beyond ``rows`` and ``columns`` are 0; ``columns`` vectors are written."""
    n = types.intp
    signature = types.void(source, n, n, n, n, to, n, n)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        origin = Memory(context, builder, signature.args[0], args[0], args[1])
        source_row, rows, columns = args[2:5]
        target = Memory(context, builder, signature.args[5], args[5], args[6])
        count = origin.vector.count
        here = VectorLanes(builder, origin.vector, number(0))
        inside = here.below(columns)
        found = []
        for r in range(count):
            exists = mask_all(builder, builder.icmp_signed("<", number(r), rows), count)
            found.append(here.load(origin, builder.mul(source_row, number(r)), builder.and_(inside, exists)))
        for r, row in enumerate(transposed(builder, found)):
            exists = mask_all(builder, builder.icmp_signed("<", number(r), columns), count)
            here.store(row, target, builder.mul(args[7], number(r)), exists)
        return context.get_dummy_value()

    return signature, codegen
