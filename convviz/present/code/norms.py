"""Normalisation within each image, scales and PReLU, in PyTorch and Keras."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.layers import GroupNorm, InstanceNorm, Layer, LayerNorm, PReLU, Rescale, ScaleShift
from convviz.present.code.common import number
from convviz.present.code.exporter import Calls
from convviz.present.design.layer_costs import LayerCosts

__all__ = [
    "KERAS_NORMS",
    "KERAS_SCALE",
    "TORCH_CHANNEL_NORM",
    "TORCH_NORMS",
    "TORCH_SCALE",
    "keras_order",
    "over_channels",
]


def torch_group(_design: Design, layer: GroupNorm, cost: LayerCosts) -> list[str]:
    """Group normalisation."""
    affine = "" if layer.affine else ", affine=False"
    return [f"nn.GroupNorm({layer.groups}, {cost.inputs[0]}, eps={number(layer.epsilon)}{affine})"]


def torch_instance(_design: Design, layer: InstanceNorm, cost: LayerCosts) -> list[str]:
    """Instance normalisation; PyTorch's own has no scale unless it is asked for."""
    return [f"nn.InstanceNorm2d({cost.inputs[0]}, eps={number(layer.epsilon)}, affine={layer.affine})"]


def torch_layer(_design: Design, layer: LayerNorm, cost: LayerCosts) -> list[str]:
    """Layer normalisation over all of an image, or over the channels of every place."""
    affine = "" if layer.affine else ", elementwise_affine=False"
    if over_channels(layer, cost):
        return [f"ChannelNorm({cost.inputs[0]}, eps={number(layer.epsilon)}{affine})"]
    return [f"nn.LayerNorm({list(cost.inputs)}, eps={number(layer.epsilon)}{affine})"]


def torch_prelu(_design: Design, layer: PReLU, cost: LayerCosts) -> list[str]:
    """PReLU."""
    return [f"nn.PReLU({1 if layer.shared else cost.inputs[0]}, init={number(layer.slope)})"]


def torch_scale(_design: Design, _layer: ScaleShift, cost: LayerCosts) -> list[str]:
    """A learned scale and shift of every channel."""
    return [f"Scale({cost.inputs[0]})"]


def torch_rescale(_design: Design, layer: Rescale, _cost: LayerCosts) -> list[str]:
    """A fixed scale and shift."""
    return [f"Apply(lambda x: {number(layer.scale)} * x + {number(layer.shift)})"]


def keras_prelu(_design: Design, layer: PReLU, cost: LayerCosts) -> list[str]:
    """PReLU; Keras has a slope for every cell unless axes share them."""
    axes = [1, 2] if len(cost.inputs) == 3 else []
    if layer.shared:
        axes.append(len(cost.inputs))
    shared = f", shared_axes={axes}" if axes else ""
    return [f"layers.PReLU(alpha_initializer=initializers.Constant({number(layer.slope)}){shared})"]


def keras_scale(_design: Design, _layer: ScaleShift, _cost: LayerCosts) -> list[str]:
    """A learned scale and shift of every channel."""
    return ["Scale()"]


def keras_group(_design: Design, layer: GroupNorm | InstanceNorm, cost: LayerCosts) -> list[str]:
    """Group normalisation; with as many groups as channels it is instance normalisation."""
    groups = layer.groups if isinstance(layer, GroupNorm) else cost.inputs[0]
    return [f"layers.GroupNormalization({groups}, epsilon={number(layer.epsilon)}{plain(layer)})"]


def keras_layer(_design: Design, layer: LayerNorm, cost: LayerCosts) -> list[str]:
    """Layer normalisation over all of an image, or over the channels of every place, which are the last axis."""
    axes = -1 if over_channels(layer, cost) else list(range(1, len(cost.inputs) + 1))
    return [f"layers.LayerNormalization({axes}, epsilon={number(layer.epsilon)}{plain(layer)})"]


def over_channels(layer: LayerNorm, cost: LayerCosts) -> bool:
    """Whether it normalises the channels of every place."""
    return layer.over == "channels" and len(cost.inputs) == 3


def plain(layer: Any) -> str:
    """Arguments of a normalisation that learns no scale and shift; empty if it does."""
    return "" if layer.affine else ", center=False, scale=False"


def keras_order(array: str, shape: Shape, maps: Shape) -> str:
    """The expression for an array of one number a cell, in Keras's order of axes.

    Parameters
    ----------
    array : str
    shape : tuple of int
        Shape of the array.
    maps : tuple of int
        The maps that a row of features was flattened from; (1, 1, 1) if the row is in convviz's order.
    """
    if len(shape) == 3:
        return f"{array}.transpose(1, 2, 0)"
    if maps[0] > 1 and maps[1] * maps[2] > 1:
        return f"{array}.reshape({', '.join(map(str, maps))}).transpose(1, 2, 0).reshape(-1)"
    return array


TORCH_NORMS: Mapping[type[Layer], Calls] = MappingProxyType(
    {
        GroupNorm: torch_group,
        InstanceNorm: torch_instance,
        LayerNorm: torch_layer,
        PReLU: torch_prelu,
        ScaleShift: torch_scale,
        Rescale: torch_rescale,
    }
)
KERAS_NORMS: Mapping[type[Layer], Calls] = MappingProxyType(
    {
        GroupNorm: keras_group,
        InstanceNorm: keras_group,
        LayerNorm: keras_layer,
        PReLU: keras_prelu,
        ScaleShift: keras_scale,
    }
)
TORCH_SCALE = (
    "",
    "class Scale(nn.Module):",
    '    """A learned scale and shift of every channel."""',
    "",
    "    def __init__(self, channels):",
    "        super().__init__()",
    "        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))",
    "",
    "    def forward(self, x):",
    "        shape = (-1, *(1,) * (x.ndim - 2))",
    "        return x * self.weight.view(shape) + self.bias.view(shape)",
    "",
    "",
)
"""A module that PyTorch lacks."""
TORCH_CHANNEL_NORM = (
    "",
    "class ChannelNorm(nn.LayerNorm):",
    '    """Layer normalisation of the channels of every place."""',
    "",
    "    def forward(self, x):",
    "        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)",
    "",
    "",
)
"""Another one: PyTorch's own layer normalisation goes over the last axes."""
KERAS_SCALE = (
    "",
    "class Scale(layers.Layer):",
    '    """A learned scale and shift of every channel."""',
    "",
    "    def build(self, shape):",
    '        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")',
    '        self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros", name="beta")',
    "",
    "    def call(self, x):",
    "        return x * self.gamma + self.beta",
    "",
    "",
)
"""A layer that Keras lacks."""
