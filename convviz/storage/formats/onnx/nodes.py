"""Names the converter of each ONNX operator.

A converter takes the assembly and a node, adds layers to the design, and returns the node's first output. If several
nodes are one layer in a design (a product and its bias, ``x·σ(x)``), the converter of the last one combines them, or
that of the first one looks ahead.
"""

from __future__ import annotations

from convviz.storage.formats.onnx import cells, norms, regions, resize, rows, scales, windows
from convviz.storage.formats.onnx.assembly import Converter
from convviz.storage.formats.onnx.operators import operators

CONVERTERS: dict[str, Converter] = {
    **{one.name: cells.one_operator(one) for one in operators().values()},
    "Add": cells.add,
    "AveragePool": windows.average_pool,
    "BatchNormalization": cells.batch_norm,
    "Clip": cells.clip,
    "Concat": cells.concat,
    "Conv": windows.conv,
    "Div": scales.with_constant,
    "ConvTranspose": resize.conv_transpose,
    "Dropout": cells.dropout,
    "Flatten": rows.flatten,
    "Gather": regions.gathered,
    "Gemm": rows.gemm,
    "GlobalAveragePool": windows.global_average,
    "GlobalMaxPool": windows.global_max,
    "GroupNormalization": norms.group_norm,
    "HardSigmoid": cells.hard_sigmoid,
    "Identity": rows.same,
    "InstanceNormalization": norms.instance_norm,
    "LRN": cells.local_response_norm,
    "LayerNormalization": norms.layer_norm,
    "MatMul": rows.matmul,
    "MaxPool": windows.max_pool,
    "Mul": cells.multiply,
    "PRelu": scales.prelu,
    "Pad": resize.pad,
    "ReduceMax": windows.global_max,
    "ReduceMean": windows.global_average,
    "Reshape": rows.reshape,
    "Resize": resize.resize,
    "Softmax": scales.softmax,
    "Slice": resize.slices,
    "Split": resize.split,
    "Squeeze": rows.squeeze,
    "Sub": scales.with_constant,
    "Sum": cells.add,
    "Swish": cells.swish,
    "Transpose": rows.transpose,
    "Unsqueeze": rows.unsqueeze,
    "Upsample": resize.resize,
}
"""Operator → its converter."""
