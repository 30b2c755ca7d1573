"""What filters are worth where other branches go past their maps."""

from __future__ import annotations

import numpy as np
from engine_zoo import ZOO

from convviz.core.lanes import Lanes
from convviz.core.network import Network
from convviz.probe.ablation import BranchAnswers, TailAnswers, rank_filters
from convviz.probe.layers import convolution, convolutions
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


def test_that_filters_inside_a_residual_block_are_ranked() -> None:
    network = Network(ZOO["residual"])
    images, labels = images_of(network)
    assert [one.last for one in convolutions(network.design)] == ["relu1", "conv2"]
    for layer in ("conv1", "conv2"):
        found = rank_filters(network, Split(images, labels), layer, threads=1)
        assert found.without.shape == (2,)
