"""Layers that make maps of another size, forward and backward, against the loops of their reference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import reference_shapes as shapes
from engine_lone import run_layer
from reference import Sliding, max_pool2d, max_pool2d_backward

from convviz.core.errors import ShapeError
from convviz.core.layers import (
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AnyLayer,
    ConvTranspose2D,
    Crop2D,
    MaxPool2D,
    ReflectPad2D,
    Slice,
    Upsample,
    pair,
)

SEPARABLE: dict[str, tuple[AnyLayer, list[dict[int, float]], list[dict[int, float]]]] = {
    "nearest": (Upsample(scale=(2, 3)), shapes.nearest(3, 2), shapes.nearest(4, 3)),
    "bilinear": (
        Upsample(scale=3, mode="bilinear"),
        shapes.bilinear(3, 3, align=False),
        shapes.bilinear(4, 3, align=False),
    ),
    "corners aligned": (
        Upsample(mode="bilinear", align_corners=True),
        shapes.bilinear(3, 2, align=True),
        shapes.bilinear(4, 2, align=True),
    ),
    "reflected": (ReflectPad2D(top=2, bottom=0, left=1, right=3), shapes.reflected(3, 2, 0), shapes.reflected(4, 1, 3)),
    "regions": (AdaptiveAvgPool2D(output=(2, 3)), shapes.regions(3, 2), shapes.regions(4, 3)),
    "more regions than rows": (AdaptiveAvgPool2D(output=5), shapes.regions(3, 5), shapes.regions(4, 5)),
    "cut": (Crop2D(top=1, bottom=0, left=0, right=2), [{1: 1.0}, {2: 1.0}], [{0: 1.0}, {1: 1.0}]),
}


@pytest.mark.parametrize("name", SEPARABLE)
def test_that_maps_of_another_size_agree_with_their_loops(name: str) -> None:
    layer, rows, columns = SEPARABLE[name]
    ran = run_layer(layer, (2, 2, 3, 4))
    links = shapes.separable((2, 3, 4), rows, columns)

    assert ran.out.shape == (2, 2, len(rows), len(columns))
    np.testing.assert_allclose(ran.out, shapes.forward(ran.x, ran.out.shape[1:], links), rtol=1e-13, atol=1e-14)
    expected = shapes.backward(ran.d_out, (2, 3, 4), links)
    np.testing.assert_allclose(ran.gradients["x"], expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("output", [(2, 3), (5, 1), (3, 2), 1], ids=str)
def test_that_maxima_of_regions_agree_with_their_loops(output: Any) -> None:
    """Regions that share rows, more regions than rows, regions that are windows, and one that is all."""
    ran = run_layer(AdaptiveMaxPool2D(output=output), (2, 2, 3, 4))
    down, across = pair(output)
    expected, d_x = np.zeros((2, 2, down, across)), np.zeros_like(ran.x)
    for n, c, p, q in np.ndindex(expected.shape):
        rows = range(p * 3 // down, math.ceil((p + 1) * 3 / down))
        columns = range(q * 4 // across, math.ceil((q + 1) * 4 / across))
        best = max(((y, x) for y in rows for x in columns), key=lambda at: float(ran.x[n, c, *at]))
        expected[n, c, p, q] = ran.x[n, c, *best]
        d_x[n, c, *best] += ran.d_out[n, c, p, q]

    np.testing.assert_array_equal(ran.out, expected)
    np.testing.assert_allclose(ran.gradients["x"], d_x, rtol=1e-13)


def test_that_of_equal_cells_of_a_region_the_first_gets_the_gradient() -> None:
    ran = run_layer(AdaptiveMaxPool2D(output=(2, 1)), np.zeros((1, 1, 3, 2)))
    given = ran.d_out.reshape(2)
    np.testing.assert_array_equal(ran.gradients["x"].reshape(3, 2), [[given[0], 0], [given[1], 0], [0, 0]])


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"filters": 2}, (6, 8)),
        ({"filters": 4, "kernel": 3, "padding": 1, "output_padding": (1, 0), "groups": 2}, (6, 7)),
        ({"filters": 2, "kernel": (2, 3), "stride": (3, 1), "dilation": (2, 1), "padding": (0, 1)}, (9, 4)),
        ({"filters": 4, "kernel": 1, "stride": 3, "groups": 4, "bias": False}, (7, 10)),
    ],
)
def test_that_a_transposed_convolution_agrees_with_its_loops(fields: dict[str, Any], size: tuple[int, int]) -> None:
    layer = ConvTranspose2D(**fields)
    ran = run_layer(layer, (2, 4, 3, 4))
    (top, left), window = pair(layer.padding), layer.window
    sliding = Sliding(window.kernel, window.stride, window.dilation, (top, top, left, left))
    shape = (layer.filters, *size)
    weight = ran.parameters["weight"]
    links = shapes.transposed((4, 3, 4), weight, sliding, shape, layer.groups)
    bias = ran.parameters["bias"][:, None, None] if layer.bias else 0

    assert ran.out.shape == (2, *shape)
    np.testing.assert_allclose(ran.out, shapes.forward(ran.x, shape, links) + bias, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(ran.gradients["x"], shapes.backward(ran.d_out, (4, 3, 4), links), rtol=1e-12, atol=1e-13)
    one = np.zeros_like(weight)
    for index in np.ndindex(weight.shape):  # the slope along each weight: the output of that weight alone
        one[index] = 1.0
        alone = shapes.forward(ran.x, shape, shapes.transposed((4, 3, 4), one, sliding, shape, layer.groups))
        assert abs(ran.gradients["weight"][index] - (alone * ran.d_out).sum()) < 1e-11
        one[index] = 0.0


def test_that_a_transposed_convolution_runs_through_the_steps_of_a_gradient() -> None:
    ran = run_layer(ConvTranspose2D(filters=2, kernel=3, padding=1), (1, 2, 3, 3))
    steps = [step.op.name for step in ran.program.steps]
    assert steps[:6] == ["unfold_maps", "stretch", "matmul", "col2im", "crop2d", "add_bias"]
    assert set(steps[6:]) == {"sum_channels", "pad2d", "im2col", "matmul", "fold_maps", "reshape"}


def test_that_dilated_maxima_agree_with_their_loops() -> None:
    layer = MaxPool2D(kernel=(2, 3), stride=(1, 2), dilation=(3, 2), padding=1)
    ran = run_layer(layer, (2, 2, 6, 7))
    sliding = Sliding((2, 3), (1, 2), (3, 2), (1, 1, 1, 1))

    np.testing.assert_array_equal(ran.out, max_pool2d(ran.x, sliding))
    np.testing.assert_allclose(ran.gradients["x"], max_pool2d_backward(ran.x, ran.d_out, sliding), rtol=1e-13)


def test_that_a_slice_is_some_channels_and_its_gradient_the_same_ones() -> None:
    ran = run_layer(Slice(start=1, stop=3), (2, 4, 2, 2))
    np.testing.assert_array_equal(ran.out, ran.x[:, 1:3])
    np.testing.assert_array_equal(ran.gradients["x"][:, 1:3], ran.d_out)
    assert not ran.gradients["x"][:, [0, 3]].any()


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (Slice(start=2, stop=5), "here: expected a part of its 4 channels, 0 to 4, got 2 to 5"),
        (Slice(start=2, stop=2), "got 2 to 2"),
        (Crop2D(top=2, bottom=1), "here: cuts off all of its 3×5 maps"),
        (ReflectPad2D(bottom=3), "here: expected more than 3 cells inside a border of 3, got maps of 3×5"),
        (ConvTranspose2D(output_padding=2), "here: output padding must be smaller than the stride 2, got 2"),
        (ConvTranspose2D(kernel=3, stride=1, padding=(0, 4)), "padding 0×4 cuts off all of the 5×7"),
        (ConvTranspose2D(filters=3, groups=2), "2 groups must divide its 4 input channels and its 3 filters"),
        (MaxPool2D(kernel=2, dilation=4), "window 2×2, 5×5 with its dilation, is larger than its padded input 3×5"),
    ],
)
def test_that_what_does_not_fit_is_said(layer: AnyLayer, sentence: str) -> None:
    with pytest.raises(ShapeError) as caught:
        run_layer(layer, (1, 4, 3, 5))
    assert sentence in str(caught.value)
