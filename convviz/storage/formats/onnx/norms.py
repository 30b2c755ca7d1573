"""Normalisation of every image by itself: InstanceNormalization, GroupNormalization and LayerNormalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import GroupNorm, InstanceNorm, LayerNorm
from convviz.storage.formats.onnx import scales
from convviz.storage.formats.onnx.assembly import Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError


def instance_norm(assembly: Assembly, node: Node) -> Value:
    """InstanceNormalization: every map by itself."""
    value = assembly.maps(assembly.value(node))
    weights = affine(assembly, node)
    layer = InstanceNorm(epsilon=node.attribute("epsilon", 1e-5), affine=bool(weights))
    return assembly.add(node, layer, [value], weights)


def group_norm(assembly: Assembly, node: Node) -> Value:
    """GroupNormalization; the scales of opset 18 are one for each group."""
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
    """A Reshape that begins group normalisation as PyTorch writes it; None if it begins nothing like that.

    ``Reshape (N, G, M), InstanceNormalization of ones, Reshape back``, mostly a Mul and an Add of a number a channel.
    """
    value = assembly.given(node, 0)
    if not isinstance(value, Value) or value.order or len(value.shape) != 4:
        return None
    [norm] = following(assembly, node, "InstanceNormalization")
    [back] = following(assembly, norm, "Reshape") if norm is not None else [None]
    if norm is None or back is None:
        return None
    shape, scale, shift = assembly.given(back, 1), assembly.given(norm, 1), assembly.given(norm, 2)
    if not all(isinstance(one, np.ndarray) for one in (shape, scale, shift)):
        return None
    lengths = tuple(int(one) for one in np.asarray(shape).reshape(-1))
    plain = bool((np.asarray(scale) == 1).all()) and not np.asarray(shift).any()
    alike = len(lengths) == 4 and all(
        length in (real, 0, -1) for length, real in zip(lengths, value.shape, strict=True)
    )
    if not plain or not alike:
        return None
    [times] = following(assembly, back, "Mul")
    [plus] = following(assembly, times, "Add") if times is not None else [None]
    weights: dict[str, Array] = {}
    made = [norm, back]
    if plus is not None and None not in (scales.constant_of(assembly, times), scales.constant_of(assembly, plus)):
        for name, one in (("scale", times), ("shift", plus)):
            weights[name] = scales.per_channel(assembly, one, scales.constant_of(assembly, one) or 0, value)
        made += [times, plus]
    epsilon = norm.attribute("epsilon", 1e-5)
    layer = GroupNorm(groups=np.asarray(scale).size, affine=bool(weights), epsilon=epsilon)
    found = assembly.add(norm, layer, [value], weights)
    for one in made:
        assembly.values[one.outputs[0]] = found
    return found


def following(assembly: Assembly, node: Node, op: str) -> list[Any]:
    """The one node that reads a node's output, if it is of this kind."""
    readers = assembly.readers(node.outputs[0])
    return readers if len(readers) == 1 and readers[0].op == op else [None]


def layer_norm(assembly: Assembly, node: Node) -> Value:
    """LayerNormalization over all of an image."""
    value = assembly.value(node)
    axis = node.attribute("axis", -1)
    if axis % max(len(value.shape), 1) != 1 or value.features is not None or value.order:
        raise UnknownNodeError("it normalises all values of an image here, got fewer axes")
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


def affine(assembly: Assembly, node: Node) -> dict[str, Array]:
    """The scale and the shift; none if they change nothing, which is how a layer without any is written."""
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
    names = affine_names(writer, layer, writer.shapes[inputs[0]][1:])
    return writer.node(  # type: ignore[no-any-return]
        layer, "LayerNormalization", [*inputs, *names], axis=1, epsilon=layer.epsilon
    )


def affine_names(writer: Any, layer: Any, shape: tuple[int, ...]) -> list[str]:
    """Names of the scale and the shift; constants that change nothing where the layer has none."""
    if layer.affine:
        return [f"{layer.name}.scale", f"{layer.name}.shift"]
    return [
        writer.constant(layer, "scale", np.ones(shape, np.float32)),
        writer.constant(layer, "shift", np.zeros(shape, np.float32)),
    ]
