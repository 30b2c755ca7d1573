"""Activations: one number in, one number out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.arrays import Axis
from convviz.core.errors import ShapeError
from convviz.core.layers.base import ActivationLayer, Layer
from convviz.core.ops import activation as ops
from convviz.core.ops import clip, hard_swish, prelu
from convviz.core.ops.activation import Activation
from convviz.core.ops.channel_softmax import ChannelSoftmax
from convviz.core.ops.elu import Elu
from convviz.core.ops.gelu import Approximate, Gelu, GeluTanh
from convviz.core.ops.silu import Silu
from convviz.core.program import Builder


class ReLU(ActivationLayer, frozen=True, kw_only=True, tag="relu"):
    """max(0, x), cell by cell."""

    op: ClassVar[type[Activation]] = ops.Relu
    stem: ClassVar[str] = "relu"
    summary: ClassVar[str] = "What is negative becomes zero"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.ReLU()", "Keras": "layers.ReLU()", "ONNX": "Relu()"}
    )


class LeakyReLU(ActivationLayer, frozen=True, kw_only=True, tag="leaky_relu"):
    """``x`` where positive, ``slope·x`` where negative.

    Parameters
    ----------
    slope : float
        0 … 1.
    """

    op: ClassVar[type[Activation]] = ops.LeakyRelu
    stem: ClassVar[str] = "leaky"
    summary: ClassVar[str] = "What is negative becomes small"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.LeakyReLU({slope})",
            "Keras": "layers.LeakyReLU(negative_slope={slope})",
            "ONNX": "LeakyRelu(alpha={slope})",
        }
    )

    slope: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.01


class Sigmoid(ActivationLayer, frozen=True, kw_only=True, tag="sigmoid"):
    """1 / (1 + e^−x), cell by cell."""

    op: ClassVar[type[Activation]] = ops.Sigmoid
    stem: ClassVar[str] = "sigmoid"
    summary: ClassVar[str] = "Every number is squeezed into the range from 0 to 1"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Sigmoid()", "Keras": 'layers.Activation("sigmoid")', "ONNX": "Sigmoid()"}
    )


class Tanh(ActivationLayer, frozen=True, kw_only=True, tag="tanh"):
    """``tanh x``, cell by cell."""

    op: ClassVar[type[Activation]] = ops.Tanh
    stem: ClassVar[str] = "tanh"
    summary: ClassVar[str] = "Every number is squeezed into the range from −1 to 1"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Tanh()", "Keras": 'layers.Activation("tanh")', "ONNX": "Tanh()"}
    )


class GELU(Layer, frozen=True, kw_only=True, tag="gelu"):
    """x·Φ(x), cell by cell.

    Parameters
    ----------
    approximate : str
        ``none``: Φ from the error function. ``tanh``: the older approximation of it.
    """

    stem: ClassVar[str] = "gelu"
    summary: ClassVar[str] = "A smooth ReLU: numbers are weighted by how large they are"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({"ONNX": "Gelu(approximate={approximate})"})

    approximate: Approximate = "none"

    def lower(self, build: Builder, x: str) -> str:
        return build.emit(GeluTanh() if self.approximate == "tanh" else Gelu(), (x,), "a")


class ELU(ActivationLayer, frozen=True, kw_only=True, tag="elu"):
    """``x`` where positive, ``alpha·(e^x − 1)`` where negative.

    Parameters
    ----------
    alpha : float
        Large negative inputs approach ``−alpha``; 0 … 10.
    """

    op: ClassVar[type[Activation]] = Elu
    stem: ClassVar[str] = "elu"
    summary: ClassVar[str] = "What is negative bends towards a small negative number"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.ELU({alpha})", "Keras": "layers.ELU(alpha={alpha})", "ONNX": "Elu(alpha={alpha})"}
    )

    alpha: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.0


class SiLU(ActivationLayer, frozen=True, kw_only=True, tag="silu"):
    """``x·σ(x)``, cell by cell; also called Swish."""

    op: ClassVar[type[Activation]] = Silu
    stem: ClassVar[str] = "silu"
    summary: ClassVar[str] = "A smooth ReLU: every number is multiplied by its own sigmoid"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.SiLU()", "Keras": 'layers.Activation("silu")'}
    )


class HardSwish(ActivationLayer, frozen=True, kw_only=True, tag="hard_swish"):
    """``x·min(max(x + 3, 0), 6)/6``, cell by cell."""

    op: ClassVar[type[Activation]] = hard_swish.HardSwish
    stem: ClassVar[str] = "hardswish"
    summary: ClassVar[str] = "SiLU in three pieces, cheap to compute"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Hardswish()", "Keras": 'layers.Activation("hard_silu")', "ONNX": "HardSwish()"}
    )


class Clip(ActivationLayer, frozen=True, kw_only=True, tag="clip"):
    """``min(max(x, low), high)``, cell by cell; with the defaults it is called ReLU6.

    Parameters
    ----------
    low, high : float
        The bounds.
    """

    op: ClassVar[type[Activation]] = clip.Clip
    stem: ClassVar[str] = "clip"
    summary: ClassVar[str] = "Numbers outside two bounds become the nearer bound; from 0 to 6 it is ReLU6"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "nn.Hardtanh({low}, {high})",
            "Keras": "layers.Lambda(lambda x: keras.ops.clip(x, {low}, {high}))",
        }
    )

    low: Annotated[float, Meta(ge=-1e6, le=1e6)] = 0.0
    high: Annotated[float, Meta(ge=-1e6, le=1e6)] = 6.0

    def lower(self, build: Builder, x: str) -> str:
        if self.low >= self.high:
            raise ShapeError(
                f"{self.name}: expected a lower bound below the upper one, got {self.low:g} and {self.high:g}",
                layer=self.name,
                field="low",
            )
        return super().lower(build, x)


class HardSigmoid(ActivationLayer, frozen=True, kw_only=True, tag="hard_sigmoid"):
    """``min(max(x + 3, 0), 6)/6``, cell by cell."""

    op: ClassVar[type[Activation]] = clip.HardSigmoid
    stem: ClassVar[str] = "hardsigmoid"
    summary: ClassVar[str] = "Sigmoid in three straight pieces, cheap to compute"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Hardsigmoid()", "Keras": 'layers.Activation("hard_sigmoid")'}
    )


class PReLU(Layer, frozen=True, kw_only=True, tag="prelu"):
    """``x`` where positive, ``s·x`` where negative, with slopes s that are learned.

    Parameters
    ----------
    slope : float
        Initial value of every slope.
    shared : bool
        Whether one slope serves all channels; else every channel (or feature of a row) has its own.
    """

    stem: ClassVar[str] = "prelu"
    summary: ClassVar[str] = "What is negative is multiplied by a slope that is learned"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    slope: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.25
    shared: bool = False

    def lower(self, build: Builder, x: str) -> str:
        spec = build.arrays[x]
        channels, per = spec.shape[1], spec.axes[1:2]
        if not self.shared:
            slope = build.parameter(f"{self.name}.slope", (channels,), per, self.slope)
        else:
            one = build.parameter(f"{self.name}.slope", (1,), (Axis.CHANNEL,), self.slope)
            slope = build.emit(prelu.Repeat(channels, per), (one,), "slopes")
        return build.emit(prelu.PRelu(), (x, slope), "a")


class Softmax(Layer, frozen=True, kw_only=True, tag="softmax"):
    """Shares that sum to 1 over the channels of every place, or over a row of features."""

    stem: ClassVar[str] = "softmax"
    summary: ClassVar[str] = "At every place the channels become shares that sum to 1"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Softmax(dim=1)", "Keras": "layers.Softmax(axis=-1)"}
    )

    def lower(self, build: Builder, x: str) -> str:
        if build.arrays[x].shape[1] == 1:
            raise ShapeError(
                f"{self.name}: expected two channels or more, got one, whose share is always 1", layer=self.name
            )
        return build.emit(ChannelSoftmax(), (x,), "p")
