"""Tiles: the innermost blocks of the products.

A tile holds a block of results in the processor's vector registers while it runs along the sum, so that every number
that is loaded is used several times. A product tile of 8 rows and 3 vectors of 16 numbers is, in NumPy's words,

    sums = np.zeros((8, 48))                # 24 registers
    for i in range(k):                      # the one loop that the machine runs
        right = b[i, :48]                   # 3 registers, each used 8 times
        for r in range(8):                  # written down 8 times
            sums[r] += a[i, r] * right      # one number of A in all lanes of a vector

All functions here are called from compiled functions only; offsets and steps count cells, and nothing checks them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types

from convviz.core.fast.vectors import (
    REGISTERS,
    Codegen,
    Loop,
    Memory,
    call,
    intrinsic,
    lanes_of,
    mask_all,
    multiply_add,
    number,
    spread,
    suffix,
)

PRODUCT_ROWS, PRODUCT_VECTORS = (8, 3) if REGISTERS == 32 else (4, 3)
"""Rows of a product tile, and vectors in a row: 24 (or 12) sums at a time."""
NARROW_ROWS, NARROW_VECTORS = (12, 2) if REGISTERS == 32 else (6, 2)
"""The same, for products with few rows: ten classes fit in one tile."""
TAP_ROWS = 12 if REGISTERS == 32 else 6
"""Rows of a tap tile of one or two vectors."""
DOT_ROWS, DOT_COLUMNS = (5, 4) if REGISTERS == 32 else (4, 3)
"""Rows and columns of a dot tile."""


@intrinsic
def lanes(typingctx: Any, array: Any) -> Codegen:
    """Cells in a vector of the array's numbers, as a constant."""
    count = lanes_of(array)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return number(count)

    return types.intp(array), codegen


def product_tile(rows: int, vectors: int, ahead: int = 0) -> Callable[..., None]:
    """Tile of C = A · B: every number of A times a row of B.

    The function that it returns takes ``(a, a_at, b, b_at, offsets, start, start_at, c, c_at, c_row, k, relu)``: c[r,
    :] = start[r] + Σ_i a[i · rows + r] · b[offsets[i] :], for ``vectors`` vectors; negative results become 0 where
    ``relu`` is not 0 (NaN stays). With ``ahead``, the cells ``ahead`` tiles further on in every row of B are
    prefetched: rows that lie far apart are too many streams for the processor to predict.
    """

    @intrinsic
    def tile(
        typingctx: Any,
        a: Any, a_at: Any, b: Any, b_at: Any, offsets: Any, start: Any, start_at: Any,
        c: Any, c_at: Any, c_row: Any, k: Any, relu: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(a, n, b, n, offsets, start, n, c, n, n, n, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            memory = [Memory(context, builder, kinds[i], args[i], args[i + 1]) for i in (0, 2, 5, 7)]
            from_a, from_b, from_start, to_c = memory
            offset = Memory(context, builder, kinds[4], args[4], number(0))
            c_row, k, relu = args[9:]
            vector, lanes = to_c.vector, to_c.vector.count
            first = [spread(builder, from_start.load(number(r)), vector) for r in range(rows)]
            loop = Loop(builder, k, number(1), [first[r] for r in range(rows) for _ in range(vectors)])
            here = offset.load(loop.index)
            right = [from_b.load_vector(builder.add(here, number(v * lanes))) for v in range(vectors)]
            for v in range(vectors if ahead else 0):
                from_b.fetch(builder.add(here, number((ahead * vectors + v) * lanes)))
            row = builder.mul(loop.index, number(rows))
            sums = []
            for r in range(rows):
                left = spread(builder, from_a.load(builder.add(row, number(r))), vector)
                sums += [multiply_add(builder, left, right[v], loop.values[r * vectors + v]) for v in range(vectors)]
            sums = loop.close(sums)
            zero = ir.Constant(vector, [ir.Constant(to_c.cell, 0.0)] * lanes)
            off = builder.icmp_signed("==", relu, number(0))
            for i, total in enumerate(sums):
                passes = builder.or_(builder.fcmp_unordered(">", total, zero), mask_all(builder, off, lanes))
                r, v = divmod(i, vectors)
                place = builder.add(builder.mul(c_row, number(r)), number(v * lanes))
                to_c.store(builder.select(passes, total, zero), place)
            return context.get_dummy_value()

        return signature, codegen

    return tile


def dot_tile(rows: int, columns: int) -> Callable[..., None]:
    """Tile of C = A · Bᵀ, where the sum runs along the memory of both, image by image.

    The function that it returns takes ``(a, a_at, offsets, offsets_at, a_image, b, b_at, b_row, b_image, c, images,
    length)``: c[r · columns + s] = Σ_n Σ_i a[offsets[r] + n · a_image + i] · b[s · b_row + n · b_image + i].
    """

    @intrinsic
    def tile(
        typingctx: Any,
        a: Any, a_at: Any, offsets: Any, offsets_at: Any, a_image: Any, b: Any, b_at: Any, b_row: Any, b_image: Any,
        c: Any, images: Any, length: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(a, n, offsets, n, n, b, n, n, n, c, n, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            from_a = Memory(context, builder, kinds[0], args[0], args[1])
            offset = Memory(context, builder, kinds[2], args[2], args[3])
            from_b = Memory(context, builder, kinds[5], args[5], args[6])
            to_c = Memory(context, builder, kinds[9], args[9], number(0))
            a_image, b_row, b_image, images, length = args[4], args[7], args[8], args[10], args[11]
            vector = from_a.vector
            lanes = vector.count
            zero = ir.Constant(vector, [ir.Constant(from_a.cell, 0.0)] * lanes)
            a_rows = [offset.load(number(r)) for r in range(rows)]
            b_rows = [builder.mul(b_row, number(s)) for s in range(columns)]
            outer = Loop(builder, images, number(1), [zero] * (rows * columns))
            a_here, b_here = builder.mul(outer.index, a_image), builder.mul(outer.index, b_image)
            a_rows = [builder.add(row, a_here) for row in a_rows]
            b_rows = [builder.add(row, b_here) for row in b_rows]
            inner = Loop(builder, length, number(lanes), outer.values)
            right = [from_b.load_vector(builder.add(row, inner.index)) for row in b_rows]
            sums = []
            for r in range(rows):
                left = from_a.load_vector(builder.add(a_rows[r], inner.index))
                sums += [multiply_add(builder, left, right[s], inner.values[r * columns + s]) for s in range(columns)]
            sums = outer.close(inner.close(sums))
            nothing = ir.Constant(from_a.cell, -0.0)
            name = f"llvm.vector.reduce.fadd.{suffix(vector)}"
            for i, total in enumerate(sums):
                to_c.store(call(builder, name, from_a.cell, [nothing, total], fastmath=("reassoc",)), number(i))
            return context.get_dummy_value()

        return signature, codegen

    return tile


def tap_tile(rows: int, vectors: int) -> Callable[..., None]:
    """Tile of the filters' gradient: single cells of A times rows of B, place by place and image by image.

    The function that it returns takes ``(a, a_at, offsets, offsets_at, a_image, b, b_at, b_row, b_image, c, images,
    places)``: c[r, :] = Σ_n Σ_p a[offsets[r] + n · a_image + p] · b[n · b_image + p · b_row :], for ``vectors``
    vectors.
    """

    @intrinsic
    def tile(
        typingctx: Any,
        a: Any, a_at: Any, offsets: Any, offsets_at: Any, a_image: Any, b: Any, b_at: Any, b_row: Any, b_image: Any,
        c: Any, images: Any, places: Any,
    ) -> Codegen:  # fmt: skip
        n = types.intp
        signature = types.void(a, n, offsets, n, n, b, n, n, n, c, n, n)

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            from_a = Memory(context, builder, kinds[0], args[0], args[1])
            offset = Memory(context, builder, kinds[2], args[2], args[3])
            from_b = Memory(context, builder, kinds[5], args[5], args[6])
            to_c = Memory(context, builder, kinds[9], args[9], number(0))
            a_image, b_row, b_image, images, places = args[4], args[7], args[8], args[10], args[11]
            vector = from_b.vector
            lanes = vector.count
            zero = ir.Constant(vector, [ir.Constant(from_a.cell, 0.0)] * lanes)
            a_rows = [offset.load(number(r)) for r in range(rows)]
            outer = Loop(builder, images, number(1), [zero] * (rows * vectors))
            a_here, b_here = builder.mul(outer.index, a_image), builder.mul(outer.index, b_image)
            starts = [from_a.at(builder.add(row, a_here)) for row in a_rows]
            inner = Loop(builder, places, number(1), outer.values)
            row = builder.add(b_here, builder.mul(inner.index, b_row))
            right = [from_b.load_vector(builder.add(row, number(v * lanes))) for v in range(vectors)]
            sums = []
            for r in range(rows):
                cell = builder.gep(starts[r], [inner.index], inbounds=True, source_etype=from_a.cell)
                left = spread(builder, builder.load(cell, typ=from_a.cell), vector)
                sums += [multiply_add(builder, left, right[v], inner.values[r * vectors + v]) for v in range(vectors)]
            for i, total in enumerate(outer.close(inner.close(sums))):
                to_c.store(total, number(i * lanes))
            return context.get_dummy_value()

        return signature, codegen

    return tile
