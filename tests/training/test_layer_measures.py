"""How every layer is doing, against the same numbers worked out naively."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convviz.core.arrays import Array
from convviz.core.design import Design, Input
from convviz.core.execute import execute
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Sigmoid, Tanh
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network
from convviz.training.images import Split
from convviz.training.layer_measures import (
    JUDGED_IMAGES,
    PART,
    LayerMeasures,
    judged_images,
    layer_measures,
    norm,
    norm_of_change,
)

DESIGN = Design(
    name="measured",
    input=Input(height=8, width=8),
    layers=(
        Conv2D(filters=3),
        BatchNorm2D(),
        ReLU(),
        MaxPool2D(),
        Conv2D(filters=4),
        ReLU(),
        Flatten(),
        Dropout(rate=0.5),
        Dense(units=6),
        Tanh(),
        Dense(units=10),
    ),
).named()
RNG = np.random.default_rng(5)
IMAGES_70 = RNG.random((70, 1, 8, 8), np.float32)
"""Not a multiple of the images of one pass."""


def everything(network: Network, images: Array) -> dict[str, Array]:
    """All arrays of one forward pass on all images at once."""
    program = network.program(len(images), train=False)
    env = dict(network.arrays)
    env[IMAGES], env[LABELS] = images, np.zeros(len(images), np.int64)
    for _ in execute(program, env):
        pass
    return env


def of(measures: tuple[LayerMeasures, ...]) -> dict[str, LayerMeasures]:
    return {one.layer: one for one in measures}


def test_that_layers_come_in_order_with_their_activation_folded_in() -> None:
    network = Network(DESIGN)
    names = [one.layer for one in layer_measures(network, IMAGES_70)]
    assert names == ["conv1", "bn1", "maxpool1", "conv2", "dense1", "dense2"]


def test_that_zeros_and_silent_units_are_counted_over_all_images() -> None:
    network = Network(DESIGN)
    network.arrays["conv2.bias"][1] = -100.0  # its filter is never above 0
    network.arrays["bn1.shift"][2] = -100.0
    found = of(layer_measures(network, IMAGES_70))
    env = everything(network, IMAGES_70)
    for layer, array in (("conv1", "relu1.a"), ("bn1", "relu1.a"), ("conv2", "relu2.a"), ("dense2", "dense2.z")):
        output = env[array]
        assert found[layer].zero_share == pytest.approx((output == 0).mean())
        silent = sum(not output[:, unit].any() for unit in range(output.shape[1]))
        assert (found[layer].silent, found[layer].units) == (silent, output.shape[1])
    assert found["conv2"].silent >= 1
    assert found["conv1"].silent >= 1


def test_that_saturated_units_stay_near_the_ends_of_their_range() -> None:
    network = Network(DESIGN)
    network.arrays["dense1.bias"][:2] = 50.0, -50.0
    found = of(layer_measures(network, IMAGES_70))
    output = everything(network, IMAGES_70)["tanh1.a"]
    near = (np.abs(output) > 0.96).mean(axis=0)
    assert found["dense1"].saturated == (near >= 0.95).sum() >= 2
    assert math.isnan(found["conv2"].saturated)
    assert found["dense1"].silent == 0


def test_that_a_saturated_sigmoid_is_near_0_or_1() -> None:
    design = Design(
        name="s", input=Input(height=4, width=4), layers=(Conv2D(filters=2), Sigmoid(), Flatten(), Dense(units=10))
    ).named()
    network = Network(design)
    network.arrays["conv1.bias"][...] = -30.0, 0.0
    found = of(layer_measures(network, RNG.random((5, 1, 4, 4), np.float32)))
    assert found["conv1"].saturated == 1


def test_that_norms_are_of_the_weights_alone() -> None:
    network = Network(DESIGN)
    before = {name: network.arrays[name].copy() for name in network.parameters}
    gradients = {name: RNG.standard_normal(array.shape).astype(np.float32) for name, array in before.items()}
    for name in network.parameters:
        network.arrays[name] -= 0.01 * gradients[name]
    found = of(layer_measures(network, IMAGES_70, gradients=gradients, before=before))
    for layer, name in (("conv1", "conv1.weight"), ("bn1", "bn1.scale"), ("dense2", "dense2.weight")):
        one = found[layer]
        assert one.weight_norm == pytest.approx(np.linalg.norm(network.arrays[name]), rel=1e-5)
        assert one.gradient_norm == pytest.approx(np.linalg.norm(gradients[name]), rel=1e-5)
        assert one.update_norm == pytest.approx(np.linalg.norm(network.arrays[name] - before[name]), rel=1e-5)
        assert one.update_ratio == pytest.approx(one.update_norm / one.weight_norm)


def test_that_numbers_that_do_not_exist_are_nan() -> None:
    found = of(layer_measures(Network(DESIGN), IMAGES_70))
    assert math.isnan(found["conv1"].gradient_norm)
    assert math.isnan(found["conv1"].update_norm)
    assert math.isnan(found["conv1"].update_ratio)
    assert math.isnan(found["maxpool1"].weight_norm)
    assert found["maxpool1"].units == 3


def test_that_a_norm_neither_overflows_nor_vanishes() -> None:
    assert norm(np.full(4, 1e30, np.float32)) == pytest.approx(2e30)
    assert norm(np.full(4, 1e-30, np.float32)) == pytest.approx(2e-30)
    assert norm(np.zeros(3, np.float32)) == 0


@pytest.mark.parametrize("size", [1e-30, 1e-3, 1e30])
@pytest.mark.parametrize("cells", [3, PART, 2 * PART + 5])
def test_that_the_norm_of_a_change_is_that_of_the_difference(cells: int, size: float) -> None:
    before, after = (size * RNG.standard_normal((2, cells))).astype(np.float32)
    assert norm_of_change(after, before) == pytest.approx(np.linalg.norm((after - before).astype(np.float64)), rel=1e-5)


def test_that_measuring_changes_nothing() -> None:
    network = Network(DESIGN)
    before = {name: array.copy() for name, array in network.arrays.items()}
    layer_measures(network, IMAGES_70)
    assert all(np.array_equal(network.arrays[name], array) for name, array in before.items())


def test_that_units_are_judged_on_the_first_test_images() -> None:
    many = Split(np.zeros((300, 1, 2, 2), np.float32), np.zeros(300, np.int64))
    none = Split(np.zeros((0, 1, 2, 2), np.float32), np.zeros(0, np.int64))
    few = many.first(3)
    assert len(judged_images(few, many)) == JUDGED_IMAGES
    assert judged_images(many, few) is not many.images
    assert len(judged_images(many, few)) == 3
    assert len(judged_images(few, none)) == 3
