"""Writes a network as an ONNX file: each layer as operators that express it, with the weights in the file.

The output is the scores (logits): softmax and loss belong to training. The batch may have any size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core import layers as kinds
from convviz.core.arrays import MAPS, Array, Role, Shape
from convviz.core.design import Design
from convviz.core.layers import AnyLayer, pair
from convviz.core.layers.base import Padding
from convviz.core.lower import IMAGES
from convviz.core.program import Builder
from convviz.core.wiring import lower_layers
from convviz.storage.designs import write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_bytes import finite, write_model
from convviz.storage.formats.model_format import refuse_to_replace
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.formats.onnx import norms, regions, scales
from convviz.storage.formats.onnx.graph import MOST_BYTES, WHAT
from convviz.storage.formats.onnx.operators import operators
from convviz.storage.network_state import NetworkState

OPSET = 17
"""Version of the operators to write: old enough for most programs."""
NEWER: Mapping[type, int] = MappingProxyType({kinds.GroupNorm: 21})
"""Layer that is written with a newer operator → the opset that introduced it."""
DILATED_AVERAGE = 19
"""First opset in which AveragePool has dilations."""
SCORES = "scores"
DESIGN = "convviz.design"
"""Key of the design, as TOML, in the file's metadata."""


class Writer:
    """Collects the nodes and constants of a graph.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Parameters and running statistics.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = dict(arrays)
        self.shapes: dict[str, Shape] = {}
        """Name of the images, or of a layer's output → its shape."""
        self.rows: set[str] = set()
        """Names of the outputs that are rows of features."""
        self.shape: Shape = ()
        """Shape of the first input of the layer that is being written, for one image."""

    def node(
        self, layer: AnyLayer, op: str, inputs: Sequence[str], part: str = "", *, first: bool = True, **attributes: Any
    ) -> str:
        """Add an operator; returns the name of its output. A layer's first operator is named after the layer."""
        from onnx import helper

        output = f"{layer.name}.{part}" if part else layer.name
        name = f"/{layer.name}/{op}" if first else ""
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=name, **attributes))
        return output

    def constant(self, layer: AnyLayer, part: str, array: Array) -> str:
        """Add a constant; returns its name."""
        name = f"{layer.name}.{part}"
        self.constants[name] = array
        return name


def save(path: Path, state: NetworkState, written_by: str, recognises: Callable[[Path], bool]) -> None:
    """Write a network, completely or not at all.

    Raises
    ------
    CheckpointError
        A weight is NaN or infinite, no operator expresses a layer, the existing file is of another kind, or it can't be
        written.
    """
    refuse_to_replace(path, WHAT, recognises)
    names = forward_arrays(state.design)
    arrays = {name: finite(path, name, np.array(state.arrays[name], order="C")) for name in names}
    try:
        import onnx
    except ImportError:
        raise CheckpointError(
            f"{path}: ONNX models are written with the package onnx, which isn't installed: pip install 'convviz[onnx]'"
        ) from None
    size = sum(array.nbytes for array in arrays.values())
    if size > MOST_BYTES - 2**20:
        raise CheckpointError(f"{path}: expected at most 2 GB of weights in one file, got {size:,} bytes")
    model = model_of(state.design, arrays, written_by)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise CheckpointError(f"{path}: can't be written as ONNX: {' '.join(str(error).split())[:160]}") from None
    write_model(path, model.SerializeToString())


def model_of(design: Design, arrays: Mapping[str, Array], written_by: str) -> Any:
    """The protocol buffer of a network.

    Raises
    ------
    CheckpointError
        No operator expresses a layer.
    """
    from onnx import TensorProto, helper, numpy_helper

    design = design.named()
    image = design.input
    writer = Writer(arrays)
    made = {IMAGES: IMAGES}
    writer.shapes[IMAGES] = (1, image.channels, image.height, image.width)
    build = Builder(1, train=False)
    x = build.source(IMAGES, (1, image.channels, image.height, image.width), Role.INPUT, MAPS)
    for wired in lower_layers(build, design, x):
        layer = wired.layer
        writer.shape = build.arrays[wired.inputs[0]].shape
        output = written(writer, layer, [made[name] for name in wired.reads])
        made[layer.name] = output
        writer.shapes[output] = build.arrays[wired.output].shape
        if len(build.arrays[wired.output].shape) == 2:
            writer.rows.add(output)
    last = made[design.layers[-1].name]
    writer.nodes.append(helper.make_node("Identity", [last], [SCORES], name=f"/{SCORES}/Identity"))
    graph = helper.make_graph(
        writer.nodes,
        design.name,
        [helper.make_tensor_value_info(IMAGES, TensorProto.FLOAT, ["N", image.channels, image.height, image.width])],
        [helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, ["N", design.classes])],
        [numpy_helper.from_array(as_written(array), name) for name, array in writer.constants.items()],
        doc_string=design.about,
    )
    opset = max(OPSET, *map(opset_of, design.layers))
    ids = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=ids, ir_version=helper.find_min_ir_version_for(ids))
    program, _, version = written_by.partition(" ")
    model.producer_name, model.producer_version = program, version
    helper.set_model_props(model, {DESIGN: write_design(design)})
    return model


def written(writer: Writer, layer: AnyLayer, inputs: Sequence[str]) -> str:
    """Write one layer; returns its output.

    Raises
    ------
    CheckpointError
        No operator expresses it.
    """
    write, operator = WRITERS.get(type(layer)), operators().get(type(layer))
    if write is not None:
        return write(writer, layer, inputs)
    if operator is None:
        raise CheckpointError(f"{layer.name}: no operator of ONNX expresses a {type(layer).__name__} layer")
    return writer.node(layer, operator.name, inputs, **operator.attributes(layer))


def opset_of(layer: AnyLayer) -> int:
    """The version of the operators that a layer needs."""
    operator = operators().get(type(layer))
    if operator is not None:
        return operator.opset(OPSET)
    if isinstance(layer, kinds.AvgPool2D) and layer.window.dilation != (1, 1):
        return DILATED_AVERAGE
    return NEWER.get(type(layer), OPSET)


def as_written(array: Array) -> Array:
    """An array as it is written: floating-point numbers as float32, shapes as whole numbers."""
    return np.array(array, np.float32 if array.dtype.kind == "f" else np.int64, order="C")


# --- layers ----------------------------------------------------------------------------------------------------------


def conv(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """A convolution."""
    names = [f"{layer.name}.weight", *([f"{layer.name}.bias"] if layer.bias else [])]
    window = layer.window
    return writer.node(
        layer, "Conv", [*inputs, *names], kernel_shape=window.kernel, strides=window.stride, dilations=window.dilation,
        group=layer.groups, **padding(layer.padding),
    )  # fmt: skip


def dense(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """A dense layer: features × units."""
    names = [f"{layer.name}.weight", *([f"{layer.name}.bias"] if layer.bias else [])]
    return writer.node(layer, "Gemm", [*inputs, *names])


def max_pool(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """The largest cell of every window."""
    window = layer.window
    return writer.node(
        layer, "MaxPool", inputs, kernel_shape=window.kernel, strides=window.stride, dilations=window.dilation,
        ceil_mode=int(layer.ceil), **padding(layer.padding),
    )  # fmt: skip


def average_pool(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """The mean of every window, with or without the zeros of its padding."""
    window = layer.window
    holes = {"dilations": window.dilation} if window.dilation != (1, 1) else {}
    return writer.node(
        layer, "AveragePool", inputs, kernel_shape=window.kernel, strides=window.stride, ceil_mode=int(layer.ceil),
        count_include_pad=int(layer.count_padding), **holes, **padding(layer.padding),
    )  # fmt: skip


def shuffle(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """A channel shuffle: channels are reshaped to groups × channels, transposed, and reshaped back."""
    _, channels, height, width = writer.shape
    shapes = ("grouped", (0, layer.groups, channels // layer.groups)), ("whole", (0, channels))
    grouped, whole = (writer.constant(layer, f"{name}_shape", np.array([*one, height, width])) for name, one in shapes)
    seen = writer.node(layer, "Reshape", [*inputs, grouped], "grouped", first=False)
    turned = writer.node(layer, "Transpose", [seen], "turned", first=False, perm=(0, 2, 1, 3, 4))
    return writer.node(layer, "Reshape", [turned, whole])


def conv_transpose(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """A transposed convolution."""
    names = [f"{layer.name}.weight", *([f"{layer.name}.bias"] if layer.bias else [])]
    window = layer.window
    return writer.node(
        layer, "ConvTranspose", [*inputs, *names], kernel_shape=window.kernel, strides=window.stride,
        dilations=window.dilation, group=layer.groups, output_padding=pair(layer.output_padding),
        **padding(layer.padding),
    )  # fmt: skip


def upsample(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Upsampled maps."""
    scales = writer.constant(layer, "scales", np.array([1, 1, *pair(layer.scale)], np.float32))
    if layer.mode == "nearest":
        rule: dict[str, Any] = {
            "mode": "nearest",
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        }
    else:
        corners = "align_corners" if layer.align_corners else "half_pixel"
        rule = {"mode": "linear", "coordinate_transformation_mode": corners}
    return writer.node(layer, "Resize", [*inputs, "", scales], **rule)


def reflect_pad(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Padding by reflection."""
    amounts = np.array([0, 0, layer.top, layer.left, 0, 0, layer.bottom, layer.right])
    return writer.node(layer, "Pad", [*inputs, writer.constant(layer, "pads", amounts)], mode="reflect")


def crop(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Maps without their edges."""
    height, width = writer.shape[2:]
    ends = height - layer.bottom, width - layer.right
    return cut(writer, layer, inputs, (layer.top, layer.left), ends, (2, 3))


def take(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Some of the channels."""
    return cut(writer, layer, inputs, (layer.start,), (layer.stop,), (1,))


def cut(
    writer: Writer, layer: Any, inputs: Sequence[str], starts: Sequence[int], ends: Sequence[int], axes: Sequence[int]
) -> str:
    """A Slice along some axes."""
    given = (("starts", starts), ("ends", ends), ("axes", axes))
    return writer.node(layer, "Slice", [*inputs, *(writer.constant(layer, name, np.array(one)) for name, one in given)])


def global_average(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """The mean of every map, as a row."""
    return writer.node(layer, "Flatten", [writer.node(layer, "GlobalAveragePool", inputs, "maps")], first=False)


def global_max(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """The largest cell of every map, as a row."""
    return writer.node(layer, "Flatten", [writer.node(layer, "GlobalMaxPool", inputs, "maps")], first=False)


def clip(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Numbers clipped to two bounds."""
    ends = [writer.constant(layer, name, np.array(getattr(layer, name), np.float32)) for name in ("low", "high")]
    return writer.node(layer, "Clip", [*inputs, *ends])


def zero_pad(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Zeros around maps."""
    amounts = np.array([0, 0, layer.top, layer.left, 0, 0, layer.bottom, layer.right])
    return writer.node(layer, "Pad", [*inputs, writer.constant(layer, "pads", amounts)])


def hard_sigmoid(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """The sigmoid's approximation by three straight lines."""
    return writer.node(layer, "HardSigmoid", inputs, alpha=1 / 6, beta=0.5)


def batch_norm(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Batch normalisation with running statistics."""
    names = [f"{layer.name}.{part}" for part in ("scale", "shift", "running_mean", "running_variance")]
    return writer.node(layer, "BatchNormalization", [*inputs, *names], epsilon=layer.epsilon)


def dropout(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Dropout, which does nothing outside of training."""
    return writer.node(layer, "Dropout", [*inputs, writer.constant(layer, "rate", np.array(layer.rate, np.float32))])


def silu(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """x·σ(x)."""
    return writer.node(layer, "Mul", [*inputs, writer.node(layer, "Sigmoid", inputs, "gate", first=False)])


def multiply(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """A product of branches, or of maps and one factor per map."""
    if len(set(inputs) & writer.rows) == 1 and len(inputs) == 2:
        axes = writer.constant(layer, "axes", np.array([2, 3]))
        inputs = [
            writer.node(layer, "Unsqueeze", [name, axes], "factors", first=False) if name in writer.rows else name
            for name in inputs
        ]
    total = inputs[0]
    for number, name in enumerate(inputs[1:], 1):
        last = number == len(inputs) - 1
        total = writer.node(layer, "Mul", [total, name], "" if last else f"z_{number}", first=last)
    return total


def channel_softmax(writer: Writer, layer: Any, inputs: Sequence[str]) -> str:
    """Softmax over channels."""
    return writer.node(layer, "Softmax", inputs, axis=1)


def padding(value: Padding) -> dict[str, Any]:
    """Attributes for the padding of a window."""
    if value == "same":
        return {"auto_pad": "SAME_UPPER"}
    if value == "valid":
        return {}
    vertical, horizontal = pair(value)
    return {"pads": (vertical, horizontal, vertical, horizontal)}


WRITERS: dict[type, Callable[[Writer, Any, Sequence[str]], str]] = {
    kinds.AdaptiveAvgPool2D: regions.write_mean,
    kinds.AdaptiveMaxPool2D: regions.write_max,
    kinds.AvgPool2D: average_pool,
    kinds.BatchNorm2D: batch_norm,
    kinds.ChannelShuffle: shuffle,
    kinds.Clip: clip,
    kinds.Concat: lambda writer, layer, inputs: writer.node(layer, "Concat", inputs, axis=1),
    kinds.Conv2D: conv,
    kinds.ConvTranspose2D: conv_transpose,
    kinds.Crop2D: crop,
    kinds.Dense: dense,
    kinds.Dropout: dropout,
    kinds.GlobalAvgPool: global_average,
    kinds.GlobalMaxPool: global_max,
    kinds.GroupNorm: norms.write_group,
    kinds.HardSigmoid: hard_sigmoid,
    kinds.InstanceNorm: norms.write_instance,
    kinds.LayerNorm: norms.write_layer,
    kinds.MaxPool2D: max_pool,
    kinds.Multiply: multiply,
    kinds.PReLU: scales.write_prelu,
    kinds.ReflectPad2D: reflect_pad,
    kinds.Rescale: scales.write_rescale,
    kinds.ScaleShift: scales.write_scale,
    kinds.SiLU: silu,
    kinds.Softmax: channel_softmax,
    kinds.Slice: take,
    kinds.Upsample: upsample,
    kinds.ZeroPad2D: zero_pad,
}
"""Kind of layer → the function that writes it, if a single operator with the layer's fields does not express it."""
