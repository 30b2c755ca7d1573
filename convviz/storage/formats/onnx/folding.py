"""Computes the values of an ONNX graph that depend on no image: shapes, and results of constants alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.storage.formats.onnx.graph import LARGEST, Node

Folded = Callable[[Node, Sequence[Array | None]], Array]


def fold(node: Node, inputs: Sequence[Array | None]) -> Array | None:
    """The output of a node with constant inputs only; None if its operator isn't computed here.

    Raises
    ------
    ValueError, IndexError, TypeError, OverflowError
        The inputs don't fit.
    MemoryError
        The output would be too large.
    """
    found = FOLDED.get(node.op)
    return None if found is None else np.asarray(found(node, inputs))


def small(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape; refuses one that is impossible, or whose array would be too large."""
    lengths = tuple(int(one) for one in shape)
    if any(one < 0 for one in lengths):
        raise ValueError(f"a length of {min(lengths)}")
    if math.prod(lengths) * 4 > LARGEST:
        raise MemoryError
    return lengths


def integers(array: Array | None, otherwise: Any = ()) -> tuple[int, ...]:
    """An array of whole numbers as a tuple; ``otherwise`` if there is no array."""
    return tuple(otherwise) if array is None else tuple(int(one) for one in np.asarray(array).reshape(-1))


def input_or_attribute(node: Node, inputs: Sequence[Array | None], number: int, name: str) -> tuple[int, ...]:
    """Whole numbers that older versions of an operator have as an attribute, and newer ones as an input."""
    if len(inputs) > number and inputs[number] is not None:
        return integers(inputs[number])
    return tuple(node.attribute(name, ()))


def constant(node: Node, _inputs: Sequence[Array | None]) -> Array:
    """Constant: the array in the node's attributes."""
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        value = node.attribute(name)
        if value is not None:
            kind = np.float32 if "float" in name else np.int64
            return np.asarray(value) if name == "value" else np.asarray(value, kind)
    raise ValueError("a constant without a number")


def constant_of_shape(node: Node, inputs: Sequence[Array | None]) -> Array:
    """ConstantOfShape: an array filled with one number."""
    value = node.attribute("value")
    filling = np.zeros(1, np.float32) if value is None else np.asarray(value)
    return np.full(small(integers(inputs[0])), filling.reshape(-1)[0], filling.dtype)


def unsqueeze(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Unsqueeze: insert axes of length 1."""
    return np.expand_dims(first(inputs), input_or_attribute(node, inputs, 1, "axes"))


def squeeze(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Squeeze: remove axes of length 1."""
    return np.squeeze(first(inputs), input_or_attribute(node, inputs, 1, "axes") or None)


def gather(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Gather: take some indices along an axis."""
    data, rows = first(inputs), np.asarray(inputs[1])
    if rows.size > data.size + 64:
        raise MemoryError
    return np.take(data, rows, axis=node.attribute("axis", 0))


def slices(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Slice: take a range of indices along each axis."""
    data = first(inputs)
    starts, ends = (input_or_attribute(node, inputs, i, name) for i, name in ((1, "starts"), (2, "ends")))
    axes = input_or_attribute(node, inputs, 3, "axes") or tuple(range(len(starts)))
    steps = integers(inputs[4]) if len(inputs) > 4 and inputs[4] is not None else (1,) * len(starts)
    cut = [slice(None)] * data.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[axis] = slice(start, end if abs(end) < 2**31 else None, step)
    return data[tuple(cut)]


def cast(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Cast to another type; every floating-point type becomes float32."""
    from onnx import helper

    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(node.attribute("to")))
    return first(inputs).astype(np.float32 if dtype.kind == "f" else dtype)


def reshape(node: Node, inputs: Sequence[Array | None]) -> Array:
    """Reshape."""
    data = first(inputs)
    shape = input_or_attribute(node, inputs, 1, "shape")
    return data.reshape([data.shape[i] if length == 0 else length for i, length in enumerate(shape)])


def spread(_node: Node, inputs: Sequence[Array | None]) -> Array:
    """Expand: broadcast to a larger shape."""
    data = first(inputs)
    return np.broadcast_to(data, small(np.broadcast_shapes(data.shape, integers(inputs[1]))))


def mean(node: Node, inputs: Sequence[Array | None]) -> Array:
    """ReduceMean: the mean over some axes."""
    axes = input_or_attribute(node, inputs, 1, "axes") or None
    return np.asarray(first(inputs).mean(axis=axes, keepdims=bool(node.attribute("keepdims", 1))))


def count(_node: Node, inputs: Sequence[Array | None]) -> Array:
    """Range: equally spaced numbers."""
    start, stop, step = (np.asarray(one).reshape(-1)[0] for one in inputs)
    small([max(math.ceil((stop - start) / step), 0)])
    return np.arange(start, stop, step)


def divide(a: Array, b: Array) -> Array:
    """Divide as ONNX does: whole numbers are rounded towards zero."""
    return (a / b).astype(a.dtype) if a.dtype.kind in "iu" else a / b


def first(inputs: Sequence[Array | None]) -> Array:
    """The first input, which must not be left out."""
    if not inputs or inputs[0] is None:
        raise ValueError("an input that is left out")
    return inputs[0]


def by(function: Callable[..., Any]) -> Folded:
    """How to compute an operator that applies a NumPy function to all its inputs, with broadcasting."""

    def folded(_node: Node, inputs: Sequence[Array | None]) -> Array:
        arrays = [np.asarray(one) for one in inputs if one is not None]
        small(np.broadcast_shapes(*(one.shape for one in arrays)))
        found: Array = function(*arrays)
        return found

    return folded


FOLDED: dict[str, Folded] = {
    "Add": by(np.add),
    "Cast": cast,
    "Ceil": by(np.ceil),
    "Concat": lambda node, inputs: np.concatenate([np.asarray(one) for one in inputs], axis=node.attribute("axis", 0)),
    "Constant": constant,
    "ConstantOfShape": constant_of_shape,
    "Div": by(divide),
    "Equal": by(np.equal),
    "Erf": by(lambda x: np.vectorize(math.erf, otypes=[x.dtype])(x)),
    "Exp": by(np.exp),
    "Expand": spread,
    "Floor": by(np.floor),
    "Gather": gather,
    "Identity": lambda node, inputs: first(inputs),
    "Mul": by(np.multiply),
    "Neg": by(np.negative),
    "Pow": by(np.power),
    "Range": count,
    "Reciprocal": by(np.reciprocal),
    "ReduceMean": mean,
    "Reshape": reshape,
    "Slice": slices,
    "Softplus": by(lambda x: np.logaddexp(x, 0)),
    "Sqrt": by(np.sqrt),
    "Squeeze": squeeze,
    "Sub": by(np.subtract),
    "Tanh": by(np.tanh),
    "Transpose": lambda node, inputs: first(inputs).transpose(node.attribute("perm") or None),
    "Unsqueeze": unsqueeze,
    "Where": by(np.where),
}
"""Operator → the function that computes it."""
