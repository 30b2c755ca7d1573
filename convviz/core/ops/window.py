"""The moving window that convolution and pooling share.

Notation: image H×W, kernel KH×KW, stride SH, SW, dilation DH, DW; the window at output position (p, q) covers
the rows p·SH + i·DH and columns q·SW + j·DW for i < KH, j < KW.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import ShapeError
from convviz.core.ops.cells import Cells, grid

Pair = tuple[int, int]
Margins = tuple[int, int, int, int]
"""Top, bottom, left, right."""
NO_MARGINS: Margins = (0, 0, 0, 0)
Lines = npt.NDArray[np.bool_]
"""Which input rows (or columns) each output row (or column) is computed from: (after, before)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Kernel size, stride and dilation, each (vertical, horizontal)."""

    kernel: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)

    @property
    def reach(self) -> Pair:
        """Rows and columns from the first to the last cell of a window, both included."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    def places(self, height: int, width: int, layer: str, word: str = "filter") -> Pair:
        """Output size (OH, OW) = ⌊(H − reach) / S⌋ + 1.

        Raises
        ------
        ShapeError
            The window is larger than the (padded) image.
        """
        rh, rw = self.reach
        if rh > height or rw > width:
            spread = "" if self.dilation == (1, 1) else f", {rh}×{rw} with its dilation,"
            raise ShapeError(
                f"{layer}: {word} {self.kernel[0]}×{self.kernel[1]}{spread} is larger than its padded input "
                f"{height}×{width}",
                layer=layer,
                field="kernel",
            )
        return (height - rh) // self.stride[0] + 1, (width - rw) // self.stride[1] + 1

    def view(self, images: Array) -> Array:
        """All windows of ``images (N, C, H, W)`` as a read-only view ``(N, C, KH, KW, OH, OW)``."""
        n, c, h, w = images.shape
        oh, ow = self.places(h, w, "window")
        (kh, kw), (sh, sw), (dh, dw) = self.kernel, self.stride, self.dilation
        a, b, y, x = images.strides
        return np.lib.stride_tricks.as_strided(
            images, (n, c, kh, kw, oh, ow), (a, b, y * dh, x * dw, y * sh, x * sw), writeable=False
        )

    def shifted(self, images: Array, i: int, j: int, places: Pair) -> Array:
        """Cells (i, j) of all windows: a strided view ``(N, C, OH, OW)`` of ``images``, writeable if they are."""
        top, left = i * self.dilation[0], j * self.dilation[1]
        (sh, sw), (oh, ow) = self.stride, places
        return images[:, :, top : top + sh * (oh - 1) + 1 : sh, left : left + sw * (ow - 1) + 1 : sw]

    @property
    def slides(self) -> bool:
        """Whether cell (i, j) of all windows of a map is a single run in :meth:`through_columns`."""
        return self.stride[0] == 1 and self.kernel[0] > 1

    def through_columns(self, images: Array) -> Array:
        """Pixels that column j of windows sees, ``(N, C, KW, H, OW)``: a read-only view of ``images (N, C, H, W)``."""
        n, c, h, w = images.shape
        a, b, y, x = images.strides
        shape = n, c, self.kernel[1], h, self.places(h, w, "window")[1]
        strides = a, b, x * self.dilation[1], y, x * self.stride[1]
        return np.lib.stride_tricks.as_strided(images, shape, strides, writeable=False)

    def runs(self, seen: Array) -> Array:
        """All windows ``(N, C, KH, KW, OH, OW)``, as a view of copied :meth:`through_columns`; needs :attr:`slides`."""
        n, c, kw, h, ow = seen.shape
        a, b, j, y, x = seen.strides
        down = self.dilation[0]
        shape = n, c, self.kernel[0], kw, h - down * (self.kernel[0] - 1), ow
        return np.lib.stride_tricks.as_strided(seen, shape, (a, b, y * down, j, y, x))

    def lines(self, axis: int, before: int, margins: Margins) -> Lines:
        """Which rows (axis 0) or columns (1) of maps, with margins around them, each window covers."""
        first, last = margins[2 * axis : 2 * axis + 2]
        stride, dilation = self.stride[axis], self.dilation[axis]
        places = (before + first + last - self.reach[axis]) // stride + 1
        at = np.arange(places)[:, None] * stride - first + dilation * np.arange(self.kernel[axis])
        found = np.zeros((places, before), np.bool_)
        place, cell = np.nonzero((at >= 0) & (at < before))
        found[place, at[place, cell]] = True
        return found

    def rows_columns(self, p: int, q: int) -> tuple[Array, Array]:
        """Image rows and columns of the window at output position (p, q)."""
        (kh, kw), (sh, sw), (dh, dw) = self.kernel, self.stride, self.dilation
        return p * sh + dh * np.arange(kh), q * sw + dw * np.arange(kw)

    def covering(self, y: int, x: int, places: Pair) -> Cells:
        """Windows that cover image cell (y, x): rows ``(p, q, i, j)``, up to KH·KW of them."""
        found = []
        for axis, at in enumerate((y, x)):
            offsets = np.arange(self.kernel[axis])
            rest = at - offsets * self.dilation[axis]
            place, off = np.divmod(rest, self.stride[axis])
            good = (off == 0) & (place >= 0) & (place < places[axis])
            found.append((place[good][::-1], offsets[good][::-1]))
        (p, i), (q, j) = found
        ends = grid(np.arange(len(p)), np.arange(len(q)))
        return np.stack([p[ends[:, 0]], q[ends[:, 1]], i[ends[:, 0]], j[ends[:, 1]]], axis=1).astype(np.intp)

    def coverage(self, height: int, width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """How many rows of windows cover each image row, and how many columns of windows each column.

        Cell (y, x) is in ``rows[y] * columns[x]`` windows.
        """
        places = self.places(height, width, "window")
        found = []
        for axis, size in enumerate((height, width)):
            starts = np.arange(places[axis]) * self.stride[axis]
            covered = starts[:, None] + np.arange(self.kernel[axis]) * self.dilation[axis]
            found.append(np.bincount(covered.ravel(), minlength=size))
        return found[0], found[1]
