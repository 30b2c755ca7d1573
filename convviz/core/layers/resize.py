"""Layers that make maps of another size: upsampling, reflected edges, means and maxima of regions, cropping."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from convviz.core.errors import ShapeError
from convviz.core.layers.base import Layer, Sided, Size, Sizes, maps_of, pair
from convviz.core.ops.adaptive import AdaptiveAverage
from convviz.core.ops.adaptive_max import RegionMax
from convviz.core.ops.max_pool import MaxPool2D
from convviz.core.ops.reflect import ReflectPad
from convviz.core.ops.transposed import Trim2D
from convviz.core.ops.upsample import UpsampleBilinear, UpsampleNearest
from convviz.core.ops.window import NO_MARGINS, Window
from convviz.core.program import Builder


class Upsample(Layer, frozen=True, kw_only=True, tag="upsample"):
    """Maps that are larger by a whole factor.

    Parameters
    ----------
    scale : int or (int, int)
        How many times as high and as wide.
    mode : str
        ``nearest``: every cell becomes a block. ``bilinear``: linear interpolation between cells.
    align_corners : bool
        For bilinear: whether the outermost cells keep their values; otherwise cells are squares with values at their
        centres.
    """

    stem: ClassVar[str] = "up"
    summary: ClassVar[str] = "Maps become larger: cells are repeated, or joined by straight lines"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    scale: Size | Sizes = 2
    mode: Literal["nearest", "bilinear"] = "nearest"
    align_corners: bool = False

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        scale = pair(self.scale)
        bilinear = self.mode == "bilinear"
        return build.emit(
            UpsampleBilinear(scale, self.align_corners) if bilinear else UpsampleNearest(scale), (x,), "a"
        )


class AdaptiveAvgPool2D(Layer, frozen=True, kw_only=True, tag="adaptive_avg_pool2d"):
    """The mean of each of a fixed number of regions, for maps of any size.

    Parameters
    ----------
    output : int or (int, int)
        Regions down and across: the size of the maps that it makes.
    """

    stem: ClassVar[str] = "adaptive"
    summary: ClassVar[str] = "Maps of any size become maps of one size: the mean of each region"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    output: Size | Sizes = 2

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(AdaptiveAverage(pair(self.output)), (x,), "a")


class AdaptiveMaxPool2D(Layer, frozen=True, kw_only=True, tag="adaptive_max_pool2d"):
    """The largest cell of each of a fixed number of regions, for maps of any size; the first maximum wins a tie.

    Parameters
    ----------
    output : int or (int, int)
        Regions down and across: the size of the maps that it makes.
    """

    stem: ClassVar[str] = "adaptivemax"
    summary: ClassVar[str] = "Maps of any size become maps of one size: the largest cell of each region"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 5})

    output: Size | Sizes = 2

    def windows(self, height: int, width: int) -> Window | None:
        """The window that gives the regions if it moves by its own size; None if they differ in size or share cells."""
        sizes, output = (height, width), pair(self.output)
        if any(size % count for size, count in zip(sizes, output, strict=True)):
            return None
        kernel = height // output[0], width // output[1]
        return Window(kernel, kernel)

    def lower(self, build: Builder, x: str) -> str:
        _, _, h, w = maps_of(build, self.name, x)
        window = self.windows(h, w)
        if window is not None:
            return build.emit(MaxPool2D(window, NO_MARGINS), (x,), "a")
        return build.emit(RegionMax(pair(self.output)), (x,), "a")


class ReflectPad2D(Sided, frozen=True, kw_only=True, tag="reflect_pad2d"):
    """Rows and columns around the maps mirror those inside: as many as wanted on each side, but fewer than inside."""

    stem: ClassVar[str] = "reflect"
    summary: ClassVar[str] = "Rows and columns around every map mirror what lies inside"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.ReflectionPad2d(({left}, {right}, {top}, {bottom}))",
            "Keras": "layers.Lambda(lambda x: keras.ops.pad(x, "
            '((0, 0), ({top}, {bottom}), ({left}, {right}), (0, 0)), mode="reflect"))',
        }
    )

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(ReflectPad(self.top, self.bottom, self.left, self.right), (x,), "x_pad")


class Crop2D(Sided, frozen=True, kw_only=True, tag="crop2d"):
    """Rows and columns at the edges are cut off."""

    stem: ClassVar[str] = "crop"
    summary: ClassVar[str] = "Rows and columns at the edges of every map are cut off"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.ZeroPad2d((-{left}, -{right}, -{top}, -{bottom}))",
            "Keras": "layers.Cropping2D((({top}, {bottom}), ({left}, {right})))",
        }
    )

    def lower(self, build: Builder, x: str) -> str:
        _, _, h, w = maps_of(build, self.name, x)
        height, width = h - self.top - self.bottom, w - self.left - self.right
        if height < 1 or width < 1:
            raise ShapeError(
                f"{self.name}: cuts off all of its {h}×{w} maps",
                layer=self.name,
                field="top" if height < 1 else "left",
            )
        return build.emit(Trim2D(self.top, self.left, height, width), (x,), "a")
