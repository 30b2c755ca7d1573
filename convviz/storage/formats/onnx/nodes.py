"""What each operator of ONNX is in a design.

A function takes the assembly and a node, adds layers, and returns what the node's first output is. Where nodes together
are one layer here (a product and its bias, ``x·σ(x)``), the last one makes it, or the first one looks ahead.
"""

from __future__ import annotations

from convviz.core.layers import ELU, GELU, HardSwish, LeakyReLU, ReLU, Sigmoid, Tanh
from convviz.storage.formats.onnx import cells, norms, regions, resize, rows, scales, windows
from convviz.storage.formats.onnx.assembly import Converter
from convviz.storage.formats.onnx.cells import activation

CONVERTERS: dict[str, Converter] = {
    "Add": cells.add,
    "AveragePool": windows.average_pool,
    "BatchNormalization": cells.batch_norm,
    "Clip": cells.clip,
    "Concat": cells.concat,
    "Conv": windows.conv,
    "Div": scales.with_constant,
    "ConvTranspose": resize.conv_transpose,
    "Dropout": cells.dropout,
    "Elu": activation(lambda node: ELU(alpha=node.attribute("alpha", 1.0))),
    "Flatten": rows.flatten,
    "Gather": regions.gathered,
    "Gelu": activation(lambda node: GELU(approximate=node.attribute("approximate", "none"))),
    "Gemm": rows.gemm,
    "GlobalAveragePool": windows.global_average,
    "GlobalMaxPool": windows.global_max,
    "GroupNormalization": norms.group_norm,
    "HardSigmoid": cells.hard_sigmoid,
    "HardSwish": activation(lambda node: HardSwish()),
    "Identity": rows.same,
    "InstanceNormalization": norms.instance_norm,
    "LRN": cells.local_response_norm,
    "LayerNormalization": norms.layer_norm,
    "LeakyRelu": activation(lambda node: LeakyReLU(slope=node.attribute("alpha", 0.01))),
    "MatMul": rows.matmul,
    "MaxPool": windows.max_pool,
    "Mul": cells.multiply,
    "PRelu": scales.prelu,
    "Pad": resize.pad,
    "ReduceMax": windows.global_max,
    "ReduceMean": windows.global_average,
    "Relu": activation(lambda node: ReLU()),
    "Reshape": rows.reshape,
    "Resize": resize.resize,
    "Sigmoid": activation(lambda node: Sigmoid()),
    "Softmax": scales.softmax,
    "Slice": resize.slices,
    "Split": resize.split,
    "Squeeze": rows.squeeze,
    "Sub": scales.with_constant,
    "Sum": cells.add,
    "Swish": cells.swish,
    "Tanh": activation(lambda node: Tanh()),
    "Transpose": rows.transpose,
    "Unsqueeze": rows.unsqueeze,
    "Upsample": resize.resize,
}
"""Operator → what it is in a design."""
