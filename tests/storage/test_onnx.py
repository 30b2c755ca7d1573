"""ONNX models: what is opened computes what ONNX says, and what can't be opened is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")

from engine_zoo import LAYERS
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx_graphs import by_reference, model, node, random, written
from scored import scores

from convviz.core.layers import (
    BatchNorm2D,
    Dense,
    Dropout,
    GlobalAvgPool,
    GroupNorm,
    InstanceNorm,
    Mish,
    SiLU,
    Softplus,
)
from convviz.core.network import Network
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.onnx import FORMAT
from convviz.storage.formats.onnx.operators import operators
from convviz.storage.formats.onnx.writer import WRITERS
from convviz.storage.model_files import is_model, load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress

IMAGES = np.random.default_rng(3).normal(0, 1, (1, 3, 8, 8)).astype(np.float32)
HEAD = [node("Flatten", ["m"], "f"), node("Gemm", ["f", "w", "b"], "y", transB=1)]
"""From maps ``m`` to ten scores."""


def head(features: int) -> dict[str, Any]:
    return {"w": random(10, features), "b": random(10)}


def trained(design: Any) -> NetworkState:
    """A network whose every array differs from its start."""
    network = Network(design)
    rng = np.random.default_rng(7)
    for name, array in network.arrays.items():
        if array.dtype.kind == "f" and array.ndim:
            array += rng.uniform(0.05, 0.2, array.shape).astype(array.dtype)
            assert name
    return NetworkState(network.design, network.arrays, RunProgress(learning_rate=0.1))


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(LAYERS))
def test_that_a_network_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    import onnx

    state = trained(LAYERS[name])
    path = tmp_path / "network.onnx"
    save_model(path, state)
    assert is_model(path)
    back = load_model(path)
    assert back.weights_only
    assert back.design.training == state.design.training
    assert [type(layer) for layer in back.design.layers] == [type(layer) for layer in state.design.layers]
    assert [layer.name for layer in back.design.layers] == [layer.name for layer in state.design.layers]
    for array, value in back.arrays.items():
        np.testing.assert_array_equal(value, state.arrays[array], err_msg=array)
    image = state.design.input
    images = np.random.default_rng(1).random((2, image.channels, image.height, image.width), np.float32)
    ours = scores(state, images)
    np.testing.assert_array_equal(scores(back, images), ours)
    theirs = by_reference(onnx.load(path), images)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


def test_that_every_kind_of_layer_can_be_written() -> None:
    from typing import get_args

    from convviz.core.layers import AnyLayer

    missing = [kind.__name__ for kind in get_args(AnyLayer) if kind not in {*WRITERS, *operators()}]
    assert not missing, f"neither exports nor convviz/storage/formats/onnx/writer.py say how to write {missing}"


# --- operators -------------------------------------------------------------------------------------------------------

GRAPHS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "conv": (
        [node("Conv", ["x", "k"], "m", pads=[1, 1, 1, 1], strides=[2, 2]), *HEAD],
        {"k": random(4, 3, 3, 3), **head(64)},
    ),
    "same": (
        [node("Conv", ["x", "k"], "m", auto_pad="SAME_UPPER", strides=[2, 2]), *HEAD],
        {"k": random(4, 3, 3, 3), **head(64)},
    ),
    "groups": (
        [node("Conv", ["x", "k", "c"], "m", group=3, dilations=[2, 1]), *HEAD],
        {"k": random(6, 1, 3, 3), "c": random(6), **head(144)},
    ),
    "residual": (
        [node("Conv", ["x", "k"], "c", pads=[1, 1, 1, 1]), node("Relu", ["c"], "r"), node("Add", ["r", "x"], "m"),
         *HEAD],
        {"k": random(3, 3, 3, 3), **head(192)},
    ),
    "concat": (
        [node("MaxPool", ["x"], "p", kernel_shape=[2, 2], strides=[2, 2]),
         node("AveragePool", ["x"], "q", kernel_shape=[2, 2], strides=[2, 2]),
         node("Concat", ["p", "q"], "m", axis=1), *HEAD],
        head(96),
    ),
    "means inside": (
        [node("AveragePool", ["x"], "p", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
         node("AveragePool", ["p"], "q", kernel_shape=[3, 2], auto_pad="SAME_UPPER"),
         node("AveragePool", ["q"], "m", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1), *HEAD],
        head(27),
    ),
    "one mean over the edge": (
        [node("AveragePool", ["x"], "m", kernel_shape=[9, 10], pads=[0, 1, 1, 1]), *HEAD],
        head(3),
    ),
    "means rounded up": (
        [node("AveragePool", ["x"], "m", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1), *HEAD],
        head(48),
    ),
    "channel shuffle": (
        [node("Concat", ["x", "x"], "c", axis=1), node("Reshape", ["c", "split"], "r"),
         node("Transpose", ["r"], "t", perm=[0, 2, 1, 3, 4]), node("Reshape", ["t", "whole"], "s"),
         node("Conv", ["s", "k"], "m", group=2), *HEAD],
        {"split": np.array([0, 3, 2, 8, 8]), "whole": np.array([0, -1, 8, 8]), "k": random(2, 3, 3, 3), **head(72)},
    ),
    "u-net": (
        [node("MaxPool", ["x"], "d", kernel_shape=[2, 2], strides=[2, 2]),
         node("ConvTranspose", ["d", "k", "c"], "u", strides=[2, 2]), node("Concat", ["u", "x"], "j", axis=1),
         node("Resize", ["d", "", "scales"], "n", mode="nearest", coordinate_transformation_mode="asymmetric",
              nearest_mode="floor"),
         node("Resize", ["d", "", "", "sizes"], "l", mode="linear",
              coordinate_transformation_mode="pytorch_half_pixel"),
         node("Resize", ["d", "", "scales"], "a", mode="linear", coordinate_transformation_mode="align_corners"),
         node("Concat", ["j", "n", "l", "a"], "m", axis=1), *HEAD],
        {"k": random(3, 2, 2, 2), "c": random(2), "scales": np.array([1, 1, 2, 2], np.float32),
         "sizes": np.array([1, 3, 8, 8]), **head(14 * 64)},
    ),
    "cut unevenly": (
        [node("ConvTranspose", ["x", "k"], "u", strides=[2, 2], pads=[1, 0, 0, 2]),
         node("ConvTranspose", ["u", "k"], "v", strides=[2, 3], pads=[1, 1, 0, 1]),
         node("ConvTranspose", ["v", "k"], "m", strides=[1, 1], auto_pad="SAME_UPPER"), *HEAD],
        {"k": random(3, 3, 3, 3), **head(3 * 32 * 43)},
    ),
    "mirrored, cut, split": (
        [node("Pad", ["x", "pads"], "p", mode="reflect"), node("Slice", ["p", "one", "last", "axes"], "s"),
         node("Slice", ["s", "from", "to", "places"], "c"),
         helper.make_node("Split", ["c", "parts"], ["first", "rest"], axis=1),
         node("Relu", ["first"], "r"), node("Slice", ["c", "zero", "one", "channel"], "o"),
         node("Concat", ["rest", "r", "o"], "m", axis=1), *HEAD],
        {"pads": np.array([0, 0, 2, 1, 0, 0, 0, 3]), "one": np.array([1]), "zero": np.array([0]),
         "last": np.array([-1]), "axes": np.array([2]), "channel": np.array([1]), "parts": np.array([1, 2]),
         "from": np.array([1, 0]), "to": np.array([-1, -2]), "places": np.array([2, 3]),
         **head(4 * 6 * 10)},
    ),
    "dilated maxima": (
        [node("MaxPool", ["x"], "m", kernel_shape=[2, 3], strides=[1, 2], dilations=[3, 2], pads=[1, 1, 1, 1]), *HEAD],
        head(3 * 7 * 3),
    ),
    "squeeze and excite": (
        [node("GlobalAveragePool", ["x"], "g"), node("Conv", ["g", "k"], "h"), node("Sigmoid", ["h"], "s"),
         node("Mul", ["x", "s"], "m"), *HEAD],
        {"k": random(3, 3, 1, 1), **head(192)},
    ),
    "uneven padding": (
        [node("Conv", ["x", "k"], "c", auto_pad="SAME_LOWER", strides=[3, 3]),
         node("Pad", ["c", "pads"], "p"), node("AveragePool", ["p"], "m", kernel_shape=[2, 2], pads=[1, 0, 0, 1],
         count_include_pad=1), *HEAD],
        {"k": random(4, 3, 3, 3), "pads": np.array([0, 0, 1, 0, 0, 0, 0, 2]), **head(80)},
    ),
    "a number a channel": (
        [node("Mul", ["x", "s"], "c"), node("Add", ["c", "t"], "d"), node("Mul", ["half", "d"], "e"),
         node("Add", ["e", "t"], "m"), *HEAD],
        {"s": random(3, 1, 1), "t": random(1, 3, 1, 1), "half": np.array(0.5, np.float32), **head(192)},
    ),
    "maxima over the edge": (
        [node("MaxPool", ["x"], "p", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
         node("LRN", ["p"], "m", size=3, alpha=0.5, beta=0.6, bias=2.0), *HEAD],
        head(48),
    ),
    "pools whose sides differ": (
        [node("AveragePool", ["x"], "a", kernel_shape=[2, 2], pads=[1, 1, 0, 0]),
         node("MaxPool", ["a"], "c", kernel_shape=[3, 3], pads=[0, 1, 1, 2]),
         node("AveragePool", ["c"], "m", kernel_shape=[3, 2], strides=[2, 1], pads=[0, 0, 2, 1], ceil_mode=1), *HEAD],
        head(108),
    ),
    "clipped": (
        [node("Clip", ["x", "low", "high"], "c"), node("HardSigmoid", ["c"], "h", alpha=1 / 6, beta=0.5),
         node("Mul", ["c", "h"], "s"), node("GlobalMaxPool", ["s"], "g"), node("Squeeze", ["g", "axes"], "f"),
         node("Gemm", ["f", "w", "b"], "y", transB=1)],
        {"low": np.array(-1, np.float32), "high": np.array(1, np.float32), "axes": np.array([2, 3]), **head(3)},
    ),
    "silu": ([node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"], "m"), *HEAD], head(192)),
    "bias of a product": (
        [node("Flatten", ["x"], "f"), node("MatMul", ["f", "w"], "p"), node("Add", ["p", "b"], "y")],
        {"w": random(192, 10), "b": random(10)},
    ),
    "reshape by shape": (
        [node("Shape", ["x"], "s"), node("Constant", [], "zero", value=numpy_helper.from_array(np.array(0))),
         node("Gather", ["s", "zero"], "n"), node("Unsqueeze", ["n", "first"], "u"),
         node("Concat", ["u", "rest"], "to", axis=0), node("Reshape", ["x", "to"], "f"),
         node("Gemm", ["f", "w", "b"], "y", transB=1)],
        {"first": np.array([0]), "rest": np.array([-1]), **head(192)},
    ),
    "channels last": (
        [node("Transpose", ["x"], "n", perm=[0, 2, 3, 1]), node("Relu", ["n"], "r"), node("Flatten", ["r"], "f"),
         node("Gemm", ["f", "w", "b"], "y", transB=1)],
        head(192),
    ),
    "scaled": (
        [node("Flatten", ["x"], "f"), node("Gemm", ["f", "w", "b"], "y", alpha=0.5, beta=2.0, transB=1)],
        {"w": random(10, 192), "b": random(1, 10)},
    ),
    "mean, softmax": (
        [node("Conv", ["x", "k"], "c"), node("ReduceMean", ["c"], "y", axes=[2, 3], keepdims=0)],
        {"k": random(5, 3, 3, 3)},
    ),
    "normalised": (
        [node("BatchNormalization", ["x", "s", "t", "a", "v"], "n", epsilon=0.01), node("Elu", ["n"], "e", alpha=0.5),
         node("Tanh", ["e"], "h"), node("LeakyRelu", ["h"], "l", alpha=0.2), node("HardSwish", ["l"], "m"), *HEAD],
        {"s": random(3), "t": random(3), "a": random(3), "v": np.abs(random(3)) + 0.5, **head(192)},
    ),
    "mish": (
        [node("Softplus", ["x"], "s"), node("Tanh", ["s"], "t"), node("Mul", ["x", "t"], "n"),
         node("Softplus", ["n"], "m"), *HEAD],
        head(192),
    ),
    "instances": (
        [node("Conv", ["x", "k"], "c"), node("InstanceNormalization", ["c", "s", "t"], "n", epsilon=0.01),
         node("InstanceNormalization", ["n", "ones", "zeros"], "m"), *HEAD],
        {"k": random(4, 3, 3, 3), "s": random(4), "t": random(4), "ones": np.ones(4, np.float32),
         "zeros": np.zeros(4, np.float32), **head(144)},
    ),
    "layers": (
        [node("LayerNormalization", ["x", "s", "t"], "n", axis=1, epsilon=0.01),
         node("LayerNormalization", ["n", "one"], "m", axis=-3), node("Flatten", ["m"], "f"),
         node("LayerNormalization", ["f", "r"], "g"), node("Gemm", ["g", "w", "b"], "y", transB=1)],
        {"s": random(3, 8, 8), "t": random(3, 1, 1), "one": np.ones((3, 8, 8), np.float32), "r": random(192),
         **head(192)},
    ),
    "constants": (
        [node("Sub", ["x", "t"], "a"), node("Div", ["a", "s"], "b"), node("Sub", ["one", "b"], "c"),
         node("Mul", ["c", "half"], "d"), node("Sub", ["d", "one"], "e"), node("Flatten", ["e"], "f"),
         node("Mul", ["f", "r"], "g"), node("Add", ["g", "r"], "h"), node("Gemm", ["h", "w", "b2"], "y", transB=1)],
        {"s": random(3, 1, 1), "t": random(1, 3, 1, 1), "one": np.array(1, np.float32),
         "half": np.array([0.5], np.float32), "r": random(192), "w": random(10, 192), "b2": random(10)},
    ),
    "slopes": (
        [node("PRelu", ["x", "s"], "a"), node("PRelu", ["a", "one"], "b"), node("Softmax", ["b"], "c", axis=1),
         node("Flatten", ["c"], "f"), node("PRelu", ["f", "r"], "g"), node("Softmax", ["g"], "h"),
         node("Gemm", ["h", "w", "b2"], "y", transB=1)],
        {"s": random(3, 1, 1), "one": np.array([0.2], np.float32), "r": random(192), "w": random(10, 192),
         "b2": random(10)},
    ),
    "scaled, channels last": (
        [node("Transpose", ["x"], "n", perm=[0, 2, 3, 1]), node("Flatten", ["n"], "f"), node("Mul", ["f", "r"], "g"),
         node("PRelu", ["g", "r"], "h"), node("Gemm", ["h", "w", "b2"], "y", transB=1)],
        {"r": random(192), "w": random(10, 192), "b2": random(10)},
    ),
    "groups as PyTorch writes them": (
        [node("Conv", ["x", "k"], "c"), node("Reshape", ["c", "to"], "r"),
         node("InstanceNormalization", ["r", "ones", "zeros"], "n", epsilon=0.01), node("Reshape", ["n", "back"], "u"),
         node("Mul", ["u", "s"], "v"), node("Add", ["v", "t"], "m"), *HEAD],
        {"k": random(6, 3, 3, 3), "to": np.array([0, 2, -1]), "back": np.array([1, 6, 6, 6]),
         "ones": np.ones(2, np.float32), "zeros": np.zeros(2, np.float32), "s": random(6, 1, 1), "t": random(6, 1, 1),
         **head(216)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(GRAPHS))
def test_that_the_engine_computes_what_onnx_says(name: str, tmp_path: Path) -> None:
    nodes, weights = GRAPHS[name]
    made = model(nodes, weights)
    theirs = by_reference(made, IMAGES)
    state = load_model(written(tmp_path, made))
    np.testing.assert_allclose(scores(state, IMAGES), theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("opset", "count"), [(18, 2), (21, 6)])
def test_that_groups_are_normalised_as_each_version_says(opset: int, count: int, tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "k"], "c"),
        node("GroupNormalization", ["c", "s", "t"], "m", num_groups=2, epsilon=0.01),
        *HEAD,
    ]
    weights = {"k": random(6, 3, 3, 3), "s": random(count), "t": random(count), **head(216)}
    made = model(nodes, weights, opset=opset)
    state = load_model(written(tmp_path, made))
    assert isinstance(state.design.layers[1], GroupNorm)
    theirs = by_reference(made, IMAGES)
    np.testing.assert_allclose(scores(state, IMAGES), theirs, rtol=1e-4, atol=1e-5)


def test_that_a_scale_of_ones_is_none(tmp_path: Path) -> None:
    layers = load_model(written(tmp_path, model(*GRAPHS["instances"]))).design.layers
    assert [layer.affine for layer in layers if isinstance(layer, InstanceNorm)] == [True, False]
    layers = load_model(written(tmp_path, model(*GRAPHS["groups as PyTorch writes them"]))).design.layers
    assert GroupNorm(name=layers[1].name, groups=2, epsilon=0.01) == layers[1]
    assert len(layers) == 4


def test_that_a_transposed_convolution_may_say_the_size_that_it_makes(tmp_path: Path) -> None:
    nodes, weights = GRAPHS["cut unevenly"]
    said = node("ConvTranspose", ["u", "k"], "v", strides=[2, 3], output_shape=[32, 43])  # as those pads make it
    one, other = (load_model(written(tmp_path, model(some, weights))) for some in (nodes, [nodes[0], said, *nodes[2:]]))
    np.testing.assert_array_equal(scores(one, IMAGES), scores(other, IMAGES))


def test_that_layers_stay_what_they_are(tmp_path: Path) -> None:
    state = load_model(written(tmp_path, model(*GRAPHS["normalised"])))
    assert isinstance(state.design.layers[0], BatchNorm2D)
    assert state.design.layers[0].epsilon == 0.01
    state = load_model(written(tmp_path, model(*GRAPHS["silu"])))
    assert [type(layer) for layer in state.design.layers] == [SiLU, type(state.design.layers[1]), Dense]
    state = load_model(written(tmp_path, model(*GRAPHS["mish"])))
    assert [type(layer) for layer in state.design.layers[:2]] == [Mish, Softplus]


def test_that_an_operator_says_the_fields_that_are_not_the_defaults(tmp_path: Path) -> None:
    nodes = [node("LeakyRelu", ["x"], "l"), node("Elu", ["l"], "e"), node("LeakyRelu", ["e"], "m", alpha=0.3), *HEAD]
    state = load_model(written(tmp_path, model(nodes, head(192))))
    assert [layer.format for layer in state.design.layers[:3]] == [1, 1, 1]
    first, second, third = state.design.layers[:3]
    assert (first.slope, second.alpha, third.slope) == (0.01, 1.0, 0.3)


def test_that_softmax_at_the_end_and_dropout_are_the_designs(tmp_path: Path) -> None:
    nodes = [
        node("GlobalAveragePool", ["c"], "g"),
        node("Dropout", ["g", "rate"], "d"),
        node("Softmax", ["d"], "y", axis=1),
    ]
    weights = {"k": random(5, 3, 3, 3), "rate": np.array(0.3, np.float32)}
    state = load_model(written(tmp_path, model([node("Conv", ["x", "k"], "c"), *nodes], weights)))
    assert [type(layer) for layer in state.design.layers][1:] == [GlobalAvgPool, Dropout]
    assert state.design.layers[-1] == Dropout(name=state.design.layers[-1].name, rate=0.3)
    assert state.design.classes == 5


def test_that_images_with_channels_last_are_turned(tmp_path: Path) -> None:
    nodes = [node("Transpose", ["x"], "n", perm=[0, 3, 1, 2]), node("Conv", ["n", "k"], "m"), *HEAD]
    made = model(nodes, {"k": random(4, 3, 3, 3), **head(144)}, shape=("N", 8, 8, 3))
    state = load_model(written(tmp_path, made))
    assert (state.design.input.channels, state.design.input.height) == (3, 8)
    theirs = by_reference(made, IMAGES.transpose(0, 2, 3, 1))
    np.testing.assert_allclose(scores(state, IMAGES), theirs, rtol=1e-4, atol=1e-5)


def test_that_names_of_blocks_are_kept(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["c"], name="/layer1/layer1.0/conv1/Conv"),
        helper.make_node("Relu", ["c"], ["r"], name="/layer1/layer1.0/Relu"),
        helper.make_node("Add", ["r", "c"], ["m"], name="/layer1/layer1.0/Add"),
        *HEAD,
    ]
    state = load_model(written(tmp_path, model(nodes, {"k": random(4, 3, 3, 3), **head(144)})))
    assert [layer.name for layer in state.design.layers][:3] == ["layer1-0-conv1", "layer1-0-relu", "layer1-0-add"]


def test_that_narrow_weights_become_float32_and_that_is_said(tmp_path: Path) -> None:
    weights = {"w": random(192, 10).astype(np.float16), "b": random(10).astype(np.float64)}
    nodes = [node("Flatten", ["x"], "f"), node("Gemm", ["f", "w", "b"], "y")]
    state = load_model(written(tmp_path, model(nodes, weights)))
    assert state.arrays[f"{state.design.layers[1].name}.weight"].dtype == np.float32
    assert "float16 and float64 weights became float32" in state.design.about


def test_that_weights_in_a_file_beside_it_are_read(tmp_path: Path) -> None:
    made = beside(tmp_path, "weights.bin")
    (tmp_path / "weights.bin").write_bytes(b"\0" * 64 + random(192, 10).tobytes())
    state = load_model(written(tmp_path, made))
    np.testing.assert_array_equal(state.arrays[f"{state.design.layers[1].name}.weight"], random(192, 10))


def beside(folder: Path, place: str) -> Any:
    """A model whose weights lie in another file."""
    nodes = [node("Flatten", ["x"], "f"), node("Gemm", ["f", "w", "b"], "y")]
    made = model(nodes, {"w": random(192, 10), "b": random(10)})
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", place), ("offset", "64"), ("length", str(192 * 10 * 4))):
        tensor.external_data.add(key=key, value=value)
    assert folder
    return made


# --- what can't be opened --------------------------------------------------------------------------------------------

DENSE = [node("Flatten", ["x"], "f"), node("Gemm", ["f", "w"], "y")]
REFUSED: list[tuple[list[Any], dict[str, Any], str]] = [
    ([node("Det", ["x"], "y")], {}, "node y (Det): no layer expresses this operator"),
    (
        [node("Conv", ["x", "x"], "y")],
        {},
        "(Conv): it expects its filters as a constant, got a value that depends on the image",
    ),
    ([node("Conv", ["x", "k"], "m"), *HEAD], {"k": random(4, 2, 3, 3), **head(64)}, "node m (Conv)"),
    (
        [node("Reshape", ["x", "s"], "r"), node("Conv", ["r", "k"], "m"), *HEAD],
        {"s": np.array([1, 3, 1, 8, 8]), "k": random(4, 3, 3, 3), **head(64)},
        "got 3×1×8×8",
    ),
    (
        [node("MaxPool", ["x"], "m", kernel_shape=[2, 2], strides=[3, 3], pads=[0, 0, 3, 3]), *HEAD],
        head(48),
        "(MaxPool): it expects every window to overlap the maps, got padding of 0×0×3×3",
    ),
    (
        [node("Resize", ["x", "", "s"], "m", mode="nearest"), *HEAD],
        {"s": np.array([1, 1, 1.5, 2], np.float32), **head(64)},
        "it expects whole factors for height and width, got 1×1×1.5×2",
    ),
    (
        [node("Resize", ["x", "", "s"], "m", mode="cubic"), *HEAD],
        {"s": np.array([1, 1, 2, 2], np.float32), **head(64)},
        "got cubic with half_pixel",
    ),
    (
        [node("Slice", ["x", "a", "b", "c", "d"], "m"), *HEAD],
        {"a": np.array([0]), "b": np.array([8]), "c": np.array([2]), "d": np.array([2]), **head(64)},
        "got steps of 2",
    ),
    ([node("Relu", ["q"], "y")], {}, "nothing makes its input q"),
    ([node("Relu", ["a"], "b"), node("Relu", ["b"], "a"), node("Add", ["a", "x"], "y")], {}, "its own output"),
    ([node("Relu", ["x"], "a"), node("Relu", ["x"], "a"), *HEAD], {}, "a is made twice"),
    ([node("Relu", ["x"], "y")], {}, "expected"),
    ([*DENSE], {"w": np.full((192, 10), np.nan, np.float32)}, "NaN"),
    ([node("LayerNormalization", ["x", "s"], "m"), *HEAD], {"s": random(8), **head(192)}, "got other axes"),
    ([node("Softmax", ["x"], "m", axis=2), *HEAD], head(192), "got another axis"),
    ([node("Add", ["x", "k"], "m"), *HEAD], {"k": random(8, 8), **head(192)}, "it expects one number per channel"),
    (
        [node("Div", ["k", "x"], "m"), *HEAD],
        {"k": np.array(1, np.float32), **head(192)},
        "no layer divides a constant by its input",
    ),
    ([*DENSE], {"w": random(191, 10)}, "weight of 192×10"),
]


@pytest.mark.parametrize(("nodes", "weights", "words"), REFUSED, ids=[one[2] for one in REFUSED])
def test_that_what_is_not_expressed_is_named(nodes: Any, weights: Any, words: str, tmp_path: Path) -> None:
    path = written(tmp_path, model(nodes, weights))
    with pytest.raises(CheckpointError) as caught:
        load_model(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("../weights.bin", "expected its numbers in this folder"),
        ("/etc/passwd", "expected its numbers in this folder"),
        ("gone.bin", "which isn't there"),
        ("short.bin", "expected 7,680 bytes in short.bin, got 36"),
    ],
)
def test_that_weights_elsewhere_are_refused(place: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(b"\0" * 10000)
    (folder / "short.bin").write_bytes(b"\0" * 100)
    with pytest.raises(CheckpointError, match=words):
        load_model(written(folder, beside(folder, place)))


def test_that_a_link_to_another_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(b"\0" * 10000)
    (folder / "weights.bin").symlink_to(tmp_path / "weights.bin")
    with pytest.raises(CheckpointError, match="expected its numbers in this folder"):
        load_model(written(folder, beside(folder, "weights.bin")))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"opset": 6}, "expected version 7 to 28 of ONNX's operators, got version 6"),
        ({"opset": 99}, "got version 99"),
        ({"shape": ("N", 3, "H", "W")}, "expected images of a fixed size, N×channels×height×width, got ?×3×?×?"),
        ({"shape": (1, 192)}, "got 1×192"),
        ({"output": "nobody"}, "nobody"),
    ],
)
def test_that_models_of_other_kinds_are_refused(changed: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = written(tmp_path, model([node("Relu", ["x"], "m"), *HEAD], head(192), **changed))
    with pytest.raises(CheckpointError) as caught:
        load_model(path)
    assert words in str(caught.value)


def test_that_a_condition_is_refused(tmp_path: Path) -> None:
    branch = helper.make_graph([node("Relu", ["x"], "o")], "b", [], [helper.make_tensor_value_info("o", 1, None)])
    nodes = [node("If", ["c"], "m", then_branch=branch, else_branch=branch), *HEAD]
    with pytest.raises(CheckpointError, match="without loops and conditions"):
        load_model(written(tmp_path, model(nodes, {"c": np.array(True), **head(192)})))


def test_that_a_huge_constant_is_not_made(tmp_path: Path) -> None:
    nodes = [node("ConstantOfShape", ["s"], "big"), node("Add", ["x", "big"], "m"), *HEAD]
    weights = {"s": np.array([1 << 20, 1 << 20]), **head(192)}
    with pytest.raises(CheckpointError, match="it makes a constant that is too large"):
        load_model(written(tmp_path, model(nodes, weights)))


WHOLE = model(*GRAPHS["residual"]).SerializeToString()


@settings(max_examples=150)
@given(st.data())
def test_that_a_damaged_file_is_refused_in_a_sentence_or_opens(tmp_path_factory: Any, data: Any) -> None:
    contents = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        contents[data.draw(st.integers(0, len(contents) - 1))] = data.draw(st.integers(0, 255))
    contents = contents[: data.draw(st.integers(0, len(contents)))] if data.draw(st.booleans()) else contents
    path = tmp_path_factory.mktemp("damaged") / "model.onnx"
    path.write_bytes(contents)
    try:
        state = FORMAT.load(path, None)
    except CheckpointError as error:
        said = str(error)
    else:
        said = state.design.about
    assert said
    assert "\n" not in said


def test_that_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, model(*GRAPHS["silu"]))
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(CheckpointError, match=r"pip install 'convviz\[onnx\]'"):
        load_model(path)
