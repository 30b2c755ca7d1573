"""Pooling: every window, or every whole map, becomes one number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from convviz.core.errors import ShapeError
from convviz.core.layers.base import Layer, Padding, Sided, Size, Sizes, maps_of, margins, pair, written
from convviz.core.ops import avg_pool, edge_average, max_pool
from convviz.core.ops.conv import Pad2D
from convviz.core.ops.reshape import Flatten
from convviz.core.ops.window import NO_MARGINS, Margins, Window
from convviz.core.program import Builder


class Pool(Layer, frozen=True, kw_only=True):
    """Base of the layers that pool by windows.

    Parameters
    ----------
    kernel : int or (int, int)
        Height and width of the window; a single number means both.
    stride : int, (int, int) or None
        How far the window moves; None moves it by its own size, so that windows don't overlap.
    padding : int, (int, int), "same" or "valid"
        How far windows reach over the edge; less than the window's size.
    ceil : bool
        If windows don't cover the maps exactly, whether one more reaches over the bottom or right edge; else cells are
        left over.
    dilation : int or (int, int)
        Distance between neighbouring cells of a window; 1 if they touch.
    """

    kernel: Size | Sizes = 2
    stride: Size | Sizes | None = None
    padding: Padding = 0
    ceil: bool = False
    dilation: Size | Sizes = 1

    @property
    def window(self) -> Window:
        """The moving window."""
        kernel = pair(self.kernel)
        return Window(kernel, kernel if self.stride is None else pair(self.stride), pair(self.dilation))

    def padded(self, build: Builder, x: str) -> Margins:
        """The padding at the top, bottom, left and right.

        Raises
        ------
        ShapeError
            The input isn't maps, or a window could lie completely outside them.
        """
        _, _, h, w = maps_of(build, self.name, x)
        found = margins(self.padding, self.window, h, w)
        kh, kw = self.window.reach
        if max(found[:2]) >= kh or max(found[2:]) >= kw:
            given = "×".join(str(n) for n in pair(self.padding)) if not isinstance(self.padding, str) else self.padding
            raise ShapeError(
                f"{self.name}: padding must be smaller than the {kh}×{kw} window, got {given}",
                layer=self.name,
                field="padding",
            )
        return found

    def reach(self, build: Builder, x: str) -> Margins:
        """How far windows reach over the top, bottom, left and right edge: the padding, and what ``ceil`` adds.

        Raises
        ------
        ShapeError
            As :meth:`padded`.
        """
        top, bottom, left, right = self.padded(build, x)
        if not self.ceil:
            return top, bottom, left, right
        _, _, h, w = maps_of(build, self.name, x)
        more = [
            over_the_edge(size, before, after, self.window.reach[axis], self.window.stride[axis])
            for axis, (size, before, after) in enumerate(((h, top, bottom), (w, left, right)))
        ]
        return top, bottom + more[0], left, right + more[1]

    def refuse_empty_windows(self, build: Builder, x: str, reach: Margins) -> None:
        """Refuse windows whose cells all lie outside the maps, as dilated ones can.

        Raises
        ------
        ShapeError
        """
        _, _, h, w = maps_of(build, self.name, x)
        window = self.window
        ends = (reach[:2], reach[2:])
        if all(_all_meet(size, *ends[axis], window, axis) for axis, size in enumerate((h, w))):
            return
        given = self.padding if isinstance(self.padding, str) else written(pair(self.padding))
        raise ShapeError(
            f"{self.name}: every window must have a cell inside the {h}×{w} maps; with padding {given} and dilation "
            f"{written(window.dilation)} one has none",
            layer=self.name,
            field="dilation" if isinstance(self.padding, str) else "padding",
        )


def _all_meet(size: int, before: int, after: int, window: Window, axis: int) -> bool:
    """Whether every window has a row (or column) of cells inside the maps."""
    kernel, stride, dilation = window.kernel[axis], window.stride[axis], window.dilation[axis]
    if dilation == 1 or not before + after:
        return True
    places = (size + before + after - window.reach[axis]) // stride + 1
    cells = (np.arange(places) * stride - before)[:, None] + np.arange(kernel) * dilation
    return bool(((cells >= 0) & (cells < size)).any(axis=1).all())


class MaxPool2D(Pool, frozen=True, kw_only=True, tag="max_pool2d"):
    """Largest cell of every window. Cells outside the maps are left out; ties go to the first maximum."""

    stem: ClassVar[str] = "maxpool"
    summary: ClassVar[str] = "Only the largest cell of every window is kept"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"ceil": 3, "dilation": 4})

    def lower(self, build: Builder, x: str) -> str:
        reach = self.reach(build, x)
        self.refuse_empty_windows(build, x, reach)
        return build.emit(max_pool.MaxPool2D(self.window, reach), (x,), "a")


def over_the_edge(size: int, before: int, after: int, kernel: int, stride: int) -> int:
    """Rows or columns that one more window needs; 0 if windows fit exactly, or if it would lie outside the maps."""
    rest = size + before + after - kernel
    places = -(-rest // stride) + 1
    if rest < 0 or rest % stride == 0 or (places - 1) * stride >= size + before:
        return 0
    return (places - 1) * stride - rest


class AvgPool2D(Pool, frozen=True, kw_only=True, tag="avg_pool2d"):
    """Mean of every window.

    Parameters
    ----------
    count_padding : bool
        Whether zeros of the padding count as cells. Cells beyond the padding, in windows that ``ceil`` adds, never
        count.
    """

    stem: ClassVar[str] = "avgpool"
    summary: ClassVar[str] = "Every window becomes the mean of its cells"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"ceil": 4, "count_padding": 4, "dilation": 5})

    count_padding: bool = True

    def lower(self, build: Builder, x: str) -> str:
        reach, padded = self.reach(build, x), self.padded(build, x)
        counted = padded if self.count_padding else NO_MARGINS
        if not self.count_padding:
            self.refuse_empty_windows(build, x, reach)
        if reach != counted:
            return build.emit(edge_average.EdgeAverage(self.window, reach, counted), (x,), "a")
        if reach != NO_MARGINS:
            x = build.emit(Pad2D(*reach), (x,), "x_pad")
        return build.emit(avg_pool.AvgPool2D(self.window), (x,), "a")


class GlobalAvgPool(Layer, frozen=True, kw_only=True, tag="global_avg_pool"):
    """Mean of every map: maps become one row of features, one per map."""

    stem: ClassVar[str] = "gap"
    summary: ClassVar[str] = "Every map becomes one feature, its mean"

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(avg_pool.GlobalAverage(), (x,), "a")


class GlobalMaxPool(Layer, frozen=True, kw_only=True, tag="global_max_pool"):
    """Largest cell of every map: maps become one row of features, one per map. Ties go to the first maximum."""

    stem: ClassVar[str] = "gmp"
    summary: ClassVar[str] = "Every map becomes one feature, its largest cell"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})

    def lower(self, build: Builder, x: str) -> str:
        _, _, h, w = maps_of(build, self.name, x)
        top = build.emit(max_pool.MaxPool2D(Window((h, w), (h, w)), NO_MARGINS), (x,), "top")
        return build.emit(Flatten(), (top,), "a")


class ZeroPad2D(Sided, frozen=True, kw_only=True, tag="zero_pad2d"):
    """Rows and columns of zeros around the maps, as many as wanted on each side."""

    stem: ClassVar[str] = "pad"
    summary: ClassVar[str] = "Rows and columns of zeros are put around every map"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.ZeroPad2d(({left}, {right}, {top}, {bottom}))",
            "Keras": "layers.ZeroPadding2D((({top}, {bottom}), ({left}, {right})))",
        }
    )

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(Pad2D(self.top, self.bottom, self.left, self.right), (x,), "x_pad")
