"""Layers: frozen values that lower themselves to primitive ops.

A layer is what the user edits; :meth:`Layer.lower` says which steps it stands for. The backward steps are
derived from the ops and not written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from convviz.core.errors import ShapeError
from convviz.core.init import Init
from convviz.core.ops.activation import Relu
from convviz.core.ops.conv import Im2Col, Pad2D
from convviz.core.ops.dense import AddUnitBias, DenseProduct
from convviz.core.ops.filter_product import AddRowBias, FilterProduct
from convviz.core.ops.reshape import Flatten as FlattenOp
from convviz.core.ops.reshape import FoldMaps, Stretch
from convviz.core.ops.window import Pair, Window
from convviz.core.program import Builder

Size = Annotated[int, Meta(ge=1, le=1024)]
Count = Annotated[int, Meta(ge=1, le=65536)]
Margin = Annotated[int, Meta(ge=0, le=1024)]
if TYPE_CHECKING:
    Sizes = tuple[int, int]
    Margins = tuple[int, int]
else:
    # msgspec 0.22 mixes up a bounded int and a fixed tuple in one union: it refuses every tuple, and the next garbage
    # collection ends the process. A tuple of any length, bounded to two, is the same to the user.
    Sizes = Annotated[tuple[Size, ...], Meta(min_length=2, max_length=2)]
    Margins = Annotated[tuple[Margin, ...], Meta(min_length=2, max_length=2)]
Padding = Margin | Margins | Literal["same", "valid"]


def pair(value: int | tuple[int, int]) -> Pair:
    """One number stands for both axes."""
    return (value, value) if isinstance(value, int) else value


class Layer(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all layers.

    Parameters
    ----------
    name : str
        Unique name; empty lets the design number it (conv1, conv2 …).
    """

    stem: ClassVar[str] = "layer"
    """First part of an automatic name."""
    summary: ClassVar[str] = ""
    """One line for the palette."""

    name: str = ""

    def lower(self, build: Builder, x: str) -> str:
        """Emit the forward steps for input ``x`` and return the name of the output.

        Raises
        ------
        ShapeError
            The input does not fit; the message names this layer.
        """
        raise NotImplementedError


def maps_of(build: Builder, layer: str, x: str) -> tuple[int, int, int, int]:
    """Shape (N, C, H, W) of an input that must be maps."""
    shape = build.arrays[x].shape
    if len(shape) != 4:
        raise ShapeError(
            f"{layer}: expects maps (channels × height × width), got one row of {shape[1]} features",
            layer=layer,
        )
    n, c, h, w = shape
    return n, c, h, w


def margins(padding: Padding, window: Window, height: int, width: int) -> tuple[int, int, int, int]:
    """Padding (top, bottom, left, right).

    ``same`` gives ⌈H/S⌉ × ⌈W/S⌉ places; where the amount is odd the extra row or column is at the bottom or right.
    """
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        found = []
        for size, reach, stride in zip((height, width), window.reach, window.stride, strict=True):
            places = -(-size // stride)
            total = max((places - 1) * stride + reach - size, 0)
            found += [total // 2, total - total // 2]
        top, bottom, left, right = found
        return top, bottom, left, right
    ph, pw = pair(padding)
    return ph, ph, pw, pw


class Conv2D(Layer, frozen=True, kw_only=True, tag="conv2d"):
    """Filters slide over the padded maps.

    Parameters
    ----------
    filters : int
        F, number of filters and so of output maps.
    kernel, stride, dilation : int or (int, int)
        Vertical and horizontal; one number stands for both.
    padding : int, (int, int), "same" or "valid"
        Zeros around the image.
    groups : int
        Channels and filters fall into that many groups that do not meet; C groups are a depthwise convolution.
    bias : bool
    init : Init, optional
        None takes the design's.
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
        if c % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"{layer}: {self.groups} groups must divide its {c} input channels and its {self.filters} filters",
                layer=layer,
                field="groups",
            )
        top, bottom, left, right = margins(self.padding, window, h, w)
        oh, ow = window.places(h + top + bottom, w + left + right, layer)
        weight = build.parameter(f"{layer}.weight", (self.filters, c // self.groups, *window.kernel))
        if top or bottom or left or right:
            x = build.emit(Pad2D(top, bottom, left, right), (x,), "x_pad")
        x_col = build.emit(Im2Col(window), (x,), "x_col")
        w_row = build.emit(Stretch(), (weight,), "w_row")
        z_row = build.emit(FilterProduct(self.groups), (w_row, x_col), "wx_row" if self.bias else "z_row")
        if self.bias:
            bias = build.parameter(f"{layer}.bias", (self.filters,), self.bias_init)
            z_row = build.emit(AddRowBias(), (z_row, bias), "z_row")
        return build.emit(FoldMaps(oh, ow), (z_row,), "z")


class ReLU(Layer, frozen=True, kw_only=True, tag="relu"):
    """max(0, x), cell by cell."""

    stem: ClassVar[str] = "relu"
    summary: ClassVar[str] = "What is negative becomes zero"

    def lower(self, build: Builder, x: str) -> str:
        return build.emit(Relu(), (x,), "a")


class Flatten(Layer, frozen=True, kw_only=True, tag="flatten"):
    """All maps of an image as one row of features."""

    stem: ClassVar[str] = "flatten"
    summary: ClassVar[str] = "All maps of an image become one row of features"

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(FlattenOp(), (x,), "flat")


class Dense(Layer, frozen=True, kw_only=True, tag="dense"):
    """Every unit weighs every feature.

    Parameters
    ----------
    units : int
    bias : bool
    init : Init, optional
        None takes the design's.
    bias_init : float
    """

    stem: ClassVar[str] = "dense"
    summary: ClassVar[str] = "Every unit weighs every feature"

    units: Count = 10
    bias: bool = True
    init: Init | None = None
    bias_init: Annotated[float, Meta(ge=-1e3, le=1e3)] = 0.0

    def lower(self, build: Builder, x: str) -> str:
        layer = self.name
        shape = build.arrays[x].shape
        if len(shape) != 2:
            raise ShapeError(
                f"{layer}: expects one row of features per image, got {shape[1]} maps of {shape[2]}×{shape[3]}; put a "
                "Flatten before it",
                layer=layer,
            )
        weight = build.parameter(f"{layer}.weight", (shape[1], self.units))
        z = build.emit(DenseProduct(), (x, weight), "xw" if self.bias else "z")
        if self.bias:
            z = build.emit(AddUnitBias(), (z, build.parameter(f"{layer}.bias", (self.units,), self.bias_init)), "z")
        return z


AnyLayer = Conv2D | ReLU | Flatten | Dense
