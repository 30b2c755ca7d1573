"""Cases small enough to check on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_lone import run_layer
from engine_zoo import net

from convviz.core.execute import execute
from convviz.core.layers import (
    GELU,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from convviz.core.lower import lower

IMAGE = np.arange(16.0).reshape(1, 1, 4, 4)


def test_that_im2col_columns_follow_raster_order() -> None:
    ran = run_layer(Conv2D(filters=1, kernel=2, padding=1), IMAGE)

    assert ran.logical("x_col").tolist() == [
        [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15],
        [0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15, 0],
        [0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15, 0, 0, 0, 0, 0],
        [0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0],
    ]


def test_that_convolution_is_cross_correlation_plus_bias() -> None:
    ran = run_layer(
        Conv2D(filters=1, kernel=2), IMAGE, {"weight": [[[[1, 2], [3, 4]]]], "bias": [100]}, np.ones((1, 1, 3, 3))
    )

    # Top left: 1·0 + 2·1 + 3·4 + 4·5 + 100; every step to the right adds 10, every step down 40.
    assert ran.out[0, 0].tolist() == [[134, 144, 154], [174, 184, 194], [214, 224, 234]]
    # Each weight saw a 3×3 part of the image.
    assert ran.gradients["weight"][0, 0].tolist() == [[45, 54], [81, 90]]
    assert ran.gradients["bias"].tolist() == [9]
    # Each pixel gets the weights of the windows it is in: the flipped filter, slid over ones.
    assert ran.gradients["x"][0, 0].tolist() == [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]]


def test_that_every_image_has_a_block_of_columns() -> None:
    images = np.arange(8.0).reshape(2, 1, 2, 2)

    ran = run_layer(Conv2D(filters=1, kernel=(1, 2), bias=False), images, {"weight": [[[[1, 10]]]]})

    assert ran.logical("x_col").tolist() == [[0, 2, 4, 6], [1, 3, 5, 7]]
    assert ran.logical("z_row").tolist() == [[10, 32, 54, 76]]


def test_that_same_padding_puts_the_odd_row_and_column_at_the_end() -> None:
    ran = run_layer(Conv2D(filters=1, kernel=2, padding="same", bias=False), IMAGE, {"weight": [[[[0, 0], [0, 1]]]]})

    assert ran.out[0, 0].tolist() == [[5, 6, 7, 0], [9, 10, 11, 0], [13, 14, 15, 0], [0, 0, 0, 0]]


def test_that_dilation_spreads_the_cells_of_a_window() -> None:
    ran = run_layer(Conv2D(filters=1, kernel=2, dilation=3, bias=False), IMAGE, {"weight": [[[[1, 10], [100, 1000]]]]})

    assert ran.out.tolist() == [[[[0 + 30 + 1200 + 15000]]]]


def test_that_groups_do_not_meet() -> None:
    x = np.array([[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]])
    weight = np.array([[[[1.0]], [[10.0]]], [[[100.0]], [[1000.0]]]])

    ran = run_layer(Conv2D(filters=2, kernel=1, groups=2, bias=False), x, {"weight": weight}, [[[[1]], [[1]]]])

    assert ran.out[0, :, 0, 0].tolist() == [21, 4300]
    assert ran.gradients["x"][0, :, 0, 0].tolist() == [1, 10, 100, 1000]
    assert ran.gradients["weight"][:, :, 0, 0].tolist() == [[1, 2], [3, 4]]


def test_that_max_pooling_keeps_the_largest_and_its_way_back() -> None:
    ran = run_layer(MaxPool2D(), IMAGE, d_out=[[[[1, 2], [3, 4]]]])

    assert ran.out[0, 0].tolist() == [[5, 7], [13, 15]]
    assert ran.env["here.which"].tolist() == [[[[3, 3], [3, 3]]]]
    assert ran.gradients["x"][0, 0].tolist() == [[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]]


def test_that_overlapping_windows_add_their_gradients_up() -> None:
    image = np.array([[[[0, 0, 0], [0, 9, 0], [0, 0, 1.0]]]])

    ran = run_layer(MaxPool2D(kernel=2, stride=1), image, d_out=[[[[1, 10], [100, 1000]]]])

    assert ran.out[0, 0].tolist() == [[9, 9], [9, 9]]
    assert ran.env["here.which"][0, 0].tolist() == [[3, 2], [1, 0]]
    assert ran.gradients["x"][0, 0].tolist() == [[0, 0, 0], [0, 1111, 0], [0, 0, 0]]


@pytest.mark.parametrize(("window", "first"), [([[5, 5], [5, 5]], 0), ([[1, 5], [5, 5]], 1), ([[1, 2], [5, 5]], 2)])
def test_that_of_equal_maxima_the_first_gets_the_gradient(window: list[list[float]], first: int) -> None:
    ran = run_layer(MaxPool2D(), [[window]], d_out=[[[[7]]]])

    assert ran.gradients["x"].reshape(-1).tolist() == [7.0 if k == first else 0.0 for k in range(4)]


def test_that_padding_never_wins_a_maximum() -> None:
    ran = run_layer(MaxPool2D(kernel=3, stride=2, padding=1), -1 - IMAGE, d_out=[[[[1, 2], [3, 4]]]])

    assert ran.out[0, 0].tolist() == [[-1, -2], [-5, -6]]
    assert ran.env["here.which"][0, 0].tolist() == [[4, 3], [1, 0]]


def test_that_average_pooling_counts_the_padding() -> None:
    ran = run_layer(AvgPool2D(kernel=2, padding=1), IMAGE, d_out=np.full((1, 1, 3, 3), 4.0))

    assert ran.out[0, 0].tolist() == [[0, 0.75, 0.75], [3, 7.5, 4.5], [3, 6.75, 3.75]]
    assert ran.gradients["x"][0, 0].tolist() == [[1, 1, 1, 1]] * 4


def test_that_cells_no_window_covers_get_no_gradient() -> None:
    for layer in (MaxPool2D(), AvgPool2D()):
        ran = run_layer(layer, (1, 1, 3, 5), d_out=np.ones((1, 1, 1, 2)))
        assert not ran.gradients["x"][0, 0, 2].any()
        assert not ran.gradients["x"][0, 0, :, 4].any()
        assert ran.gradients["x"].sum() == 2


def test_that_global_average_pooling_makes_one_feature_of_a_map() -> None:
    ran = run_layer(GlobalAvgPool(), np.concatenate([IMAGE, IMAGE + 16], axis=1), d_out=[[16, 32]])

    assert ran.out.tolist() == [[7.5, 23.5]]
    assert np.unique(ran.gradients["x"][0, 0]).tolist() == [1]
    assert np.unique(ran.gradients["x"][0, 1]).tolist() == [2]


def test_that_flatten_goes_channel_by_channel() -> None:
    ran = run_layer(Flatten(), np.arange(12.0).reshape(1, 3, 2, 2))

    assert ran.out.tolist() == [list(range(12))]


def test_that_dense_weighs_every_feature() -> None:
    ran = run_layer(Dense(units=2), [[1, 2], [3, 4]], {"weight": [[1, 10], [2, 20]], "bias": [0, 5]}, [[1, 0], [0, 1]])

    assert ran.out.tolist() == [[5, 55], [11, 115]]
    assert ran.gradients["weight"].tolist() == [[1, 3], [2, 4]]
    assert ran.gradients["bias"].tolist() == [1, 1]
    assert ran.gradients["x"].tolist() == [[1, 2], [10, 20]]


Z = [[-2.0, 0.0, 3.0]]


def test_that_relu_has_no_slope_at_zero() -> None:
    ran = run_layer(ReLU(), Z, d_out=[[1, 1, 1]])

    assert ran.out.tolist() == [[0, 0, 3]]
    assert ran.gradients["x"].tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("slope", [0.0, 0.25, 1.0])
def test_that_leaky_relu_keeps_a_share_of_what_is_negative(slope: float) -> None:
    ran = run_layer(LeakyReLU(slope=slope), Z, d_out=[[1, 1, 1]])

    assert ran.out.tolist() == [[-2 * slope, 0, 3]]
    assert ran.gradients["x"].tolist() == [[slope, slope, 1]]


def test_that_sigmoid_and_tanh_are_steepest_at_zero() -> None:
    sigmoid, tanh = (run_layer(layer, [[0.0]], d_out=[[1.0]]) for layer in (Sigmoid(), Tanh()))

    assert (sigmoid.out.item(), sigmoid.gradients["x"].item()) == (0.5, 0.25)
    assert (tanh.out.item(), tanh.gradients["x"].item()) == (0.0, 1.0)


def test_that_sigmoid_of_very_large_numbers_is_finite() -> None:
    ran = run_layer(Sigmoid(), [[-1e4, -800.0, 800.0, 1e4]], d_out=[[1, 1, 1, 1]])

    assert ran.out.tolist() == [[0, 0, 1, 1]]
    assert ran.gradients["x"].tolist() == [[0, 0, 0, 0]]


def test_that_gelu_of_one_is_the_chance_of_being_below_one_deviation() -> None:
    ran = run_layer(GELU(), [[1.0, 0.0, -1.0]], d_out=[[1, 1, 1]])

    chance = 0.8413447460685429
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(ran.out, [[chance, 0, chance - 1]], rtol=1e-15)
    np.testing.assert_allclose(ran.gradients["x"], [[chance + density, 0.5, 1 - chance - density]], rtol=1e-14)


def test_that_dropout_makes_up_for_the_silent() -> None:
    ran = run_layer(Dropout(rate=0.5), [[1, 2, 3]], {"mask": [[2, 0, 2]]}, [[1, 1, 1]])

    assert ran.out.tolist() == [[2, 0, 6]]
    assert ran.gradients["x"].tolist() == [[2, 0, 2]]


def test_that_batch_normalisation_brings_a_channel_to_mean_0_and_variance_1() -> None:
    x = np.array([[[[1.0, 3.0]]], [[[5.0, 7.0]]]])

    ran = run_layer(BatchNorm2D(epsilon=1e-12, momentum=0.25), x, {"scale": [2], "shift": [10]})

    root = math.sqrt(5)
    assert ran.env["here.mean"].tolist() == [4]
    assert ran.env["here.variance"].tolist() == [5]
    np.testing.assert_allclose(ran.out.reshape(-1), [10 + 2 * d / root for d in (-3, -1, 1, 3)], rtol=1e-11)
    # A quarter of the way from 0 to 4, and from 1 to 5 · 4/3.
    np.testing.assert_allclose(ran.env["here.running_mean_new"], [1.0])
    np.testing.assert_allclose(ran.env["here.running_variance_new"], [0.75 + 0.25 * 20 / 3])


def test_that_normalised_channels_get_no_gradient_that_moves_or_stretches_them() -> None:
    ran = run_layer(BatchNorm2D(), (3, 2, 4, 5))

    d_x, x_hat = ran.gradients["x"], ran.env["here.x_hat"]
    np.testing.assert_allclose(d_x.sum(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose((d_x * x_hat).sum(axis=(0, 2, 3)), 0, atol=1e-3)


def test_that_the_loss_of_equal_scores_is_the_logarithm_of_the_classes() -> None:
    design = net(Flatten(), image=(1, 1, 1), classes=4)
    program = lower(design, 2)
    env = {
        "x": np.ones((2, 1, 1, 1)),
        "labels": np.array([0, 3]),
        "dense1.weight": np.zeros((1, 4)),
        "dense1.bias": np.zeros(4),
        "lr": np.array(0.5),
    }
    for _ in execute(program, env, np.float64):
        pass

    assert env["softmax.loss"] == pytest.approx(math.log(4))
    assert env["softmax.p"].tolist() == [[0.25] * 4] * 2
    assert env["dense1.d_z"].tolist() == [[-0.375, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]]
    assert env["dense1.d_bias"].tolist() == [-0.25, 0.25, 0.25, -0.25]
    assert env["dense1.bias_new"].tolist() == [0.125, -0.125, -0.125, 0.125]


def test_that_the_loss_of_hopeless_scores_is_finite() -> None:
    program = lower(net(Flatten(), image=(1, 1, 1), classes=2), 1)
    env = {
        "x": np.ones((1, 1, 1, 1)),
        "labels": np.array([0]),
        "dense1.weight": np.array([[-1e4, 1e4]]),
        "dense1.bias": np.zeros(2),
        "lr": np.array(0.1),
    }
    for _ in execute(program, env, np.float64):
        pass

    assert env["softmax.loss"] == 2e4
    assert env["softmax.p"].tolist() == [[0, 1]]
