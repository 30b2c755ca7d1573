"""Ops that replace chains of a program's steps in a plan; their outputs are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Shape
from convviz.core.equation import Equation
from convviz.core.fast import cells, columns, convolve, pooling
from convviz.core.fast.vectors import BYTES
from convviz.core.ops.base import Op, Out, Scratch
from convviz.core.ops.cells import Cells
from convviz.core.ops.window import Margins, Pair, Window


@dataclass(frozen=True, slots=True)
class Fused(Op):
    """Base of fused ops. They run only in a plan, whose shapes have been checked already."""

    title = ""
    formula = ""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        raise NotImplementedError(self.name)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        raise NotImplementedError(self.name)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        raise NotImplementedError(self.name)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        raise NotImplementedError(self.name)


def up(size: int, unit: int) -> int:
    """``size`` rounded up to a multiple of ``unit``."""
    return -(-size // unit) * unit


# --- convolution -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Geometry:
    """The positions of a convolution's windows.

    Parameters
    ----------
    window : Window
    groups : int
    image : (int, int, int)
        Channels, height and width before padding.
    pad : (int, int)
        Rows of padding above, and columns to the left.
    padded : (int, int)
        Height and width with padding.
    filters : int
    """

    window: Window
    groups: int
    image: tuple[int, int, int]
    pad: Pair
    padded: Pair
    filters: int

    @property
    def places(self) -> Pair:
        """OH, OW."""
        return self.window.places(*self.padded, "convolution")

    @property
    def taps(self) -> int:
        """Cells of a filter, K/G."""
        return self.image[0] // self.groups * self.window.kernel[0] * self.window.kernel[1]

    @property
    def blocks(self) -> int:
        """Blocks of filters in a group."""
        return -(-(self.filters // self.groups) // convolve.MR)

    @property
    def shifted_cells(self) -> int:
        """Cells of an image's shifted copies, with zeros at the end for vectors that reach beyond."""
        size = self.image[0] * self.window.kernel[1] * self.padded[0] * self.places[1]
        return up(size + (convolve.NV + 1) * BYTES // 4, BYTES // 4)

    def offsets(self, unit: int = 1) -> Array:
        """Where the run of every tap begins in the shifted copies of a group; padded to a multiple of ``unit``."""
        (kh, kw), down, dilation = self.window.kernel, self.window.stride[0], self.window.dilation[0]
        rows, ow = self.padded[0], self.places[1]
        starts = np.cumsum([0] + [len(range(phase, rows, down)) for phase in range(down)])
        shifts = [starts[i * dilation % down] + i * dilation // down for i in range(kh)]
        channels = self.image[0] // self.groups
        found = [((c * kw + j) * rows + shifts[i]) * ow for c in range(channels) for j in range(kw) for i in range(kh)]
        return np.array(found + found[-1:] * (up(len(found), unit) - len(found)), np.intp)

    @property
    def mirrored(self) -> Geometry | None:
        """The convolution that turns the output's gradient into the input's; None if stride or padding rule it out."""
        reach = self.window.reach
        pad = reach[0] - 1 - self.pad[0], reach[1] - 1 - self.pad[1]
        if self.window.stride != (1, 1) or min(pad) < 0:
            return None
        _, height, width = self.image
        padded = height + reach[0] - 1, width + reach[1] - 1
        return Geometry(self.window, self.groups, (self.filters, *self.places), pad, padded, self.image[0])

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Arguments of the kernels: top, left, rows, KW, stride, dilation, groups."""
        window = self.window
        return *self.pad, self.padded[0], window.kernel[1], window.stride, window.dilation, self.groups


@dataclass(frozen=True, slots=True)
class PackFilters(Fused):
    """``W_row (F, K/G)`` → blocks in the order in which :class:`Convolution` reads them."""

    geometry: Geometry
    """Geometry of the convolution that reads them."""
    mirrored: bool

    name = "pack_filters"
    kernel = staticmethod(convolve.pack)

    @property
    def shape(self) -> Shape:
        """Shape of the output."""
        g = self.geometry
        return g.groups, g.blocks, g.taps, convolve.MR

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        g = self.geometry
        kernel = g.window.kernel
        if self.mirrored:
            # Here the maps act as channels, and the image's channels as filters.
            weight = ins[0].reshape(g.groups, g.image[0] // g.groups, g.filters // g.groups, *kernel)
            return weight.transpose(0, 2, 1, 3, 4), True, out
        return ins[0].reshape(g.groups, g.filters // g.groups, g.image[0] // g.groups, *kernel), False, out


@dataclass(frozen=True, slots=True)
class Convolution(Fused):
    """pad2d, im2col, matmul, add_bias and ReLU in one. Inputs: images, packed filters and perhaps a bias per filter."""

    geometry: Geometry
    relu: bool = False

    name = "convolution"
    kernel = staticmethod(convolve.convolve)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        g = self.geometry
        x, packed, *bias = ins
        x = x.reshape(len(x), *g.image)
        start = np.zeros(g.groups * g.blocks * convolve.MR, out.dtype)
        added = bias[0] if bias else np.zeros(0, out.dtype)
        shifted = scratch("shifted", (g.shifted_cells,), out.dtype)
        block = scratch("block", (convolve.MR, convolve.NV * BYTES // out.itemsize), out.dtype)
        maps = out.reshape(len(x), g.filters, *g.places)
        return x, packed, g.offsets(), added, start, int(self.relu), *g.numbers, shifted, block, maps


CHUNK, DOTS_CHUNK = 1 << 21, 1 << 19
"""Bytes of shifted images and their maps' gradients that the filters' gradient handles at a time; found by trial."""


@dataclass(frozen=True, slots=True)
class FilterSums(Fused):
    """Gradient of the filters: im2col and the product in one. Inputs: gradient of the maps, images."""

    geometry: Geometry

    name = "filter_gradient"
    kernel = staticmethod(convolve.filter_gradient)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        g = self.geometry
        d_z, x = ins
        oh, ow = g.places
        padded = up(g.filters // g.groups, BYTES // out.itemsize)
        chunk = max(1, min(len(x), CHUNK // (out.itemsize * (g.shifted_cells + g.groups * oh * ow * padded))))
        shifted = scratch("shifted images", (chunk, g.shifted_cells), out.dtype)
        transposed = scratch("transposed", (chunk, g.groups, oh * ow, padded), out.dtype)
        tile = scratch("tile", (2 * convolve.TR * BYTES // out.itemsize,), out.dtype)
        d_z = d_z.reshape(len(x), g.filters, oh, ow)
        offsets = g.offsets(convolve.TR)
        return d_z, x, offsets, g.window.kernel[0], *g.numbers, shifted, transposed, tile, out


@dataclass(frozen=True, slots=True)
class FilterDots(Fused):
    """What :class:`FilterSums` computes, for small filters."""

    geometry: Geometry

    name = "filter_gradient"
    kernel = staticmethod(convolve.filter_gradient_of_few_taps)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        g = self.geometry
        d_z, x = ins
        oh, ow = g.places
        per, length = up(g.filters // g.groups, convolve.DC), up(oh * ow, BYTES // out.itemsize)
        chunk = max(1, min(len(x), DOTS_CHUNK // (out.itemsize * (g.shifted_cells + g.groups * per * length))))
        shifted = scratch("shifted images", (chunk, g.shifted_cells), out.dtype)
        padded_d_z = scratch("padded d_z", (chunk, g.groups, per, length), out.dtype)
        tile = scratch("tile", (convolve.DR * convolve.DC,), out.dtype)
        d_z = d_z.reshape(len(x), g.filters, oh, ow)
        return d_z, x, g.offsets(convolve.DR), g.window.kernel[0], *g.numbers, shifted, padded_d_z, tile, out


@dataclass(frozen=True, slots=True)
class Col2Im(Fused):
    """Adds every column back where it came from."""

    window: Window

    name = "col2im"
    kernel = staticmethod(columns.col2im)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        w = self.window
        n, channels, height, width = out.shape
        blocks = ins[0].reshape(n, channels, *w.kernel, *w.places(height, width, "col2im"))
        return blocks, w.kernel, w.stride, w.dilation, out


@dataclass(frozen=True, slots=True)
class Solid(Fused):
    """A contiguous copy of the inside of a padded array: compiled kernels need contiguous arrays."""

    top: int
    left: int

    name = "crop2d"
    kernel = staticmethod(np.copyto)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        h, w = out.shape[2:]
        return out, ins[0][:, :, self.top : self.top + h, self.left : self.left + w]


# --- pooling -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MaxPool(Fused):
    """Largest cell of every window."""

    window: Window
    margins: Margins

    name = "maxpool2d"
    kernel = staticmethod(pooling.max_pool)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        w = self.window
        return ins[0], w.kernel, w.stride, w.dilation, self.margins[0], self.margins[2], out


@dataclass(frozen=True, slots=True)
class MaxPoolGrad(Fused):
    """Gradient of the maps, or with ``active`` of the ReLU's input. Inputs: gradient of the maxima, maps, maxima."""

    window: Window
    margins: Margins
    active: bool = False

    name = "maxpool2d_grad"
    kernel = staticmethod(pooling.max_pool_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        w = self.window
        remaining = scratch("remaining", ins[0].shape[-1:], out.dtype)
        return *ins, w.kernel, w.stride, w.dilation, self.margins[0], self.margins[2], self.active, remaining, out


# --- cells -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rectify(Fused):
    """ReLU."""

    name = "relu"
    kernel = staticmethod(cells.relu)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0].reshape(-1), out.reshape(-1)


@dataclass(frozen=True, slots=True)
class RectifyGrad(Fused):
    """Gradient of ReLU."""

    name = "relu_grad"
    kernel = staticmethod(cells.relu_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0].reshape(-1), ins[1].reshape(-1), out.reshape(-1)


@dataclass(frozen=True, slots=True)
class RowSums(Fused):
    """Gradient of a bias."""

    name = "sum_rows"
    kernel = staticmethod(cells.sum_rows)
