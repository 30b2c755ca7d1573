"""Transposed convolution: a convolution that runs backwards, so that maps become larger."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.arrays import Axis, Role
from convviz.core.errors import ShapeError
from convviz.core.init import Init
from convviz.core.layers.base import Count, Layer, Margin, Margins, Size, Sizes, check_groups, maps_of, pair, written
from convviz.core.ops.conv import Col2Im
from convviz.core.ops.filter_product import ColumnGradient
from convviz.core.ops.reshape import Stretch, UnfoldMaps
from convviz.core.ops.transposed import AddMapBias, Trim2D
from convviz.core.ops.window import Window
from convviz.core.program import Builder


class ConvTranspose2D(Layer, frozen=True, kw_only=True, tag="conv_transpose2d"):
    """Every cell puts its filter, times its value, on the output, and what overlaps adds up.

    It does forward what a convolution does to the gradient of its input: OH = (H − 1)·S − 2P + D·(KH − 1) + 1 + output
    padding.

    Parameters
    ----------
    filters : int
        F, number of output maps.
    kernel, stride, dilation : int or (int, int)
        Those of the convolution that runs backwards: the filters of neighbouring cells lie S apart.
    padding : int or (int, int)
        Rows and columns that are cut off at each side.
    output_padding : int or (int, int)
        Extra rows and columns at the bottom and right, fewer than the stride. A convolution of stride S gives one size
        of output for S sizes of input; this chooses among them.
    groups : int
        Channels and filters are divided into this many groups.
    bias : bool
    init : Init, optional
        None uses the design's.
    bias_init : float
    """

    stem: ClassVar[str] = "convt"
    summary: ClassVar[str] = "Every cell puts its filter on larger maps, and what overlaps adds up"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    filters: Count = 16
    kernel: Size | Sizes = 2
    stride: Size | Sizes = 2
    padding: Margin | Margins = 0
    output_padding: Margin | Margins = 0
    dilation: Size | Sizes = 1
    groups: Count = 1
    bias: bool = True
    init: Init | None = None
    bias_init: Annotated[float, Meta(ge=-1e3, le=1e3)] = 0.0

    @property
    def window(self) -> Window:
        """The window of the convolution that runs backwards."""
        return Window(pair(self.kernel), pair(self.stride), pair(self.dilation))

    def lower(self, build: Builder, x: str) -> str:
        layer = self.name
        _, c, h, w = maps_of(build, layer, x)
        window = self.window
        check_groups(layer, self.groups, c, self.filters)
        (top, left), more = pair(self.padding), pair(self.output_padding)
        if any(extra >= stride for extra, stride in zip(more, window.stride, strict=True)):
            raise ShapeError(
                f"{layer}: output padding must be smaller than the stride {written(window.stride)}, "
                f"got {written(more)}",
                layer=layer,
                field="output_padding",
            )
        full = [(n - 1) * s + r + o for n, s, r, o in zip((h, w), window.stride, window.reach, more, strict=True)]
        height, width = full[0] - 2 * top, full[1] - 2 * left
        if height < 1 or width < 1:
            raise ShapeError(
                f"{layer}: padding {written((top, left))} cuts off all of the {full[0]}×{full[1]} that its filters "
                "reach",
                layer=layer,
                field="padding",
            )
        axes = (Axis.FILTER, Axis.CHANNEL, Axis.ROW, Axis.COLUMN)
        weight = build.parameter(f"{layer}.weight", (c, self.filters // self.groups, *window.kernel), axes)
        x_row = build.emit(UnfoldMaps(), (x,), "x_row")
        w_row = build.emit(Stretch(), (weight,), "w_row")
        columns = build.emit(ColumnGradient(self.groups), (w_row, x_row), "z_col", role=Role.PREACTIVATION)
        cut = (height, width) != (full[0], full[1])
        done = "s" if self.bias else "z"
        summed = build.emit(Col2Im(window, (self.filters, full[0], full[1])), (columns,), "z_pad" if cut else done)
        if cut:
            summed = build.emit(Trim2D(top, left, height, width), (summed,), done)
        if not self.bias:
            return summed
        bias = build.parameter(f"{layer}.bias", (self.filters,), axes[:1], self.bias_init)
        return build.emit(AddMapBias(), (summed, bias), "z")
