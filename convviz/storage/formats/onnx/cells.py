"""Converts normalisation, activations, and operators that join branches, which compute each position by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convviz.core.layers import (
    Add,
    BatchNorm2D,
    Clip,
    Concat,
    Dropout,
    HardSigmoid,
    HardSwish,
    LocalResponseNorm,
    Multiply,
    ReLU,
    Rescale,
    Sigmoid,
    SiLU,
)
from convviz.storage.formats.onnx.assembly import Assembly, Converter, Value, words
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError, shortest
from convviz.storage.formats.onnx.operators import Operator
from convviz.storage.formats.onnx.scales import constant_of, with_constant

ENDS = ((1, "min", -np.inf), (2, "max", np.inf))
"""Input of a Clip, the attribute that older versions have instead, and the bound if both are missing."""


def batch_norm(assembly: Assembly, node: Node) -> Value:
    """BatchNormalization in evaluation mode; it stays a layer of its own."""
    if node.attribute("training_mode", 0):
        raise UnknownNodeError("it takes the statistics of its batch, as in training; export model.eval()")
    names = ("scale", "shift", "running_mean", "running_variance")
    weights = {name: assembly.constant(node, number, f"its {name}") for number, name in enumerate(names, 1)}
    layer = BatchNorm2D(epsilon=node.attribute("epsilon", 1e-5))
    return assembly.add(node, layer, [assembly.maps(assembly.value(node))], weights)


def local_response_norm(assembly: Assembly, node: Node) -> Value:
    """LRN: local response normalisation over neighbouring channels."""
    size = node.attribute("size", 0)
    layer = LocalResponseNorm(
        size=size,
        alpha=node.attribute("alpha", 1e-4),
        beta=node.attribute("beta", 0.75),
        k=node.attribute("bias", 1.0),
    )
    return assembly.add(node, layer, [assembly.maps(assembly.value(node))])


def dropout(assembly: Assembly, node: Node) -> Value:
    """Dropout, which acts only if the network is trained further."""
    if any(assembly.known(node, 2, "training_mode")):
        raise UnknownNodeError("it is switched on, as in training; export model.eval()")
    given = assembly.known(node, 1, "ratio") if node.inputs[1:2] else (node.attribute("ratio", 0.5),)
    rate = shortest(given[0])
    value = assembly.value(node)
    return assembly.alike(node, Dropout(rate=rate), value) if 0 < rate < 1 else value


def one_operator(operator: Operator) -> Converter:
    """The converter of an operator that is a single layer, according to the layer's ``exports``."""
    return lambda assembly, node: assembly.alike(node, operator.layer(node), assembly.value(node))


def clip(assembly: Assembly, node: Node) -> Value:
    """Clip between two bounds; with a lower bound of 0 and no upper one, it becomes ReLU."""
    low, high = limits(assembly, node)
    if low == 0 and high > 1e30:
        return assembly.alike(node, ReLU(), assembly.value(node))
    if not np.isfinite([low, high]).any():
        return assembly.value(node)
    if not np.isfinite([low, high]).all():
        raise UnknownNodeError(f"it expects two finite bounds, got {low:g} and {high:g}")
    return assembly.alike(node, Clip(low=shortest(low), high=shortest(high)), assembly.value(node))


def hard_sigmoid(assembly: Assembly, node: Node) -> Value:
    """HardSigmoid: one layer if it has the usual slope, else a rescaling and a clip."""
    slope, start = node.attribute("alpha", 0.2), node.attribute("beta", 0.5)
    value = assembly.value(node)
    if abs(slope - 1 / 6) < 1e-6 and start == 0.5:
        return assembly.alike(node, HardSigmoid(), value)
    line = replace(value, layer=assembly.add(None, Rescale(scale=slope, shift=start), [value]).layer)
    return assembly.alike(node, Clip(low=0.0, high=1.0), line)


def swish(assembly: Assembly, node: Node) -> Value:
    """Swish, if its slope is 1, as SiLU's is."""
    if node.attribute("alpha", 1.0) != 1.0:
        raise UnknownNodeError(f"it expects a slope of 1, got {node.attribute('alpha', 1.0):g}")
    return assembly.alike(node, SiLU(), assembly.value(node))


def limits(assembly: Assembly, node: Node) -> tuple[float, float]:
    """The lower and the upper bound of a Clip."""
    found = [float((*assembly.known(node, number, name), end)[0]) for number, name, end in ENDS]
    return found[0], found[1]


def add(assembly: Assembly, node: Node) -> Value:
    """Add or Sum of two or more branches, or of maps and one constant per channel."""
    if constant_of(assembly, node) is None:
        return joined(assembly, node, Add())
    return with_constant(assembly, node)


def multiply(assembly: Assembly, node: Node) -> Value:
    """Mul: of two branches, of ``x`` and ``σ(x)``, or of maps and one constant per channel."""
    if len(node.inputs) != 2:
        raise UnknownNodeError(f"it expects two inputs, got {len(node.inputs)}")
    if constant_of(assembly, node) is not None:
        return with_constant(assembly, node)
    values = [assembly.value(node, number) for number in range(2)]
    for gate, name, x in ((values[0], node.inputs[0], values[1]), (values[1], node.inputs[1], values[0])):
        if assembly.is_last(gate) and len(assembly.readers(name)) == 1:
            layer = assembly.layers[-1]
            reads = layer.input or (assembly.layers[-2].name if len(assembly.layers) > 1 else "x")
            if isinstance(layer, (Sigmoid, HardSigmoid)) and reads == x.layer:
                assembly.take_back(gate)
                return assembly.alike(node, SiLU() if isinstance(layer, Sigmoid) else HardSwish(), x)
    for maps, factors in (values, values[::-1]):
        if len(maps.shape) == 4 and factors.shape == (1, maps.shape[1], 1, 1) != maps.shape:
            return assembly.add(node, Multiply(), [assembly.maps(maps), assembly.row(factors)])
    return joined(assembly, node, Multiply())


def concat(assembly: Assembly, node: Node) -> Value:
    """Concat of maps along the channels, or of rows of features."""
    values = [assembly.value(node, number) for number in range(len(node.inputs))]
    axis = node.attribute("axis", 1)
    if any(one.order or one.groups or one.features is not None for one in values):
        raise UnknownNodeError("it expects channels × height × width; export the network with channels first")
    if axis % len(values[0].shape) != 1:
        raise UnknownNodeError("it expects channels or features to be concatenated, got another axis")
    return values[0] if len(values) == 1 else assembly.add(node, Concat(), values)


def joined(assembly: Assembly, node: Node, layer: Add | Multiply) -> Value:
    """Add a layer that joins the node's inputs, which must have the same shape and order."""
    values = [assembly.value(node, number) for number in range(len(node.inputs))]
    if len(values) == 1:
        return values[0]
    if len({(one.shape, one.order, one.groups, one.turned) for one in values}) > 1:
        shapes = " and ".join(words(one.shape[1:]) for one in values)
        raise UnknownNodeError(f"it expects inputs of one shape and order, got {shapes}")
    if any(one.features is not None for one in values):
        raise UnknownNodeError("it expects rows in the order of channels first")
    return replace(values[0], layer=assembly.add(node, layer, values).layer)
