"""Converts dense layers, and operators that change the shape of a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import ChannelShuffle, Conv2D, Dense
from convviz.plurals import counted
from convviz.storage.formats.onnx import norms, regions
from convviz.storage.formats.onnx.assembly import CHANNELS_LAST, Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError


def gemm(assembly: Assembly, node: Node) -> Value:
    """Gemm: a dense layer."""
    if node.attribute("transA", 0):
        raise UnknownNodeError("a row of features can't be transposed")
    weight = assembly.constant(node, 1, "its weights")
    weight = node.attribute("alpha", 1.0) * (weight.T if node.attribute("transB", 0) else weight)
    bias = None
    if assembly.given(node, 2) is not None:
        bias = node.attribute("beta", 1.0) * assembly.constant(node, 2, "its bias")
    return dense(assembly, node, weight, bias)


def matmul(assembly: Assembly, node: Node) -> Value:
    """MatMul: a dense layer, with the bias if an Add of one follows; or an adaptive mean."""
    if isinstance(assembly.given(node, 0), np.ndarray):
        return regions.mean(assembly, node)
    weight = assembly.constant(node, 1, "its weights")
    readers = assembly.readers(node.outputs[0])
    if len(readers) == 1 and readers[0].op == "Add" and node.outputs[0] != assembly.graph.output:
        [add] = readers
        other = next((name for name in add.inputs if name != node.outputs[0]), "")
        bias = assembly.values.get(other)
        if isinstance(bias, np.ndarray) and weight.ndim == 2 and bias.size == weight.shape[1]:
            found = dense(assembly, node, weight, bias)
            assembly.values[add.outputs[0]] = found
            return found
    return dense(assembly, node, weight, None)


def dense(assembly: Assembly, node: Node, weight: Array, bias: Array | None) -> Value:
    """Add a dense layer with weights (features, units)."""
    if weight.ndim != 2:
        raise UnknownNodeError(f"it expects weights of features × units, got {words(weight.shape)}")
    value = assembly.value(node)
    if value.order == CHANNELS_LAST and node.op == "MatMul":
        return at_every_place(assembly, node, value, weight, bias)
    value = assembly.row(value)
    if value.features is not None:
        if len(value.features) != len(weight):
            raise UnknownNodeError(f"it expects weights for {len(value.features)} features, got {len(weight)}")
        ours = np.empty_like(weight)
        ours[value.features] = weight
        weight = ours
    units = weight.shape[1]
    weights = {"weight": weight}
    if bias is not None:
        if bias.size not in (1, units):
            raise UnknownNodeError(f"it expects a bias of {counted(units, 'number')}, got {words(bias.shape)}")
        weights["bias"] = np.broadcast_to(bias.reshape(-1), (units,))
    return assembly.add(node, Dense(units=units, bias=bias is not None), [value], weights)


def at_every_place(assembly: Assembly, node: Node, value: Value, weight: Array, bias: Array | None) -> Value:
    """A dense layer applied along the last axis, the channels, at each position: a 1×1 convolution."""
    weights = {"weight": weight.T[:, :, None, None]}
    if bias is not None:
        weights["bias"] = np.broadcast_to(bias.reshape(-1), weight.shape[1:])
    layer = Conv2D(filters=weight.shape[1], kernel=1, bias=bias is not None)
    made = assembly.alike(node, layer, value, weights)
    return replace(made, shape=(*value.shape[:3], weight.shape[1]))


def flatten(assembly: Assembly, node: Node) -> Value:
    """Flatten to a row of features."""
    value = assembly.value(node)
    if node.attribute("axis", 1) % max(len(value.shape), 1) != 1 and len(value.shape) > 1:
        raise UnknownNodeError("it expects a whole image to become one row, got another axis")
    return assembly.row(value)


def reshape(assembly: Assembly, node: Node) -> Value:
    """Reshape to a row of features, to the same shape or for a channel shuffle; or the start of group normalisation."""
    found = norms.grouped(assembly, node)
    if found is not None:
        return found
    value = assembly.value(node)
    wanted = assembly.known(node, 1, "shape")
    return reshaped(assembly, node, value, resolved(value.shape, wanted))


def reshaped(assembly: Assembly, node: Node, value: Value, shape: tuple[int, ...]) -> Value:
    """The value in another shape.

    Raises
    ------
    UnknownNodeError
        No layer makes that shape.
    """
    inner = assembly.inner(value)
    if value.turned and shape in (inner, (1, prod(inner))):
        value = assembly.add(node, ChannelShuffle(groups=value.groups), [replace(value, shape=inner, groups=0)])
    elif value.groups and shape == inner:
        return replace(value, shape=inner, groups=0)
    if shape == value.shape:
        return value
    if len(shape) == 2 and shape[0] == 1:
        return assembly.row(value)
    if len(shape) == 5 and len(inner) == 4 and not value.order and (1, shape[1] * shape[2], *shape[3:]) == inner:
        return replace(value, shape=shape, groups=shape[1], turned=False)
    if len(inner) == 2 and shape == (1, inner[1], 1, 1):
        return replace(value, shape=shape)
    raise UnknownNodeError(f"it expects maps to become a row of features, got {words(shape[1:])}")


def resolved(before: tuple[int, ...], wanted: Sequence[int]) -> tuple[int, ...]:
    """The shape that a Reshape asks for: 0 keeps a length, and one -1 is inferred from the others.

    Raises
    ------
    UnknownNodeError
        It would change the number of cells.
    """
    shape = [before[i] if length == 0 and i < len(before) else length for i, length in enumerate(wanted)]
    if shape.count(-1) == 1:
        rest = prod(length for length in shape if length != -1)
        shape[shape.index(-1)] = prod(before) // rest if rest else 0
    if prod(shape) != prod(before):
        raise UnknownNodeError(f"{words(before)} numbers can't become {words(wanted)}")
    return tuple(shape)


def squeeze(assembly: Assembly, node: Node) -> Value:
    """Squeeze: remove axes of length 1."""
    value = assembly.value(node)
    axes = assembly.known(node, 1, "axes")
    gone = {axis % len(value.shape) for axis in axes} or {i for i, n in enumerate(value.shape) if n == 1 and i}
    shape = tuple(length for i, length in enumerate(value.shape) if i not in gone)
    return reshaped(assembly, node, value, shape)


def unsqueeze(assembly: Assembly, node: Node) -> Value:
    """Unsqueeze: a row of features seen as maps of one cell."""
    value = assembly.value(node)
    axes = assembly.known(node, 1, "axes")
    rank = len(value.shape) + len(axes)
    shape = list(value.shape)
    for axis in sorted(axis % rank for axis in axes):
        shape.insert(axis, 1)
    return reshaped(assembly, node, value, tuple(shape))


def transpose(assembly: Assembly, node: Node) -> Value:
    """Transpose between channels first and channels last, or of groups and channels for a channel shuffle."""
    value = assembly.value(node)
    order = node.attribute("perm") or tuple(reversed(range(len(value.shape))))
    if sorted(order) != list(range(len(value.shape))):
        raise UnknownNodeError(f"it expects an order of {len(value.shape)} axes, got {words(order)}")
    shape = tuple(value.shape[axis] for axis in order)
    if value.groups and tuple(order) == (0, 2, 1, 3, 4):
        return replace(value, shape=shape, turned=not value.turned)
    if len(order) != 4 or order[0] != 0 or not assembly.is_maps(value):
        raise UnknownNodeError("it expects maps to stay maps, with their axes reordered")
    before = value.order or (0, 1, 2, 3)
    after = tuple(before[axis] for axis in order)
    return replace(value, shape=shape, order=() if after == (0, 1, 2, 3) else after)


def same(assembly: Assembly, node: Node) -> Value:
    """An operator that passes its input on unchanged."""
    return assembly.value(node)
