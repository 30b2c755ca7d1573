"""The selected layer and its histograms over time."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.gui.workspaces.watch.alone import look_at
from convviz.present.colour import ColourRole
from convviz.present.watch.layer import STRONGEST, layer_picture
from convviz.present.watch.layer_curves import depth_colours, layer_curves
from convviz.present.watch.look import Look
from convviz.present.watch.over_time import RIDGES, over_time, ridges
from convviz.training.value_counts import count_values


@pytest.fixture(scope="module")
def look() -> Look:
    return look_at("lenet-5", steps=12, layer="conv2")


def test_that_the_strongest_channel_of_each_filter_is_shown(look: Look) -> None:
    picture = layer_picture(look)
    assert picture is not None
    weight = look.moment.arrays["conv2.weight"]
    tiles, chosen = picture.tiles(0, STRONGEST)
    for number, channel in enumerate(chosen.tolist()):
        norms = [np.linalg.norm(weight[number, one]) for one in range(weight.shape[1])]
        assert channel == int(np.argmax(norms))
        np.testing.assert_array_equal(tiles[number], weight[number, channel])
    tiles, _ = picture.tiles(1, 2)
    np.testing.assert_array_equal(tiles, look.moment.gradients["conv2.weight"][:, 2])


def test_that_the_last_change_and_the_change_since_the_start_are_of_the_trained_weights(look: Look) -> None:
    picture = layer_picture(look)
    last, since = picture.tiles(2, 0)[0], picture.tiles(3, 0)[0]
    moved = look.moment.arrays["conv2.weight"] - look.moment.starts["conv2.weight"]
    np.testing.assert_array_equal(since, moved[:, 0])
    assert 0 < np.linalg.norm(last) < np.linalg.norm(since)


def test_that_the_first_dense_layer_is_an_image_a_unit_and_the_next_a_matrix() -> None:
    first = layer_picture(look_at("lenet-5", steps=1, layer="dense1"))
    assert not first.is_matrix
    assert first.blocks[0].shape[2] > 1
    second = layer_picture(look_at("lenet-5", steps=1, layer="dense2"))
    assert second.is_matrix


def test_that_histograms_share_one_range(look: Look) -> None:
    picture = over_time(look)
    assert [one.name for one in picture.kinds] == ["weights", "gradients", "activations"]
    assert len(picture.steps) <= RIDGES
    weights = picture.kinds[0]
    assert weights.counts.sum(axis=1).tolist() == [look.moment.arrays["conv2.weight"].size] * len(picture.steps)
    assert np.nanmax(weights.heights) == 1.0


def test_that_a_missing_histogram_is_a_gap_and_positive_values_get_the_whole_width() -> None:
    found = ridges("a", ColourRole.PREACTIVATION, [None, count_values(np.array([0.5, 0.75, 1.0]))])
    assert found.is_positive
    assert np.isnan(found.heights[0]).all()
    assert found.counts[1].sum() == 3


def test_that_every_layer_has_a_curve_in_a_colour_of_its_own(look: Look) -> None:
    curves = layer_curves(look)
    assert [one.name for one in curves.updates] == ["conv1", "conv2", "dense1", "dense2", "dense3"]
    assert len(set(depth_colours(14))) == 14
    assert curves.rate[0].y.tolist() == look.history.rates.column(1).tolist()
    assert len(curves.rate[0].y) == look.history.rates.column(0)[-1]
    assert 0 < curves.rate[0].y[-1] <= look.moment.design.training.optimiser.lr
