"""Converts normalisation within each image: InstanceNormalization, GroupNormalization and LayerNormalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import GroupNorm, InstanceNorm, LayerNorm
from convviz.storage.formats.onnx import scales
from convviz.storage.formats.onnx.assembly import CHANNELS_LAST, Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError

CHANNELS_FIRST = (0, 3, 1, 2)
"""The permutation of axes that turns channels last into channels first."""


def instance_norm(assembly: Assembly, node: Node) -> Value:
    """InstanceNormalization: each map is normalised by itself."""
    value = assembly.maps(assembly.value(node))
    weights = affine(assembly, node)
    layer = InstanceNorm(epsilon=node.attribute("epsilon", 1e-5), affine=bool(weights))
    return assembly.add(node, layer, [value], weights)


def group_norm(assembly: Assembly, node: Node) -> Value:
    """GroupNormalization; in opset 18 it has one scale per group instead of one per channel."""
    value = assembly.maps(assembly.value(node))
    groups, channels = node.attribute("num_groups", 0), value.shape[1]
    weights = affine(assembly, node)
    if groups and channels % groups == 0:
        weights = {
            name: np.repeat(array, channels // groups) if array.shape == (groups,) != (channels,) else array
            for name, array in weights.items()
        }
    layer = GroupNorm(groups=groups, epsilon=node.attribute("epsilon", 1e-5), affine=bool(weights))
    return assembly.add(node, layer, [value], weights)


def grouped(assembly: Assembly, node: Node) -> Value | None:
    """Group normalisation as PyTorch writes it, if this Reshape begins one; else None.

    PyTorch writes ``Reshape (N, G, M)``, InstanceNormalization with scale 1 and shift 0, ``Reshape`` back, and mostly a
    Mul and an Add with one number per channel.
    """
    value = assembly.given(node, 0)
    if not isinstance(value, Value) or value.order or len(value.shape) != 4:
        return None
    norm = assembly.following(node, "InstanceNormalization")
    back = assembly.following(norm, "Reshape")
    if norm is None or back is None:
        return None
    shape, scale, shift = (assembly.foreseen(name) for name in (back.inputs[1], *norm.inputs[1:3]))
    if shape is None or scale is None or shift is None:
        return None
    lengths = tuple(int(one) for one in shape.reshape(-1))
    plain = bool((scale == 1).all()) and not shift.any()
    alike = len(lengths) == 4 and all(
        length in (real, 0, -1) for length, real in zip(lengths, value.shape, strict=True)
    )
    if not plain or not alike:
        return None
    times = assembly.following(back, "Mul")
    plus = assembly.following(times, "Add")
    weights: dict[str, Array] = {}
    made = [norm, back]
    if (
        times is not None
        and plus is not None
        and None not in (scales.constant_of(assembly, times), scales.constant_of(assembly, plus))
    ):
        for name, one in (("scale", times), ("shift", plus)):
            weights[name] = scales.per_channel(assembly, one, scales.constant_of(assembly, one) or 0, value)
        made += [times, plus]
    epsilon = norm.attribute("epsilon", 1e-5)
    layer = GroupNorm(groups=scale.size, affine=bool(weights), epsilon=epsilon)
    found = assembly.add(norm, layer, [value], weights)
    for one in made:
        assembly.values[one.outputs[0]] = found
    return found


def layer_norm(assembly: Assembly, node: Node) -> Value:
    """LayerNormalization over a whole image, or over the channels at each position if they are the last axis."""
    value = assembly.value(node)
    axis, rank = node.attribute("axis", -1), max(len(value.shape), 1)
    if value.order == CHANNELS_LAST and axis % rank == rank - 1:
        return over_channels(assembly, node, value)
    if axis % rank != 1 or value.features is not None or value.order:
        raise UnknownNodeError("it expects all axes of an image, or the channels as the last axis, got other axes")
    shape = value.shape[1:]
    weights = affine(assembly, node)
    for name, array in weights.items():
        try:
            weights[name] = np.broadcast_to(array, shape)
        except ValueError:
            raise UnknownNodeError(f"it expects a {name} of {words(shape)} numbers, got {words(array.shape)}") from None
    return assembly.add(
        node, LayerNorm(epsilon=node.attribute("epsilon", 1e-5), affine=bool(weights)), [value], weights
    )


def over_channels(assembly: Assembly, node: Node, value: Value) -> Value:
    """LayerNormalization over the channels of maps that have their channels last."""
    channels = value.shape[-1]
    weights = affine(assembly, node)
    for name, array in weights.items():
        if array.size not in (1, channels):
            raise UnknownNodeError(f"it expects a {name} of {channels} numbers, got {words(array.shape)}")
        weights[name] = np.broadcast_to(array.reshape(-1), (channels,))
    layer = LayerNorm(over="channels", epsilon=node.attribute("epsilon", 1e-5), affine=bool(weights))
    return assembly.alike(node, layer, value, weights)


def affine(assembly: Assembly, node: Node) -> dict[str, Array]:
    """Scale and shift; empty if they change nothing, because a layer without them is written with 1 and 0."""
    scale = assembly.constant(node, 1, "its scale")
    shift = np.zeros_like(scale) if assembly.given(node, 2) is None else assembly.constant(node, 2, "its shift")
    return {"scale": scale, "shift": shift} if (scale != 1).any() or shift.any() else {}


# --- out -------------------------------------------------------------------------------------------------------------


def write_group(writer: Any, layer: GroupNorm, inputs: Sequence[str]) -> str:
    """Group normalisation."""
    names = affine_names(writer, layer, writer.shapes[inputs[0]][1:2])
    return writer.node(  # type: ignore[no-any-return]
        layer, "GroupNormalization", [*inputs, *names], num_groups=layer.groups, epsilon=layer.epsilon
    )


def write_instance(writer: Any, layer: InstanceNorm, inputs: Sequence[str]) -> str:
    """Instance normalisation."""
    names = affine_names(writer, layer, writer.shapes[inputs[0]][1:2])
    return writer.node(  # type: ignore[no-any-return]
        layer, "InstanceNormalization", [*inputs, *names], epsilon=layer.epsilon
    )


def write_layer(writer: Any, layer: LayerNorm, inputs: Sequence[str]) -> str:
    """Layer normalisation."""
    shape = writer.shapes[inputs[0]]
    if layer.over == "channels" and len(shape) == 4:
        names = affine_names(writer, layer, shape[1:2])
        last = writer.node(layer, "Transpose", inputs, "channels_last", first=False, perm=CHANNELS_LAST)
        made = writer.node(layer, "LayerNormalization", [last, *names], "normalised", axis=-1, epsilon=layer.epsilon)
        return writer.node(layer, "Transpose", [made], first=False, perm=CHANNELS_FIRST)  # type: ignore[no-any-return]
    names = affine_names(writer, layer, shape[1:])
    return writer.node(  # type: ignore[no-any-return]
        layer, "LayerNormalization", [*inputs, *names], axis=1, epsilon=layer.epsilon
    )


def affine_names(writer: Any, layer: Any, shape: tuple[int, ...]) -> list[str]:
    """Names of the scale and the shift; those of new constants 1 and 0 if the layer has none."""
    if layer.affine:
        return [f"{layer.name}.scale", f"{layer.name}.shift"]
    return [
        writer.constant(layer, "scale", np.ones(shape, np.float32)),
        writer.constant(layer, "shift", np.zeros(shape, np.float32)),
    ]
