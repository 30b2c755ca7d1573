"""Which pixels a cell of a layer's maps can depend on, exactly: through padding, strides, dilation and pooling.

Windows are rectangles of rows and columns, so the pixels of a cell are some rows times some columns. For each axis
that is a table, ``(places, pixels)``: True where a place depends on a pixel. A window with dilation leaves gaps, and so
does a table. Where several ways lead to a layer, a place depends on the rows and columns of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import MAPS, Axis
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import IMAGES
from convviz.core.ops.base import Op
from convviz.core.ops.window import NO_MARGINS
from convviz.probe.passes import lowered_forward

__all__ = ["ReceptiveField", "receptive_field"]

Table = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ReceptiveField:
    """The pixels of every place of a layer's maps.

    Parameters
    ----------
    rows, columns : ndarray of bool, ``(OH, H)`` and ``(OW, W)``
        Whether a place depends on a row or column of the image.
    starts : (ndarray, ndarray)
        First row and column of every place's window, as if the image went on beyond its edges: negative ones lie in the
        padding.
    size : (int, int)
        Height and width of a window in pixels, padding included.
    """

    rows: Table
    columns: Table
    starts: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
    size: tuple[int, int]

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Top, left, bottom, right (exclusive) of a place's window; may reach beyond the image."""
        top, left = int(self.starts[0][row]), int(self.starts[1][column])
        return top, left, top + self.size[0], left + self.size[1]

    def covers(self, row: int, column: int) -> Table:
        """The pixels that a place depends on, ``(H, W)``."""
        return np.outer(self.rows[row], self.columns[column])

    def patch(self, image: npt.NDArray[np.floating], row: int, column: int) -> npt.NDArray[np.floating]:
        """A place's window of an image ``(C, H, W)``; 0 beyond the edges."""
        top, left, bottom, right = self.box(row, column)
        out = np.zeros((len(image), *self.size), image.dtype)
        height, width = image.shape[1:]
        y, x = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
        if y.start < y.stop and x.start < x.stop:
            out[:, y.start - top : y.stop - top, x.start - left : x.stop - left] = image[:, y, x]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """One axis on the way through the layers: the table, and where windows start and how long they are."""

    table: Table
    starts: npt.NDArray[np.intp]
    size: int
    jump: float = 1.0

    def padded(self, before: int, after: int) -> _Axis:
        """With places beyond the edges, which depend on nothing."""
        table = np.pad(self.table, ((before, after), (0, 0)))
        first, last = (int(self.starts[0]), int(self.starts[-1])) if len(self.starts) else (0, 0)
        ahead = first - np.ceil(self.jump * np.arange(before, 0, -1)).astype(np.intp)
        behind = last + np.floor(self.jump * np.arange(1, after + 1)).astype(np.intp)
        return _Axis(table, np.concatenate([ahead, self.starts, behind]), self.size, self.jump)

    def everywhere(self) -> _Axis:
        """With every place depending on all that any depends on."""
        first, last = int(self.starts.min()), int(self.starts.max())
        table = np.broadcast_to(self.table.any(axis=0), self.table.shape)
        return _Axis(table, np.full_like(self.starts, first), last + self.size - first, self.jump)

    def single(self) -> _Axis:
        """All places as one, which depends on what any of them depends on; it can be joined with maps of any size."""
        whole = self.everywhere()
        return _Axis(whole.table[:1], whole.starts[:1], whole.size)

    def joined(self, other: _Axis) -> _Axis:
        """With the places of another way to the same layer: each depends on what either depends on."""
        starts = np.minimum(self.starts, other.starts)
        ends = np.maximum(self.starts + self.size, other.starts + other.size)
        jump = self.jump if len(self.starts) > 1 else other.jump
        return _Axis(self.table | other.table, starts, int((ends - starts).max(initial=1)), jump)

    def through(self, lines: Table) -> _Axis:
        """After an op whose places are computed from these ones: (after, before)."""
        table = lines.astype(np.float32) @ self.table.astype(np.float32) > 0
        reads, far = lines.any(axis=1), np.iinfo(np.intp).max // 2
        starts = np.where(reads, np.where(lines, self.starts, far).min(axis=1, initial=far), 0)
        last = np.where(reads, np.where(lines, self.starts, -far).max(axis=1, initial=-far), 0)
        size = int((last - starts).max(initial=0)) + self.size
        jump = self.jump if len(starts) < 2 else (starts[-1] - starts[0]) / (len(starts) - 1)
        return _Axis(table, starts, size, float(jump))


Sides = tuple[_Axis, ...]
"""Rows and columns."""


def receptive_field(design: Design, layer: str) -> ReceptiveField:
    """The pixels that the output of a layer with maps depends on.

    Raises
    ------
    DesignError
        There is no such layer, or its output is no maps.
    """
    design = design.named()
    program, array = lowered_forward(design, 1, layer)
    if program.arrays[array].axes != MAPS:
        raise DesignError(f"{layer}: expected a layer with maps, its output is one row of numbers")
    image = design.input
    made: dict[str, Sides] = {
        IMAGES: tuple(_Axis(np.eye(n, dtype=np.bool_), np.arange(n), 1) for n in (image.height, image.width))
    }
    for step in program.steps:
        op, spec = step.op, program.arrays[step.output]
        sources = [made[name] for name in dict.fromkeys(step.inputs) if name in made]
        if not sources:
            continue  # made from parameters alone
        sides = sources[0]
        for other in sources[1:]:
            sides = tuple(one.joined(two) for one, two in zip(sides, other, strict=True))
        if spec.axes[-1] in (Axis.CHANNEL, Axis.FEATURE):  # no places any more; attention multiplies maps with it later
            sides = tuple(side.single() for side in sides)
        elif op.moves:
            sides = tuple(moved(side, op, axis) for axis, side in enumerate(sides))
        assert spec.axes != MAPS or spec.shape[2:] == tuple(len(side.table) for side in sides)
        if op.everywhere:
            sides = tuple(side.everywhere() for side in sides)
        made[step.output] = sides
    rows, columns = made[array]
    return ReceptiveField(rows.table, columns.table, (rows.starts, columns.starts), (rows.size, columns.size))


def moved(side: _Axis, op: Op, axis: int) -> _Axis:
    """One axis after an op that moves rows and columns."""
    border = op.border[2 * axis : 2 * axis + 2]
    if not op.is_even:
        return side.through(op.lines(axis, len(side.table)))
    # Beyond the edges the image goes on: a window's place is where it would be then.
    side = side.padded(*border)
    window = op.sliding
    return side if window is None else side.through(window.lines(axis, len(side.table), NO_MARGINS))
