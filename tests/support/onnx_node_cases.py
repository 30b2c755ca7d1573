"""ONNX's own tests of its operators, each as a network of one layer or a few: passed, or named as not expressible.

A test of ONNX gives every input of an operator at the time of running. Here the first ones are the images, or parts of
them where an operator joins several, and the others are constants of the file, as weights are in a network.
"""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from onnx import numpy_helper

from convviz.core.arrays import Array
from convviz.core.design import Design, Input
from convviz.core.execute import execute
from convviz.core.layers import Conv2D, Dense, Flatten
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.network import Network
from convviz.core.wiring import wired
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.onnx.assembly import Assembly, Value
from convviz.storage.formats.onnx.graph import UnknownNodeError, read_graph
from convviz.storage.formats.onnx.reader import ENDS, convert, is_over_classes

Outcome = Literal["passed", "named", "differs", "other"]

MODULES = {
    "Add": "add",
    "AveragePool": "averagepool",
    "BatchNormalization": "batch_normalization batchnorm",
    "Clip": "clip",
    "Concat": "concat",
    "Conv": "conv",
    "ConvTranspose": "convtranspose",
    "DepthToSpace": "depthtospace",
    "Div": "div",
    "Dropout": "dropout",
    "Elu": "elu",
    "Flatten": "flatten",
    "Gelu": "gelu",
    "Gemm": "gemm",
    "GlobalAveragePool": "globalaveragepool",
    "GlobalMaxPool": "globalmaxpool",
    "GroupNormalization": "groupnormalization",
    "HardSigmoid": "hardsigmoid",
    "HardSwish": "hardswish",
    "Identity": "identity",
    "InstanceNormalization": "instance_normalization instancenorm",
    "LRN": "lrn",
    "LayerNormalization": "layernormalization",
    "LeakyRelu": "leakyrelu",
    "LogSoftmax": "logsoftmax",
    "MatMul": "matmul",
    "MaxPool": "maxpool",
    "Mul": "mul",
    "PRelu": "prelu",
    "Mish": "mish",
    "Pad": "pad",
    "ReduceMax": "reducemax",
    "ReduceMean": "reducemean",
    "Relu": "relu",
    "Reshape": "reshape",
    "Resize": "resize",
    "Sigmoid": "sigmoid",
    "Slice": "slice",
    "Softplus": "softplus",
    "Softmax": "softmax",
    "Split": "split",
    "Squeeze": "squeeze",
    "Sub": "sub",
    "Sum": "sum",
    "Swish": "swish",
    "Tanh": "tanh",
    "Transpose": "transpose",
    "Unsqueeze": "unsqueeze",
    "Upsample": "upsample",
}
"""Operator → the module of ONNX that has its tests; in older versions another one."""
JOINS = frozenset({"Add", "Concat", "Mul", "Sum"})
"""Operators all of whose inputs may be what layers make."""
CELLWISE = frozenset(
    {"Clip", "Dropout", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Mish", "Relu", "Sigmoid",
     "Softplus", "Swish", "Tanh", "Add", "Mul", "Sum", "Sub", "Div", "PRelu"}
)  # fmt: skip
"""Operators that compute cell by cell: what has fewer axes than images can be given as one."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test.

    Parameters
    ----------
    name : str
    op : str
    outcome : str
        ``passed``; ``named``: refused with a sentence; ``differs``: other numbers; ``other``: a test that is about no
        images of floating-point numbers.
    words : str
        The sentence, or how much the numbers differ.
    """

    name: str
    op: str
    outcome: Outcome
    words: str = ""


def cases_of(op: str) -> list[Any]:
    """ONNX's tests of an operator, without those that write it as other operators."""
    module = importlib.import_module("onnx.backend.test.case.node")
    home = "onnx.backend.test.case.node"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in MODULES[op].split():
            if importlib.util.find_spec(f"{home}.{name}") is not None:
                importlib.import_module(f"{home}.{name}")
    every = vars(module)["_NodeTestCases"]
    kept = [case for case in every if len(case.model.graph.node) == 1 and case.model.graph.node[0].op_type == op]
    return [case for case in kept if "expanded" not in case.name]


def results(ops: Sequence[str] = tuple(MODULES)) -> Iterator[Result]:
    """What becomes of every test of some operators."""
    with tempfile.TemporaryDirectory() as folder:
        for op in ops:
            for case in cases_of(op):
                for inputs, outputs in case.data_sets:
                    yield result_of(case.name, op, case.model, inputs, outputs, Path(folder))


def result_of(name: str, op: str, model: Any, inputs: Any, outputs: Any, folder: Path) -> Result:
    """What becomes of one test."""
    arrays = [np.asarray(one) for one in inputs]
    wanted = np.asarray(outputs[0])
    if not arrays or arrays[0].dtype != np.float32 or wanted.dtype != np.float32 or not arrays[0].size:
        return Result(name, op, "other", "no images of float32")
    count = len(arrays) if op in JOINS and len({one.shape for one in arrays}) == 1 else 1
    try:
        images = as_images(op, arrays[:count])
        if images is None:
            return Result(name, op, "other", f"no images: {'×'.join(map(str, arrays[0].shape)) or 'a single number'}")
        found = computed(op, model, arrays, images, count, folder)
    except (UnknownNodeError, CheckpointError) as error:
        return Result(name, op, "named", " ".join(str(error).split()).removeprefix(f"{folder}/case.onnx: "))
    found = found.reshape(wanted.shape) if found.size == wanted.size else found
    if found.shape != wanted.shape:
        return Result(name, op, "differs", f"{found.shape} for {wanted.shape}")
    if not np.allclose(found, wanted, rtol=1e-3, atol=1e-5):
        return Result(name, op, "differs", f"by {np.abs(found - wanted).max():g}")
    return Result(name, op, "passed")


def as_images(op: str, arrays: Sequence[Array]) -> Array | None:
    """The arrays as maps side by side, or as rows (images of one cell); None if they are neither."""
    shape = arrays[0].shape
    if len(shape) == 4:
        found = np.concatenate(arrays, axis=1)
    elif len(shape) == 2:
        found = np.concatenate(arrays, axis=1)[:, :, np.newaxis, np.newaxis]
    elif len(shape) in (1, 3) and op in CELLWISE:
        found = np.concatenate([one.reshape((1, 1, 1, *shape)[-4:]) for one in arrays], axis=1)
    else:
        return None
    return found if found.shape[1] <= 64 and max(found.shape[2:]) <= 1024 else None


def computed(op: str, model: Any, arrays: Sequence[Array], images: Array, count: int, folder: Path) -> Array:
    """What a network of the operator's layers makes of the images, with ONNX's axes.

    Raises
    ------
    UnknownNodeError, CheckpointError
        No layer expresses it.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    names = [one.name for one in graph.input]
    for name, array in list(zip(names, arrays, strict=True))[count:]:
        graph.initializer.append(numpy_helper.from_array(array, name))
    kept = list(graph.input)[:1]
    others = names[1:count]
    del graph.input[:]
    graph.input.extend(kept)
    del graph.output[1:]
    for other in others:  # the reader takes one input: the others become what it makes, below
        graph.initializer.append(numpy_helper.from_array(np.zeros(1, np.float32), other))
    path = folder / "case.onnx"
    path.write_bytes(made.SerializeToString())
    read = read_graph(path)
    _, channels, height, width = images.shape
    image = Input(channels=channels, height=height, width=width)
    assembly = Assembly(read, image)
    every = Value("x", (1, channels, height, width))
    is_row = arrays[0].ndim == 2
    each = channels // count
    for number, name in enumerate(names[:count]):
        part = every if count == 1 else chosen(assembly, every, number * each, each)
        assembly.values[name] = assembly.row(part) if is_row else part
    for node in read.nodes:
        convert(assembly, node)
    last = assembly.values[read.output]
    if not isinstance(last, Value):
        raise UnknownNodeError("it is a constant")
    found = output_of(assembly, image, last, images)
    if op in ENDS and is_over_classes(assembly, read.nodes[-1]):  # the design has its own at the end
        found = found - found.max(axis=1, keepdims=True)
        found = found - np.log(np.exp(found).sum(axis=1, keepdims=True))
        return found if op == "LogSoftmax" else np.exp(found)
    return found


def chosen(assembly: Assembly, every: Value, first: int, count: int) -> Value:
    """Some of the channels, by filters that have a single 1."""
    channels = every.shape[1]
    weight = np.zeros((count, channels, 1, 1), np.float32)
    weight[np.arange(count), first + np.arange(count)] = 1
    return assembly.add(None, Conv2D(filters=count, kernel=1, bias=False), [every], {"weight": weight})


def output_of(assembly: Assembly, image: Input, last: Value, images: Array) -> Array:
    """The output of a layer, in ONNX's order, for all images."""
    if last.layer == IMAGES:
        found = images
    else:
        layers = list(assembly.layers)
        while layers[-1].name != last.layer:  # added along, and read by nothing
            layers.pop()
        if assembly.is_maps(last):
            layers.append(Flatten(name="all-maps", input=last.layer))
        layers.append(Dense(name="all-scores", units=2))
        design = Design(name="case", input=image, classes=2, layers=tuple(layers)).named()
        arrays = {**Network(design).arrays, **assembly.arrays}
        output = wired(design)[last.layer].output
        program = lower(design, len(images), train=False)
        env: dict[str, Array] = {**arrays, IMAGES: images, LABELS: np.zeros(len(images), np.int64)}
        for _ in execute(program, env):
            pass
        found = env[output]
    if last.order and found.ndim == 4:
        found = found.transpose(last.order)
    if last.features is not None:
        found = found[:, last.features]
    return found
