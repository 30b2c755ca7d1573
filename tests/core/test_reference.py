"""Every layer, forward and backward, against the plain loops of ``tests/support/reference.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import reference
import reference_shapes as shapes
from engine_lone import Array, run_layer
from reference import Sliding

from convviz.core.arrays import Axis, Role
from convviz.core.backward import derive_backward
from convviz.core.execute import execute
from convviz.core.layers import (
    ELU,
    GELU,
    AnyLayer,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    MaxPool2D,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
    pair,
)
from convviz.core.ops.loss import CrossEntropy, MeanLoss, Softmax
from convviz.core.program import Builder, Phase


def close(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


CONVOLUTIONS: dict[str, tuple[Conv2D, tuple[int, ...], Sliding]] = {
    "plain": (Conv2D(filters=3), (2, 2, 5, 4), Sliding((3, 3))),
    "rectangular, odd strides": (
        Conv2D(filters=2, kernel=(2, 3), stride=(3, 2)),
        (2, 2, 8, 7),
        Sliding((2, 3), (3, 2)),
    ),
    "padding per axis": (
        Conv2D(filters=2, kernel=2, padding=(2, 1)),
        (1, 1, 3, 4),
        Sliding((2, 2), margins=(2, 2, 1, 1)),
    ),
    "dilation": (
        Conv2D(filters=2, kernel=(3, 2), dilation=(2, 3), padding=1),
        (1, 2, 6, 5),
        Sliding((3, 2), dilation=(2, 3), margins=(1, 1, 1, 1)),
    ),
    "same, even kernel": (
        Conv2D(filters=2, kernel=4, padding="same"),
        (1, 1, 5, 6),
        Sliding((4, 4), margins=(1, 2, 1, 2)),
    ),
    "same, stride 2": (
        Conv2D(filters=2, kernel=3, stride=2, padding="same"),
        (1, 1, 6, 5),
        Sliding((3, 3), (2, 2), margins=(0, 1, 1, 1)),
    ),
    "groups": (Conv2D(filters=4, kernel=2, groups=2), (2, 6, 3, 4), Sliding((2, 2))),
    "depthwise": (Conv2D(filters=6, kernel=2, groups=3, bias=False), (1, 3, 4, 3), Sliding((2, 2))),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_that_convolution_agrees_with_its_loops(name: str) -> None:
    layer, shape, sliding = CONVOLUTIONS[name]
    ran = run_layer(layer, shape)
    weight, bias = ran.parameters["weight"], ran.parameters.get("bias")

    close(ran.out, reference.conv2d(ran.x, weight, bias, sliding, layer.groups))
    d_x, d_weight, d_bias = reference.conv2d_backward(ran.x, weight, ran.d_out, sliding, layer.groups)
    close(ran.gradients["x"], d_x)
    close(ran.gradients["weight"], d_weight)
    if bias is not None:
        close(ran.gradients["bias"], d_bias)


POOLS: dict[str, tuple[dict[str, Any], tuple[int, ...], Sliding]] = {
    "2×2": ({}, (2, 2, 4, 6), Sliding((2, 2), (2, 2))),
    "2×2, left over": ({}, (1, 2, 5, 7), Sliding((2, 2), (2, 2))),
    "2×2, stride 1": ({"stride": 1}, (2, 1, 4, 5), Sliding((2, 2), (1, 1))),
    "3×2, stride 2×3": ({"kernel": (3, 2), "stride": (2, 3)}, (1, 2, 7, 8), Sliding((3, 2), (2, 3))),
    "gaps": ({"kernel": 2, "stride": 3}, (1, 1, 9, 8), Sliding((2, 2), (3, 3))),
    "padding": (
        {"kernel": (3, 2), "stride": (2, 1), "padding": 1},
        (1, 2, 5, 4),
        Sliding((3, 2), (2, 1), margins=(1, 1, 1, 1)),
    ),
    "padding per axis": (
        {"kernel": 3, "stride": 1, "padding": (0, 2)},
        (1, 1, 4, 4),
        Sliding((3, 3), margins=(0, 0, 2, 2)),
    ),
    "same": (
        {"kernel": 3, "stride": 2, "padding": "same"},
        (1, 1, 6, 5),
        Sliding((3, 3), (2, 2), margins=(0, 1, 1, 1)),
    ),
    "same, stride 1": (
        {"kernel": 2, "stride": 1, "padding": "same"},
        (1, 2, 3, 4),
        Sliding((2, 2), margins=(0, 1, 0, 1)),
    ),
    "valid": ({"kernel": (1, 3), "stride": 2, "padding": "valid"}, (1, 1, 4, 7), Sliding((1, 3), (2, 2))),
    "one cell": ({"kernel": 1}, (1, 2, 3, 2), Sliding((1, 1))),
}


@pytest.mark.parametrize("name", POOLS)
def test_that_max_pooling_agrees_with_its_loops(name: str) -> None:
    fields, shape, sliding = POOLS[name]
    ran = run_layer(MaxPool2D(**fields), shape)

    close(ran.out, reference.max_pool2d(ran.x, sliding))
    close(ran.gradients["x"], reference.max_pool2d_backward(ran.x, ran.d_out, sliding))


@pytest.mark.parametrize("name", POOLS)
def test_that_average_pooling_agrees_with_its_loops(name: str) -> None:
    fields, shape, sliding = POOLS[name]
    ran = run_layer(AvgPool2D(**fields), shape)

    close(ran.out, reference.avg_pool2d(ran.x, sliding))
    close(ran.gradients["x"], reference.avg_pool2d_backward(ran.x.shape, ran.d_out, sliding))


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize(
    ("fields", "margins", "padded"),
    [
        ({"kernel": 3, "stride": 2, "padding": 1}, (1, 1, 1, 1), (1, 1, 1, 1)),
        ({"kernel": (3, 2), "stride": 2, "padding": "same"}, (0, 1, 0, 1), (0, 1, 0, 1)),
        ({"kernel": 3, "stride": 2, "ceil": True}, (0, 1, 0, 0), (0, 0, 0, 0)),
        ({"kernel": 2, "stride": 3, "padding": 1, "ceil": True}, (1, 1, 1, 2), (1, 1, 1, 1)),
    ],
)
def test_that_means_at_the_edge_agree_with_their_loops(fields: Any, margins: Any, padded: Any, counts: bool) -> None:
    ran = run_layer(AvgPool2D(**fields, count_padding=counts), (2, 2, 6, 5))
    kernel, stride = (pair(fields[name]) for name in ("kernel", "stride"))
    links = shapes.average((2, 6, 5), Sliding(kernel, stride, margins=margins), padded if counts else (0, 0, 0, 0))

    close(ran.out, shapes.forward(ran.x, ran.out.shape[1:], links))
    close(ran.gradients["x"], shapes.backward(ran.d_out, (2, 6, 5), links))


def test_that_shuffled_channels_agree_with_their_loops() -> None:
    ran = run_layer(ChannelShuffle(groups=3), (2, 6, 2, 3))
    links = shapes.channel_shuffle((6, 2, 3), 3)

    np.testing.assert_array_equal(ran.out, shapes.forward(ran.x, (6, 2, 3), links))
    np.testing.assert_array_equal(ran.gradients["x"], shapes.backward(ran.d_out, (6, 2, 3), links))
    assert ran.out[0, :, 0, 0].tolist() == ran.x[0, [0, 2, 4, 1, 3, 5], 0, 0].tolist()


def test_that_global_average_pooling_agrees_with_its_loops() -> None:
    ran = run_layer(GlobalAvgPool(), (2, 3, 4, 5))

    close(ran.out, reference.global_avg_pool(ran.x))
    close(ran.gradients["x"], reference.global_avg_pool_backward(ran.x.shape, ran.d_out))


@pytest.mark.parametrize("bias", [True, False])
def test_that_dense_agrees_with_its_loops(bias: bool) -> None:
    ran = run_layer(Dense(units=4, bias=bias), (3, 5))

    close(ran.out, reference.dense(ran.x, ran.parameters["weight"], ran.parameters.get("bias")))
    d_x, d_weight, d_bias = reference.dense_backward(ran.x, ran.parameters["weight"], ran.d_out)
    close(ran.gradients["x"], d_x)
    close(ran.gradients["weight"], d_weight)
    if bias:
        close(ran.gradients["bias"], d_bias)


def test_that_flatten_agrees_with_its_loops() -> None:
    ran = run_layer(Flatten(), (2, 3, 4, 5))

    close(ran.out, reference.flatten(ran.x))
    close(reference.flatten(ran.gradients["x"]), ran.d_out)


ACTIVATIONS: dict[str, tuple[AnyLayer, dict[str, float]]] = {
    "relu": (ReLU(), {}),
    "leaky_relu": (LeakyReLU(slope=0.3), {"slope": 0.3}),
    "sigmoid": (Sigmoid(), {}),
    "tanh": (Tanh(), {}),
    "gelu": (GELU(), {}),
    "gelu_tanh": (GELU(approximate="tanh"), {}),
    "elu": (ELU(alpha=0.7), {"alpha": 0.7}),
    "silu": (SiLU(), {}),
    "hard_swish": (HardSwish(), {}),
    "softplus": (Softplus(), {}),
    "mish": (Mish(), {}),
    "hard_sigmoid": (HardSigmoid(), {}),
}


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(3, 7), (2, 2, 3, 4)], ids=["features", "maps"])
def test_that_an_activation_agrees_with_its_definition(kind: str, shape: tuple[int, ...]) -> None:
    layer, fields = ACTIVATIONS[kind]
    ran = run_layer(layer, shape)

    close(ran.out, reference.activation(kind, ran.x, **fields))
    close(ran.gradients["x"], reference.activation_backward(kind, ran.x, ran.d_out, **fields))


def test_that_dropout_agrees_with_its_loops() -> None:
    ran = run_layer(Dropout(), (4, 6))
    mask = ran.env["here.mask"]

    assert set(np.unique(mask)) == {0.0, 2.0}
    close(ran.out, reference.dropout(ran.x, mask))
    close(ran.gradients["x"], reference.dropout(ran.d_out, mask))


@pytest.mark.parametrize("shape", [(3, 2, 4, 3), (1, 2, 2, 2), (4, 1, 1, 1)], ids=str)
def test_that_batch_normalisation_agrees_with_its_loops(shape: tuple[int, ...]) -> None:
    layer = BatchNorm2D(epsilon=1e-3)
    ran = run_layer(layer, shape)
    scale, shift = ran.parameters["scale"], ran.parameters["shift"]

    close(ran.out, reference.batch_norm2d(ran.x, scale, shift, 1e-3))
    d_x, d_scale, d_shift = reference.batch_norm2d_backward(ran.x, scale, ran.d_out, 1e-3)
    np.testing.assert_allclose(ran.gradients["x"], d_x, rtol=1e-10, atol=1e-11)
    close(ran.gradients["scale"], d_scale)
    close(ran.gradients["shift"], d_shift)


@pytest.mark.parametrize(
    ("layer", "shape", "groups"),
    [
        (GroupNorm(groups=2, epsilon=1e-3), (2, 4, 3, 2), 2),
        (InstanceNorm(epsilon=1e-3), (2, 3, 2, 4), 3),
        (LayerNorm(epsilon=1e-3), (3, 2, 2, 3), 1),
        (LayerNorm(epsilon=1e-3), (3, 7), 1),
    ],
    ids=str,
)
def test_that_normalisation_of_single_images_agrees_with_its_loops(
    layer: AnyLayer, shape: tuple[int, ...], groups: int
) -> None:
    ran = run_layer(layer, shape)
    cells = isinstance(layer, LayerNorm)
    scale, shift = (
        array if cells else array.reshape(-1, 1, 1) for array in (ran.parameters["scale"], ran.parameters["shift"])
    )
    x_hat = reference.group_norm(ran.x, groups, 1e-3)
    over = 0 if cells else (0, 2, 3)

    close(ran.out, scale * x_hat + shift)
    close(ran.gradients["x"], reference.group_norm_backward(ran.x, scale * ran.d_out, groups, 1e-3))
    close(ran.gradients["scale"], (ran.d_out * x_hat).sum(axis=over))
    close(ran.gradients["shift"], ran.d_out.sum(axis=over))


def test_that_normalisation_of_channels_agrees_with_its_loops_place_by_place() -> None:
    ran = run_layer(LayerNorm(over="channels", epsilon=1e-3), (2, 5, 3, 2))
    scale, shift = ran.parameters["scale"], ran.parameters["shift"]
    x_hat, d_x = np.zeros_like(ran.x), np.zeros_like(ran.x)
    for y, x in np.ndindex(3, 2):
        x_hat[:, :, y, x] = reference.group_norm(ran.x[:, :, y, x], 1, 1e-3)
        d_x[:, :, y, x] = reference.group_norm_backward(ran.x[:, :, y, x], scale * ran.d_out[:, :, y, x], 1, 1e-3)

    close(ran.out, scale[:, None, None] * x_hat + shift[:, None, None])
    close(ran.gradients["x"], d_x)
    close(ran.gradients["scale"], (ran.d_out * x_hat).sum(axis=(0, 2, 3)))
    close(ran.gradients["shift"], ran.d_out.sum(axis=(0, 2, 3)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_that_softmax_and_loss_agree_with_their_loops(smoothing: float) -> None:
    build = Builder(4)
    z = build.source("z", (4, 5), Role.PREACTIVATION, (Axis.SAMPLE, Axis.CLASS))
    build.source("labels", (4,), Role.LABEL, (Axis.SAMPLE,))
    with build.at(Phase.LOSS, "softmax"):
        p = build.emit(Softmax(), (z,), "p")
        losses = build.emit(CrossEntropy(p, smoothing), (z, "labels"), "losses")
        build.emit(MeanLoss(4), (losses,), "loss")
    derive_backward(build, "softmax.loss", (), ("z",))
    program = build.build()
    env = {"z": np.random.default_rng(0).standard_normal((4, 5)) * 5, "labels": np.array([0, 4, 2, 2])}
    for _ in execute(program, env, np.float64):
        pass

    close(env["softmax.p"], reference.softmax(env["z"]))
    assert float(env["softmax.loss"]) == pytest.approx(
        reference.cross_entropy(env["z"], env["labels"], smoothing), rel=1e-12
    )
    close(env[program.gradients["z"]], reference.cross_entropy_backward(env["z"], env["labels"], smoothing))


def test_that_the_oracle_itself_counts_places_like_the_formula() -> None:
    for size, kernel, stride, pad, dilation in [(28, 7, 1, 1, 1), (5, 2, 3, 0, 1), (9, 3, 2, 1, 2), (4, 4, 1, 0, 1)]:
        sliding = Sliding((kernel, 1), (stride, 1), (dilation, 1), (pad, pad, 0, 0))
        reach = dilation * (kernel - 1) + 1
        assert sliding.places(size, 3) == ((size + 2 * pad - reach) // stride + 1, 3)


def test_that_the_oracle_knows_no_other_activation() -> None:
    with pytest.raises(ValueError, match="no activation is called 'swish'"):
        reference.value_and_slope("swish", 1.0)
