"""Features: maps laid out as one row, and the layer in which every unit weighs every feature."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.arrays import Axis
from convviz.core.errors import ShapeError
from convviz.core.init import Init
from convviz.core.layers.base import Count, Layer, maps_of
from convviz.core.ops.dense import AddUnitBias, DenseProduct
from convviz.core.ops.reshape import Flatten as FlattenOp
from convviz.core.program import Builder
from convviz.plurals import counted


class Flatten(Layer, frozen=True, kw_only=True, tag="flatten"):
    """All maps of an image as one row of features."""

    stem: ClassVar[str] = "flatten"
    summary: ClassVar[str] = "All maps of an image become one row of features"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Flatten()", "Keras": "layers.Flatten()", "ONNX": "Flatten()"}
    )

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(FlattenOp(), (x,), "flat")


class Dense(Layer, frozen=True, kw_only=True, tag="dense"):
    """``z = x · W + b``: every unit weighs every feature.

    Parameters
    ----------
    units : int
    bias : bool
    init : Init, optional
        None uses the design's.
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
                f"{layer}: expects one row of features per image, got {counted(shape[1], 'map')} of "
                f"{shape[2]}×{shape[3]}; put a "
                "Flatten before it",
                layer=layer,
            )
        weight = build.parameter(f"{layer}.weight", (shape[1], self.units), (Axis.FEATURE, Axis.UNIT))
        z = build.emit(DenseProduct(), (x, weight), "xw" if self.bias else "z")
        if self.bias:
            bias = build.parameter(f"{layer}.bias", (self.units,), (Axis.UNIT,), self.bias_init)
            z = build.emit(AddUnitBias(), (z, bias), "z")
        return z
