"""What filters are worth where other branches go past their maps."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import ZOO
from probed import DEEP, PLAIN, labelled, probed

from convviz.core.errors import DesignError
from convviz.core.lanes import Lanes
from convviz.core.network import Network
from convviz.probe.ablation import BranchAnswers, TailAnswers, rank_filters
from convviz.probe.layers import convolution, convolutions
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.passes import lowered_forward, run
from convviz.probe.removal import without_filter
from convviz.training.images import Split


def images_of(network: Network, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    image = network.design.input
    rng = np.random.default_rng(3)
    images = rng.standard_normal((count, image.channels, image.height, image.width)).astype(np.float32)
    return images, rng.integers(0, network.design.classes, count)


def test_that_both_ways_of_leaving_a_filter_out_agree_where_both_can_be_gone() -> None:
    network = Network(ZOO["max pool"])
    images, labels = images_of(network)
    maps = convolution(network.design)
    lanes = Lanes(1)
    ways = TailAnswers(network, maps, lanes), BranchAnswers(network, maps)
    for way in ways:
        way.begin(images, labels)
    for number in (-1, *range(maps.filters)):
        np.testing.assert_array_equal(ways[0].without(number), ways[1].without(number))
    lanes.close()


def test_that_a_network_without_a_filter_answers_as_was_counted() -> None:
    for design, layer in ((PLAIN, "conv1"), (PLAIN, "conv2"), (DEEP, "conv1"), (ZOO["residual"], "conv2")):
        network = probed(design)
        split = labelled(network, 60)
        found = rank_filters(network, split, layer)
        for number in range(len(found.without)):
            without = without_filter(network, number, layer)
            assert measure_mistakes(without, split).accuracy == found.without[number]
            maps = next(one for one in convolutions(network.design) if one.name == layer)
            made = lowered_forward(without.design, 3, f"without{number}")
            zeroed = run(without, made[0], split.images[:3], np.float64)[made[1]]
            plain = lowered_forward(network.design, 3, maps.last)
            expected = run(network, plain[0], split.images[:3], np.float64)[plain[1]].copy()
            expected[:, number] = 0
            np.testing.assert_allclose(zeroed, expected, atol=1e-12)
    with pytest.raises(DesignError, match="filter: expected 0 to 3, got 4"):
        without_filter(probed(PLAIN), 4, "conv1")


def test_that_filters_inside_a_residual_block_are_ranked() -> None:
    network = Network(ZOO["residual"])
    images, labels = images_of(network)
    assert [one.last for one in convolutions(network.design)] == ["relu1", "conv2"]
    for layer in ("conv1", "conv2"):
        found = rank_filters(network, Split(images, labels), layer, threads=1)
        assert found.without.shape == (2,)
