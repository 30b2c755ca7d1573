"""Initial weights: spread, bounds and the conventions of fan-in and fan-out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from engine_zoo import net

from convviz.core.design import Design, Training
from convviz.core.init import Init, InitKind, draw, fans
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Flatten
from convviz.core.network import Network

FILTERS = (64, 16, 5, 3)
WEIGHTS = (300, 200)


def drawn(kind: InitKind, shape: tuple[int, ...], scale: float = 0.1) -> np.ndarray:
    return draw(Init(kind=kind, scale=scale), shape, np.random.default_rng(0), np.float64)


def test_that_fans_count_what_a_weight_array_connects() -> None:
    assert fans(FILTERS) == (16 * 15, 64 * 15)
    assert fans(WEIGHTS) == (300, 200)


@pytest.mark.parametrize("shape", [FILTERS, WEIGHTS], ids=["filters", "dense"])
@pytest.mark.parametrize(
    ("kind", "deviation"),
    [
        ("normal", lambda i, o, n: 0.1),
        ("xavier-normal", lambda i, o, n: math.sqrt(2 / (i + o))),
        ("xavier-uniform", lambda i, o, n: math.sqrt(2 / (i + o))),
        ("he-normal", lambda i, o, n: math.sqrt(2 / i)),
        ("he-uniform", lambda i, o, n: math.sqrt(2 / i)),
        ("course", lambda i, o, n: math.sqrt(2 / n)),
    ],
)
def test_that_weights_spread_as_the_rule_says(
    kind: InitKind, deviation: Callable[..., float], shape: tuple[int, ...]
) -> None:
    weights = drawn(kind, shape)
    expected = deviation(*fans(shape), shape[0])

    assert weights.shape == shape
    assert weights.std() == pytest.approx(expected, rel=0.03)
    assert abs(weights.mean()) < 4 * expected / math.sqrt(weights.size)


@pytest.mark.parametrize("kind", ["xavier-uniform", "he-uniform"])
def test_that_uniform_weights_stay_within_root_three_deviations(kind: InitKind) -> None:
    fan_in, fan_out = fans(FILTERS)
    bound = math.sqrt(6 / (fan_in + fan_out) if kind == "xavier-uniform" else 6 / fan_in)

    weights = drawn(kind, FILTERS)

    assert np.abs(weights).max() <= bound
    assert np.abs(weights).max() > 0.99 * bound


def test_that_truncated_normal_weights_stay_within_two_deviations() -> None:
    weights = drawn("truncated-normal", WEIGHTS, scale=0.5)

    assert np.abs(weights).max() <= 1.0
    # A normal distribution cut at two deviations has 0.8796 of its deviation left.
    assert weights.std() == pytest.approx(0.8796 * 0.5, rel=0.01)


def test_that_zeros_and_constants_are_what_they_say() -> None:
    assert not drawn("zeros", WEIGHTS).any()
    assert np.unique(drawn("constant", FILTERS, scale=-0.25)).tolist() == [-0.25]


def test_that_one_seed_gives_the_same_weights_in_every_precision() -> None:
    double = draw(Init(), FILTERS, np.random.default_rng(4), np.float64)
    single = draw(Init(), FILTERS, np.random.default_rng(4), np.float32)

    assert np.array_equal(double.astype(np.float32), single)
    assert single.flags.c_contiguous


def test_that_grouped_filters_count_the_channels_of_their_group() -> None:
    design = net(Conv2D(filters=600, kernel=3, groups=2, init=Init(kind="he-normal")), image=(4, 5, 5))

    weights = Network(design).arrays["conv1.weight"]

    assert weights.shape == (600, 2, 3, 3)
    assert weights.std() == pytest.approx(math.sqrt(2 / 18), rel=0.03)


def test_that_a_layers_own_initialiser_goes_before_the_designs() -> None:
    design = Design(
        layers=(
            Conv2D(filters=2, bias_init=0.5),
            BatchNorm2D(),
            Flatten(),
            Dense(init=Init(kind="constant", scale=3.0)),
        ),
        training=Training(init=Init(kind="zeros")),
    )

    arrays = Network(design).arrays

    assert not arrays["conv1.weight"].any()
    assert np.unique(arrays["conv1.bias"]).tolist() == [0.5]
    assert np.unique(arrays["bn1.scale"]).tolist() == [1.0]
    assert np.unique(arrays["bn1.shift"]).tolist() == [0.0]
    assert np.unique(arrays["bn1.running_variance"]).tolist() == [1.0]
    assert np.unique(arrays["dense1.weight"]).tolist() == [3.0]


def test_that_weights_that_are_all_given_are_taken_and_none_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    design = net(Conv2D(filters=2, kernel=(3, 3)), Flatten(), Dense(units=3))
    drawn_ones = Network(design, precision=np.float64)
    some = {name: drawn_ones.arrays[name] + 1.0 for name in list(drawn_ones.parameters)[:1]}
    rest = [name for name in drawn_ones.arrays if name not in some]
    partly = Network(design, precision=np.float64, weights=some)
    for name in rest:  # those that are not given are the same as without any
        np.testing.assert_array_equal(partly.arrays[name], drawn_ones.arrays[name])
    given = {name: drawn_ones.arrays[name] + 1.0 for name in drawn_ones.parameters}

    def none(*_: object) -> np.ndarray:
        raise AssertionError("weights were drawn")

    monkeypatch.setattr("convviz.core.network.draw", none)
    made = Network(design, precision=np.float64, weights=given)
    assert set(made.arrays) == set(drawn_ones.arrays)
    for name, array in made.arrays.items():
        assert array.dtype == drawn_ones.arrays[name].dtype
        np.testing.assert_array_equal(array, given.get(name, drawn_ones.arrays[name]))
