"""Recognises layers that a file spells out in several nodes: GELU, Mish and layer normalisation.

ONNX had no operators for these at first. Programs write ``x · ½ (1 + erf(x/√2))`` and ``(x − μ) / √(v + ε)`` in many
orders, so the nodes are not matched against patterns. Instead, both the nodes and the layer are applied to some test
numbers, and their results are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import GELU, AnyLayer, LayerNorm, Mish
from convviz.storage.formats.onnx import scales
from convviz.storage.formats.onnx.assembly import Assembly, Value
from convviz.storage.formats.onnx.folding import fold
from convviz.storage.formats.onnx.graph import Node, shortest

BEGINS = frozenset({"Div", "Mul", "Pow", "Softplus"})
"""Operators with which a spelled-out activation may begin."""
NEEDED = frozenset({"Erf", "Tanh"})
"""Operators of which every spelled-out activation contains one."""
BETWEEN = frozenset({"Add", "Cast", "Div", "Identity", "Mul", "Pow", "ReduceMean", "Softplus", "Sqrt", "Sub", *NEEDED})
LOOKED_AT = 20
"""Number of nodes to examine: the longest known spelling has 9, and as many constants."""


def spelled(assembly: Assembly, node: Node) -> Value | None:
    """The output of the layer whose spelling begins with this node; None if no such layer begins here.

    The other nodes of the spelling then count as converted.
    """
    given = [name for name in dict.fromkeys(node.inputs) if isinstance(assembly.values.get(name), Value)]
    if len(given) != 1:
        return None
    value = assembly.values[given[0]]
    assert isinstance(value, Value)
    if node.op == "ReduceMean":
        return layer_norm(assembly, node, given[0], value)
    if node.op in BEGINS and any(one.op in NEEDED for one in assembly.ahead(node, LOOKED_AT)):
        return activation(assembly, node, given[0], value)
    return None


def activation(assembly: Assembly, node: Node, given: str, value: Value) -> Value | None:
    """Recognise GELU, its approximation by tanh, or Mish."""
    x = np.linspace(-6.0, 6.0, 97)
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    wanted: tuple[tuple[AnyLayer, Array], ...] = (
        (GELU(), x * np.array([0.5 * math.erfc(-one / math.sqrt(2)) for one in x])),
        (GELU(approximate="tanh"), x * 0.5 * (1 + np.tanh(inner))),
        (Mish(), x * np.tanh(np.log1p(np.exp(x)))),
    )
    for passed, made in tried(assembly, node, given, x):
        for layer, numbers in wanted:
            if made.shape == x.shape and np.allclose(made, numbers, rtol=1e-6, atol=1e-6):
                return done(assembly, passed, assembly.alike(passed[-1], layer, value))
    return None


def layer_norm(assembly: Assembly, node: Node, given: str, value: Value) -> Value | None:
    """Recognise layer normalisation over the channels at each position or over a row, mostly with scale and shift."""
    rank = len(value.shape)
    axis = value.order.index(1) if value.order else 1
    if rank not in (2, 4) or value.features is not None or value.groups or value.shape[axis] < 2:
        return None
    lengths = tuple(length if at in (0, axis) else 2 for at, length in enumerate(value.shape))
    x = np.random.default_rng(0).standard_normal(lengths)
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    for passed, made in tried(assembly, node, given, x):
        if made.shape != x.shape or passed[-1].op not in ("Div", "Mul"):
            continue
        ratio = (x - mean) / np.where(made == 0, 1, made)
        epsilon = float(np.median(ratio**2 - variance))
        if not 0 < epsilon <= 1 or not np.allclose(
            made, (x - mean) / np.sqrt(variance + epsilon), rtol=1e-6, atol=1e-6
        ):
            continue
        weights = affine_after(assembly, passed, value)
        layer = LayerNorm(over="channels" if rank == 4 else "image", epsilon=shortest(epsilon), affine=bool(weights))
        return done(assembly, passed, assembly.alike(passed[-1], layer, value, weights))
    return None


def affine_after(assembly: Assembly, passed: list[Node], value: Value) -> dict[str, Array]:
    """The scale and shift of a Mul and an Add that follow a normalisation; empty if those don't follow."""
    times = assembly.following(passed[-1], "Mul")
    plus = assembly.following(times, "Add")
    numbers = [scales.constant_of(assembly, one) if one is not None else None for one in (times, plus)]
    if times is None or plus is None or None in numbers:
        return {}
    passed += [times, plus]
    return {
        name: scales.per_channel(assembly, one, number or 0, value)
        for name, one, number in zip(("scale", "shift"), (times, plus), numbers, strict=True)
    }


def tried(assembly: Assembly, node: Node, given: str, x: Array) -> Iterator[tuple[list[Node], Array]]:
    """Run a node and the nodes that depend on it on test numbers ``x``, one node after the other.

    Yields
    ------
    (list of Node, ndarray)
        The nodes so far and the output of the last one, whenever no other node reads an intermediate result.
    """
    made: dict[str, Array] = {given: x}
    passed: list[Node] = []
    for one in assembly.ahead(node, LOOKED_AT):
        if one.op not in BETWEEN or not set(one.inputs) & set(made):
            continue
        arrays = [made[name] if name in made else assembly.foreseen(name) for name in one.inputs]
        if any(array is None or array.size > x.size for array in arrays):
            continue
        wide = [
            array.astype(np.float64) if array is not None and array.dtype.kind == "f" else array for array in arrays
        ]
        found = fold(one, wide)
        if found is None:
            return
        made[one.outputs[0]] = found
        passed.append(one)
        if is_closed(assembly, passed):
            yield list(passed), found


def is_closed(assembly: Assembly, passed: Sequence[Node]) -> bool:
    """Whether nodes outside this list read only the output of the last one."""
    inside = {id(one) for one in passed}
    return all(
        id(reader) in inside and one.outputs[0] != assembly.graph.output
        for one in passed[:-1]
        for reader in assembly.readers(one.outputs[0])
    )


def done(assembly: Assembly, passed: Sequence[Node], found: Value) -> Value:
    """Note that these nodes together make this value, and return it."""
    assembly.values.update({one.outputs[0]: found for one in passed})
    return found
