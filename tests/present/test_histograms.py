"""Histograms of weights and gradients: counts that add up, about a zero in the middle of a bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.network import Network
from convviz.present.colour import ColourRole
from convviz.present.scales import HeldScales
from convviz.present.watch.histograms import BINS, count, histogram, histograms
from convviz.present.watch.look import Look
from convviz.present.watched import Watched
from convviz.training.events import Position
from convviz.training.snapshot import Snapshot, take_snapshot
from tests.support.small_run import DESIGN, noise

MIDDLE = BINS // 2


def moment(*, gradients: bool = True) -> Snapshot:
    network = Network(DESIGN)
    made = {name: 0.01 * network.arrays[name] for name in network.parameters} if gradients else {}
    return take_snapshot(network, noise()[1], "test", 0, Position(1, 1, 1, 3, 6), made)


@given(st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=200))
def test_that_every_value_is_counted_in_the_bin_that_holds_it(values: list[float]) -> None:
    shown = histogram("w", ColourRole.WEIGHT, np.array(values, np.float32), None, HeldScales(), follows=False)
    assert sum(shown.counts) == len(values)
    assert shown.zeros == sum(one == 0 for one in values)
    for number, there in enumerate(shown.counts):
        low, high = shown.ends_of(number)
        slack = 1e-5 * shown.end  # a value on the edge of two bins may be in either
        surely = sum(low + slack < one < high - slack for one in values)
        assert surely <= there <= sum(low - slack <= one <= high + slack for one in values)


@pytest.mark.parametrize("size", [1e-45, 1.2e-38, 3e38])
def test_that_the_smallest_and_the_largest_numbers_are_counted(size: float) -> None:
    shown = histogram(
        "w", ColourRole.WEIGHT, np.array([size, -size, 0.0], np.float32), None, HeldScales(), follows=False
    )
    assert shown.counts[MIDDLE] == 1
    assert sum(shown.counts[:MIDDLE]) == sum(shown.counts[MIDDLE + 1 :]) == 1


def test_that_zero_is_in_the_middle_bin_and_the_ends_are_in_the_outermost() -> None:
    counts, lost = count(np.array([0.0, -1.0, 1.0, 0.999, np.nan, np.inf]), 1.0)
    assert (counts[MIDDLE], counts[0], counts[-1], sum(counts), lost) == (1, 1, 2, 4, 2)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.0, 0.0, 0.5, -0.5], "4 values, 50.0 % zero"),
        ([0.1] * 3000, "3,000 values, 0 % zero"),
        ([0.0] + [0.1] * 2999, "3,000 values, 0.1 % zero"),
        ([0.0] * 9, "9 values, 100 % zero"),
        ([np.nan, 0.0], "1 of 2 not finite"),
    ],
)
def test_that_the_share_of_zeros_is_said(values: list[float], said: str) -> None:
    assert histogram("w", ColourRole.WEIGHT, np.array(values), None, HeldScales(), follows=False).share == said


def test_that_the_ends_hold_still_and_only_those_of_gradients_shrink() -> None:
    scales = HeldScales()
    for follows, last in ((False, 0.8), (True, 0.01)):
        ends = [
            histogram(f"{follows}", ColourRole.WEIGHT, np.array([size]), None, scales, follows=follows).end
            for size in (0.3, 0.8, *[0.01] * 60)
        ]
        assert ends[:3] == pytest.approx([0.3, 0.8, 0.8])
        assert ends[-1] == pytest.approx(last)


def test_that_they_are_of_the_layer_whose_filter_is_chosen_with_that_filter_in_them() -> None:
    taken = moment()
    shown = histograms(Look(taken, watched=Watched(layer="conv1", filter=2)))
    assert shown is not None
    assert shown.gradients is not None
    weights = taken.arrays["conv1.weight"]
    assert (shown.weights.name, shown.gradients.name) == ("conv1.weight", "conv1.d_weight")
    assert shown.weights.counts == count(weights, shown.weights.end)[0]
    assert shown.weights.part == count(weights[2], shown.weights.end)[0]
    assert (shown.whole, shown.part) == ("all 4 filters of conv1", "filter 2")


def test_that_there_are_no_gradients_before_the_first_minibatch() -> None:
    shown = histograms(Look(moment(gradients=False), watched=Watched(layer="conv1")))
    assert shown is not None
    assert shown.gradients is None


def test_that_a_network_without_convolutions_shows_its_first_weights() -> None:
    flat = replace(DESIGN, layers=(Flatten(), Dense(units=5), ReLU(), Dense(units=DESIGN.classes)))
    taken = take_snapshot(Network(flat), noise()[1], "test", 0, Position(0, 0, 0, 3, 6))
    shown = histograms(Look(taken))
    assert shown is not None
    assert (shown.weights.name, shown.part) == ("dense1.weight", "")
    bare = replace(DESIGN, layers=(Conv2D(filters=2, kernel=3), *flat.layers))
    taken = take_snapshot(Network(bare), noise()[1], "test", 0, Position(0, 0, 0, 3, 6))
    assert histograms(Look(taken, watched=Watched(layer="conv1"))).weights.name == "conv1.weight"


def test_that_there_is_nothing_before_there_is_a_network() -> None:
    assert histograms(Look()) is None
