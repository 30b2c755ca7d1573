"""Layers that scale and shift: each channel by numbers that are learned, or everything by two that are fixed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.layers.base import Layer
from convviz.core.ops import norm, rescale
from convviz.core.ops.cell_affine import CellAffine
from convviz.core.program import Builder


class ScaleShift(Layer, frozen=True, kw_only=True, tag="scale_shift"):
    """Every channel (or feature of a row) times a learned number, plus another: the last part of a normalisation."""

    stem: ClassVar[str] = "scale"
    summary: ClassVar[str] = "Every channel is multiplied by a learned number, and another is added"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    def lower(self, build: Builder, x: str) -> str:
        spec = build.arrays[x]
        per = spec.axes[1:2]
        scale = build.parameter(f"{self.name}.scale", spec.shape[1:2], per, 1.0)
        shift = build.parameter(f"{self.name}.shift", spec.shape[1:2], per, 0.0)
        op = norm.ScaleShift() if len(spec.shape) == 4 else CellAffine()
        return build.emit(op, (x, scale, shift), "z")


class Rescale(Layer, frozen=True, kw_only=True, tag="rescale"):
    """``scale·x + shift`` with two constants, which training does not change.

    Parameters
    ----------
    scale, shift : float
    """

    stem: ClassVar[str] = "rescale"
    summary: ClassVar[str] = "Every number is multiplied by one constant, and another is added"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({"Keras": "layers.Rescaling({scale}, {shift})"})

    scale: Annotated[float, Meta(ge=-1e6, le=1e6)] = 1.0
    shift: Annotated[float, Meta(ge=-1e6, le=1e6)] = 0.0

    def lower(self, build: Builder, x: str) -> str:
        return build.emit(rescale.Rescale(self.scale, self.shift), (x,), "z")
