"""Converts adaptive pooling, means and maxima over regions of maps, for which ONNX has no operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers import AdaptiveAvgPool2D, AdaptiveMaxPool2D, pair
from convviz.core.ops.adaptive import AdaptiveAverage, regions
from convviz.core.ops.resample import table
from convviz.storage.formats.onnx.assembly import Assembly, Value
from convviz.storage.formats.onnx.graph import Node, UnknownNodeError


def mean(assembly: Assembly, node: Node) -> Value:
    """Recognise an adaptive mean as :func:`write_mean` writes it: maps between two matrices of weights."""
    value = assembly.maps(assembly.value(node, 1))
    rows = assembly.constant(node, 0, "shares of the rows")
    readers = assembly.readers(node.outputs[0])
    columns = assembly.peek(readers[0], 1) if len(readers) == 1 and readers[0].op == "MatMul" else None
    if rows.ndim == 2 and isinstance(columns, np.ndarray) and columns.ndim == 2:
        op = AdaptiveAverage((len(rows), columns.shape[1]))
        wanted = [table(op, axis, size) for axis, size in enumerate(assembly.inner(value)[2:])]
        if all(a.shape == b.shape and np.allclose(a, b) for a, b in zip((rows, columns.T), wanted, strict=True)):
            found = assembly.add(node, AdaptiveAvgPool2D(output=op.output), [value])
            assembly.values[readers[0].outputs[0]] = found
            return found
    raise UnknownNodeError("no layer expresses a product of weights and maps")


def gathered(assembly: Assembly, node: Node) -> Value:
    """Recognise adaptive maxima as :func:`write_max` writes them: two Gathers and a MaxPool."""
    value = assembly.maps(assembly.value(node))
    across = assembly.following(node, "Gather")
    pooled = assembly.following(across, "MaxPool")
    if (
        across is not None
        and pooled is not None
        and node.attribute("axis", 0) == 2
        and across.attribute("axis", 0) == 3
    ):
        rows, columns = assembly.constant(node, 1, "its rows"), assembly.foreseen(across.inputs[1])
        kernel = pooled.attribute("kernel_shape", ())
        if rows.ndim == 1 and columns is not None and columns.ndim == 1 and len(kernel) == 2 and min(kernel) > 0:
            output = len(rows) // kernel[0], len(columns) // kernel[1]
            wanted = [lines(size, count) for size, count in zip(assembly.inner(value)[2:], output, strict=True)]
            if all(np.array_equal(a, b) for a, b in zip((rows, columns), wanted, strict=True)):
                found = assembly.add(pooled, AdaptiveMaxPool2D(output=output), [value])
                assembly.values.update({across.outputs[0]: found, pooled.outputs[0]: found})
                return found
    raise UnknownNodeError("no layer takes some of the rows and columns of maps")


def lines(size: int, count: int) -> Array:
    """Indices of the rows (columns) of every region, the same number for each: a smaller region repeats its last."""
    if not 1 <= count <= size:
        return np.zeros(0, np.int64)
    found = regions(size, count)
    most = max(stop - start for start, stop in found)
    return np.array([min(start + row, stop - 1) for start, stop in found for row in range(most)])


# --- out -------------------------------------------------------------------------------------------------------------


def write_mean(writer: Any, layer: AdaptiveAvgPool2D, inputs: Sequence[str]) -> str:
    """Adaptive means: AveragePool if all regions are of one size, else products with matrices for rows and columns."""
    output, sizes = pair(layer.output), writer.shape[2:]
    if not any(size % count for size, count in zip(sizes, output, strict=True)):
        kernel = [size // count for size, count in zip(sizes, output, strict=True)]
        return writer.node(layer, "AveragePool", inputs, kernel_shape=kernel, strides=kernel)  # type: ignore[no-any-return]
    shares = [table(AdaptiveAverage(output), axis, size) for axis, size in enumerate(sizes)]
    rows = writer.constant(layer, "rows", shares[0].astype(np.float32))
    columns = writer.constant(layer, "columns", shares[1].T.astype(np.float32))
    between = writer.node(layer, "MatMul", [rows, *inputs], "between", first=False)
    return writer.node(layer, "MatMul", [between, columns])  # type: ignore[no-any-return]


def write_max(writer: Any, layer: AdaptiveMaxPool2D, inputs: Sequence[str]) -> str:
    """Adaptive maxima: MaxPool if the regions are windows, else MaxPool over gathered rows and columns."""
    window = layer.windows(*writer.shape[2:])
    if window is not None:
        return writer.node(layer, "MaxPool", inputs, kernel_shape=window.kernel, strides=window.stride)  # type: ignore[no-any-return]
    output, made, kernel = pair(layer.output), inputs[0], []
    for axis, part in ((2, "rows"), (3, "columns")):
        size, count = writer.shape[axis], output[axis - 2]
        chosen = lines(size, count) if count <= size else np.array([place * size // count for place in range(count)])
        kernel.append(len(chosen) // count)
        given = [made, writer.constant(layer, part, chosen)]
        made = writer.node(layer, "Gather", given, f"of_{part}", first=False, axis=axis)
    return writer.node(layer, "MaxPool", [made], kernel_shape=kernel, strides=kernel)  # type: ignore[no-any-return]
