"""Converts Add, Sub, Mul and Div with a constant, PRelu, and Softmax over channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import PReLU, Rescale, ScaleShift, Softmax
from convviz.storage.formats.onnx.assembly import Assembly, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError, shortest


def with_constant(assembly: Assembly, node: Node) -> Value:
    """Add, Sub, Mul or Div of a layer's output and a constant: a single number, or one per channel.

    If an Add or Sub with a constant of the same kind follows a Mul or Div, both become one layer.

    Raises
    ------
    UnknownNodeError
        The constant differs between positions.
    """
    number = constant_of(assembly, node)
    if number is None:
        raise UnknownNodeError("it expects a constant, got values that depend on the image")
    value = assembly.value(node, 1 - number)
    scale, shift = affine(assembly, node, number, value)
    after = follower(assembly, node)
    if node.op in ("Mul", "Div") and after is not None and not shift.any():
        other = constant_of(assembly, after)
        first = assembly.peek(after, 1 - other) if other is not None else None
        if other is not None and first is None:
            one, more = affine(assembly, after, other, value)
            if one.ndim == scale.ndim:
                found = scaled(assembly, node, value, scale * one, shift * one + more)
                assembly.values[after.outputs[0]] = found
                return found
    return scaled(assembly, node, value, scale, shift)


def follower(assembly: Assembly, node: Node) -> Node | None:
    """The only node that reads a node's output, if it is an Add or Sub; else None."""
    readers = assembly.readers(node.outputs[0])
    last = node.outputs[0] == assembly.graph.output
    return readers[0] if len(readers) == 1 and not last and readers[0].op in ("Add", "Sub") else None


def affine(assembly: Assembly, node: Node, number: int, value: Value) -> tuple[Array, Array]:
    """The scale and shift by which a node with a constant acts: single numbers, or one of each per channel."""
    given = assembly.constant(node, number, "its numbers")
    single = given.size == 1 and (given.ndim < 2 or value.shape[1] > 1 or bool(value.order))
    array = given.astype(np.float32).reshape(()) if single else per_channel(assembly, node, number, value)
    one, zero = np.ones_like(array), np.zeros_like(array)
    match node.op:
        case "Add":
            return one, array
        case "Sub":
            return (one, -array) if number == 1 else (-one, array)
        case "Mul":
            return array, zero
    if number == 0:
        raise UnknownNodeError("no layer divides a constant by its input")
    return one / array, zero


def scaled(assembly: Assembly, node: Node, value: Value, scale: Array, shift: Array) -> Value:
    """Add a layer that computes scale · x + shift, with single numbers or one of each per channel."""
    if scale.ndim == 0:
        return assembly.alike(node, Rescale(scale=shortest(float(scale)), shift=shortest(float(shift))), value)
    if value.features is not None:
        scale, shift = in_order(scale, value), in_order(shift, value)
    found = assembly.add(node, ScaleShift(), [value], {"scale": scale, "shift": shift})
    return replace(value, layer=found.layer)


def in_order(array: Array, value: Value) -> Array:
    """One number per feature, in the design's order of features."""
    ours = np.empty_like(array)
    ours[value.features] = array
    return ours


def constant_of(assembly: Assembly, node: Node) -> int | None:
    """Index of the input that is a constant, if just one of two is; else None."""
    found = [number for number, name in enumerate(node.inputs) if assembly.foreseen(name) is not None]
    return found[0] if len(found) == 1 and len(node.inputs) == 2 else None


def per_channel(assembly: Assembly, node: Node, number: int, value: Value) -> Array:
    """A constant as one number per channel of maps, or per feature of a row.

    Raises
    ------
    UnknownNodeError
        It differs between positions.
    """
    if len(value.shape) == 4 and not value.order:
        value = assembly.maps(value)
    array = assembly.constant(node, number, "its numbers")
    axis, rank = value.order.index(1) if value.order else 1, len(value.shape)
    channels = value.shape[axis]
    lengths = (*(1,) * (rank - array.ndim), *array.shape)
    others = lengths[:axis] + lengths[axis + 1 :]
    if len(lengths) != rank or lengths[axis] not in (1, channels) or any(length != 1 for length in others):
        raise UnknownNodeError(f"it expects one number per channel, got a constant of {words(array.shape)}")
    return np.broadcast_to(array.reshape(-1), (channels,)).astype(np.float32)


def prelu(assembly: Assembly, node: Node) -> Value:
    """PRelu with one slope, or one per channel."""
    value = assembly.value(node)
    slope = assembly.constant(node, 1, "its slopes").astype(np.float32)
    if slope.size == 1:
        return assembly.alike(node, PReLU(shared=True), value, {"slope": slope.reshape(1)})
    slopes = per_channel(assembly, node, 1, value)
    if value.features is not None:
        slopes = in_order(slopes, value)
    return assembly.alike(node, PReLU(), value, {"slope": slopes})


def softmax(assembly: Assembly, node: Node) -> Value:
    """Softmax over channels or features, within the network."""
    value = assembly.value(node)
    rank = len(value.shape)
    new = assembly.graph.opset >= 13
    axis = node.attribute("axis", -1 if new else 1) % max(rank, 1)
    channel = value.order[axis] if value.order else axis
    if channel != 1 or value.groups or (not new and any(length != 1 for length in value.shape[2:])):
        raise UnknownNodeError("it expects the axis of the channels, got another axis")
    return assembly.alike(node, Softmax(), value)


# --- out -------------------------------------------------------------------------------------------------------------


def spread(writer: Any, layer: Any, part: str, inputs: Sequence[str]) -> str:
    """Shape a parameter with one number per channel for broadcasting over maps; returns its name."""
    name = f"{layer.name}.{part}"
    rank = len(writer.shapes[inputs[0]])
    writer.constants[name] = writer.constants[name].reshape(-1, *(1,) * (rank - 2))
    return name


def write_prelu(writer: Any, layer: PReLU, inputs: Sequence[str]) -> str:
    """PRelu."""
    return writer.node(layer, "PRelu", [*inputs, spread(writer, layer, "slope", inputs)])  # type: ignore[no-any-return]


def write_scale(writer: Any, layer: ScaleShift, inputs: Sequence[str]) -> str:
    """A product and a sum with one number per channel."""
    product = writer.node(layer, "Mul", [*inputs, spread(writer, layer, "scale", inputs)], "product")
    shift = spread(writer, layer, "shift", inputs)
    return writer.node(layer, "Add", [product, shift], first=False)  # type: ignore[no-any-return]


def write_rescale(writer: Any, layer: Rescale, inputs: Sequence[str]) -> str:
    """A product and a sum with one number."""
    scale, shift = (
        writer.constant(layer, part, np.array(getattr(layer, part), np.float32)) for part in ("scale", "shift")
    )
    product = writer.node(layer, "Mul", [*inputs, scale], "product")
    return writer.node(layer, "Add", [product, shift], first=False)  # type: ignore[no-any-return]
