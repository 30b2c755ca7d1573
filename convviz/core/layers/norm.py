"""Layers that behave differently in training and in evaluation: batch normalisation and dropout."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.arrays import Axis, Role
from convviz.core.errors import ShapeError
from convviz.core.layers.base import Layer, maps_of
from convviz.core.ops import norm, response_norm
from convviz.core.ops.dropout import Dropout as DropoutOp
from convviz.core.program import Builder


class BatchNorm2D(Layer, frozen=True, kw_only=True, tag="batch_norm2d"):
    """Every channel gets mean 0 and variance 1, then a learned scale and shift.

    In training mean and variance are those of the minibatch, and running statistics follow them; in evaluation the
    running statistics take their place.

    Parameters
    ----------
    momentum : float
        ρ of the running statistics r: r ← (1 − ρ) r + ρ · the minibatch's statistic.
    epsilon : float
        Keeps the division finite.
    """

    stem: ClassVar[str] = "bn"
    summary: ClassVar[str] = "Every channel is brought to mean 0 and variance 1, then scaled and shifted"

    momentum: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.1
    epsilon: Annotated[float, Meta(gt=0.0, le=1.0)] = 1e-5

    def lower(self, build: Builder, x: str) -> str:
        layer = self.name
        _, c, h, w = maps_of(build, layer, x)
        per = (Axis.CHANNEL,)
        scale = build.parameter(f"{layer}.scale", (c,), per, 1.0)
        shift = build.parameter(f"{layer}.shift", (c,), per, 0.0)
        mean = build.state(f"{layer}.running_mean", (c,), per, 0.0)
        variance = build.state(f"{layer}.running_variance", (c,), per, 1.0)
        cells = build.divisor * h * w if build.train else 0
        if build.train:
            running = (mean, variance)
            mean = build.emit(norm.ChannelMean(cells), (x,), "mean")
        centred = build.emit(norm.Centre(), (x, mean), "centred")
        if build.train:
            variance = build.emit(norm.ChannelVariance(cells), (centred,), "variance")
            correction = cells / max(cells - 1, 1)
            build.renew_later(norm.RunningStatistic(self.momentum), (running[0], mean))
            build.renew_later(norm.RunningStatistic(self.momentum, correction), (running[1], variance))
        x_hat = build.emit(norm.Normalise(self.epsilon, cells), (centred, variance), "x_hat")
        return build.emit(norm.ScaleShift(), (x_hat, scale, shift), "z")


class Dropout(Layer, frozen=True, kw_only=True, tag="dropout"):
    """In training, random units are set to zero; in evaluation nothing changes.

    Parameters
    ----------
    rate : float
        Probability p that a unit is set to zero; the others are multiplied by 1/(1 − p).
    """

    stem: ClassVar[str] = "dropout"
    summary: ClassVar[str] = "While training, randomly chosen units are set to zero"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Dropout({rate})", "Keras": "layers.Dropout({rate})"}
    )

    rate: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.5

    def lower(self, build: Builder, x: str) -> str:
        if not build.train or not self.rate:
            return x
        mask = f"{self.name}.mask"
        build.source(mask, build.arrays[x].shape, Role.MASK, build.arrays[x].axes)
        build.masks[mask] = self.rate
        return build.emit(DropoutOp(), (x, mask), "a")


class LocalResponseNorm(Layer, frozen=True, kw_only=True, tag="local_response_norm"):
    """Every number is divided by a power of the sum of squares at the same place in neighbouring channels.

    Parameters
    ----------
    size : int
        Channels in the window; odd.
    alpha, beta, k : float
        ``z = x / (k + alpha/size · Σ x²)^beta``.
    """

    stem: ClassVar[str] = "lrn"
    summary: ClassVar[str] = "Numbers are made small where neighbouring channels have large ones, as in AlexNet"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.LocalResponseNorm({size}, {alpha}, {beta}, {k})",
            "ONNX": "LRN(size={size}, alpha={alpha}, beta={beta}, bias={k})",
        }
    )

    size: Annotated[int, Meta(ge=1, le=1023)] = 5
    alpha: Annotated[float, Meta(ge=0.0, le=1e3)] = 1e-4
    beta: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.75
    k: Annotated[float, Meta(gt=0.0, le=1e3)] = 1.0

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        if self.size % 2 == 0:
            raise ShapeError(f"{self.name}: expected an odd size, got {self.size}", layer=self.name, field="size")
        s = build.emit(response_norm.ResponseScale(self.size, self.alpha, self.k), (x,), "squares")
        return build.emit(response_norm.ResponseDivide(self.beta), (x, s), "z", role=build.arrays[x].role)
