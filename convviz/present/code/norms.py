"""Normalisation of every image by itself, in PyTorch and Keras."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.layers import GroupNorm, InstanceNorm, Layer, LayerNorm
from convviz.present.code.common import number
from convviz.present.code.exporter import Calls
from convviz.present.design.costs import LayerCosts

__all__ = ["KERAS_NORMS", "TORCH_NORMS", "keras_order"]


def torch_group(_design: Design, layer: GroupNorm, cost: LayerCosts) -> list[str]:
    """Group normalisation."""
    affine = "" if layer.affine else ", affine=False"
    return [f"nn.GroupNorm({layer.groups}, {cost.inputs[0]}, eps={number(layer.epsilon)}{affine})"]


def torch_instance(_design: Design, layer: InstanceNorm, cost: LayerCosts) -> list[str]:
    """Instance normalisation; PyTorch's own has no scale unless it is asked for."""
    return [f"nn.InstanceNorm2d({cost.inputs[0]}, eps={number(layer.epsilon)}, affine={layer.affine})"]


def torch_layer(_design: Design, layer: LayerNorm, cost: LayerCosts) -> list[str]:
    """Layer normalisation over all of an image."""
    affine = "" if layer.affine else ", elementwise_affine=False"
    return [f"nn.LayerNorm({list(cost.inputs)}, eps={number(layer.epsilon)}{affine})"]


def keras_group(_design: Design, layer: GroupNorm | InstanceNorm, cost: LayerCosts) -> list[str]:
    """Group normalisation; with as many groups as channels it is instance normalisation."""
    groups = layer.groups if isinstance(layer, GroupNorm) else cost.inputs[0]
    return [f"layers.GroupNormalization({groups}, epsilon={number(layer.epsilon)}{plain(layer)})"]


def keras_layer(_design: Design, layer: LayerNorm, cost: LayerCosts) -> list[str]:
    """Layer normalisation over all of an image."""
    axes = list(range(1, len(cost.inputs) + 1))
    return [f"layers.LayerNormalization({axes}, epsilon={number(layer.epsilon)}{plain(layer)})"]


def plain(layer: Any) -> str:
    """Arguments of one that has nothing to learn."""
    return "" if layer.affine else ", center=False, scale=False"


def keras_order(array: str, shape: Shape, maps: Shape) -> str:
    """The expression for an array of one number a cell, in Keras's order of axes.

    Parameters
    ----------
    array : str
    shape : tuple of int
        Of the array.
    maps : tuple of int
        What a row of features was before it was flattened, (1, 1, 1) if its order is that of convviz.
    """
    if len(shape) == 3:
        return f"{array}.transpose(1, 2, 0)"
    if maps[0] > 1 and maps[1] * maps[2] > 1:
        return f"{array}.reshape({', '.join(map(str, maps))}).transpose(1, 2, 0).reshape(-1)"
    return array


TORCH_NORMS: Mapping[type[Layer], Calls] = MappingProxyType(
    {GroupNorm: torch_group, InstanceNorm: torch_instance, LayerNorm: torch_layer}
)
KERAS_NORMS: Mapping[type[Layer], Calls] = MappingProxyType(
    {GroupNorm: keras_group, InstanceNorm: keras_group, LayerNorm: keras_layer}
)
