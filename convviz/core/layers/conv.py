"""Convolution: pad, stretch every window into a column, one matrix product, fold into maps."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.arrays import Axis
from convviz.core.init import Init
from convviz.core.layers.base import Count, Layer, Padding, Size, Sizes, check_groups, maps_of, margins, pair
from convviz.core.ops.conv import Im2Col, Pad2D
from convviz.core.ops.filter_product import AddRowBias, FilterProduct
from convviz.core.ops.reshape import FoldMaps, Stretch
from convviz.core.ops.window import Window
from convviz.core.program import Builder


class Conv2D(Layer, frozen=True, kw_only=True, tag="conv2d"):
    """Filters slide over the padded maps.

    Parameters
    ----------
    filters : int
        F, number of filters and so of output maps.
    kernel, stride, dilation : int or (int, int)
        Vertical and horizontal; a single number means both.
    padding : int, (int, int), "same" or "valid"
        Zeros around the image.
    groups : int
        Channels and filters are divided into this many groups, and a filter reads only the channels of its own group. C
        groups make a depthwise convolution.
    bias : bool
    init : Init, optional
        None uses the design's.
    bias_init : float
    """

    stem: ClassVar[str] = "conv"
    summary: ClassVar[str] = "Filters slide over the image; each makes one feature map"

    filters: Count = 32
    kernel: Size | Sizes = 3
    stride: Size | Sizes = 1
    padding: Padding = 0
    dilation: Size | Sizes = 1
    groups: Count = 1
    bias: bool = True
    init: Init | None = None
    bias_init: Annotated[float, Meta(ge=-1e3, le=1e3)] = 0.0

    @property
    def window(self) -> Window:
        """The moving window."""
        return Window(pair(self.kernel), pair(self.stride), pair(self.dilation))

    def lower(self, build: Builder, x: str) -> str:
        layer = self.name
        _, c, h, w = maps_of(build, layer, x)
        window = self.window
        check_groups(layer, self.groups, c, self.filters)
        top, bottom, left, right = margins(self.padding, window, h, w)
        oh, ow = window.places(h + top + bottom, w + left + right, layer)
        axes = (Axis.FILTER, Axis.CHANNEL, Axis.ROW, Axis.COLUMN)
        weight = build.parameter(f"{layer}.weight", (self.filters, c // self.groups, *window.kernel), axes)
        if top or bottom or left or right:
            x = build.emit(Pad2D(top, bottom, left, right), (x,), "x_pad")
        x_col = build.emit(Im2Col(window), (x,), "x_col")
        w_row = build.emit(Stretch(), (weight,), "w_row")
        z_row = build.emit(FilterProduct(self.groups), (w_row, x_col), "wx_row" if self.bias else "z_row")
        if self.bias:
            bias = build.parameter(f"{layer}.bias", (self.filters,), axes[:1], self.bias_init)
            z_row = build.emit(AddRowBias(), (z_row, bias), "z_row")
        return build.emit(FoldMaps(oh, ow), (z_row,), "z")
