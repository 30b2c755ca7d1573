"""Small ONNX files made for tests, and what the reference implementation of ONNX makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx.reference.op_run import OpRun
from onnx.reference.ops.op_conv_transpose import ConvTranspose as OfOneGroup

from convviz.core.arrays import Array

SHAPE = (1, 3, 8, 8)


def model(
    nodes: Sequence[NodeProto],
    weights: Mapping[str, Array],
    *,
    shape: Sequence[int | str | None] = SHAPE,
    opset: int = 17,
    output: str = "y",
) -> ModelProto:
    """A model that takes ``x`` and gives ``y``."""
    graph = helper.make_graph(
        list(nodes),
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def written(folder: Path, made: ModelProto, name: str = "made.onnx") -> Path:
    """The model in a file."""
    path = folder / name
    path.write_bytes(made.SerializeToString())
    return path


def by_reference(made: ModelProto, images: Array) -> Array:
    """What ONNX's own implementation in NumPy computes, as rows."""
    from onnx.reference import ReferenceEvaluator

    found: Any = ReferenceEvaluator(made, new_ops=[LRN, ConvTranspose]).run(None, {"x": images})[0]
    return np.asarray(found).reshape(len(images), -1)


class LRN(OpRun):  # type: ignore[misc]
    """The operator as its specification says; that of ONNX 1.23 goes over as many channels as there are images."""

    def _run(self, x: Array, alpha: float, beta: float, bias: float, size: int) -> tuple[Array]:
        before, after = (size - 1) // 2, -(-(size - 1) // 2)
        squares = [
            (x[:, max(0, c - before) : c + after + 1] ** 2).sum(axis=1, keepdims=True) for c in range(x.shape[1])
        ]
        return ((x / (bias + alpha / size * np.concatenate(squares, axis=1)) ** beta).astype(x.dtype),)


class ConvTranspose(OfOneGroup):  # type: ignore[misc]
    """The operator with several groups too, each by itself; that of ONNX 1.23 has one, and one image."""

    def _run(self, x: Array, w: Array, b: Array | None = None, **given: Any) -> tuple[Array]:
        groups = given.pop("group", 1) or 1
        rows = [
            np.concatenate(
                [
                    super(ConvTranspose, self)._run(some, filters, None, group=1, **given)[0]
                    for some, filters in zip(np.split(image, groups, axis=1), np.split(w, groups), strict=True)
                ],
                axis=1,
            )
            for image in x[:, None]
        ]
        found = np.concatenate(rows)
        return (found if b is None else found + b[:, None, None],)


def node(op: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:
    """A node without a name."""
    return helper.make_node(op, list(inputs), [output], **attributes)


def random(*shape: int, seed: int = 0) -> Array:
    """Random weights."""
    return np.random.default_rng([seed, *shape]).normal(0, 0.5, shape).astype(np.float32)
