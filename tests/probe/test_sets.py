"""What is measured over sets of images: mistakes, filters, their worth, maps by principal components."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import net
from msgspec.structs import replace
from probed import DEEP, PLAIN, labelled, probed

from convviz.core.errors import DesignError
from convviz.core.execute import run_step
from convviz.core.network import Network
from convviz.probe.ablation import rank_filters
from convviz.probe.ascent import maximise
from convviz.probe.fields import receptive_field
from convviz.probe.filters import measure_filters
from convviz.probe.layers import convolutions
from convviz.probe.mistakes import Mistakes, measure_mistakes
from convviz.probe.passes import lowered_forward, probabilities_of, run, scores_of
from convviz.probe.principal import principal_map
from convviz.probe.progress import ProbeCancelledError
from convviz.training.images import Split


def by_hand() -> Mistakes:
    """Six images of three classes; the last class has none."""
    said = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.4, 0.5, 0.1], [0.8, 0.05, 0.15], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6]]
    return Mistakes(np.array(said), np.array([0, 1, 0, 1, 1, 0]))


def test_that_mistakes_are_counted_as_by_hand() -> None:
    found = by_hand()
    assert found.confusion.tolist() == [[1, 1, 1], [1, 2, 0], [0, 0, 0]]
    assert found.accuracy == 0.5
    np.testing.assert_allclose(found.recall, [1 / 3, 2 / 3, np.nan])
    np.testing.assert_allclose(found.precision, [1 / 2, 2 / 3, 0])
    assert [found.top(k) for k in (1, 2, 3)] == [0.5, pytest.approx(5 / 6), 1.0]
    assert found.pairs() == [(0, 1, 1), (0, 2, 1), (1, 0, 1)]
    assert found.worst().tolist() == [3, 5, 2]
    assert found.rows(1, 1).tolist() == [4, 1], "of right answers, the least sure first"


def test_that_calibration_is_as_by_hand() -> None:
    found = by_hand().calibration(2)
    assert found.counts.tolist() == [2, 4]
    np.testing.assert_allclose(found.confidence, [0.45, 0.675])
    np.testing.assert_allclose(found.accuracy, [0.5, 0.5])
    assert found.error == pytest.approx(2 / 6 * 0.05 + 4 / 6 * 0.175)


def test_that_a_network_is_measured_over_all_images() -> None:
    network = probed(DEEP)
    split = labelled(network, 300)
    found = measure_mistakes(network, split)
    np.testing.assert_allclose(found.probabilities, probabilities_of(scores_of(network, split.images)), atol=1e-12)
    with pytest.raises(ProbeCancelledError):
        measure_mistakes(network, split, progress=lambda done, total: done == 0)


@pytest.mark.parametrize("layer", ["conv1", "conv2"])
def test_that_the_patches_of_a_filter_excite_it_as_measured(layer: str) -> None:
    network = probed(DEEP)
    split = labelled(network, 150)
    found = measure_filters(network, split, layer, patches=4)
    maps = next(one for one in convolutions(network.design) if one.name == layer)
    program, name = lowered_forward(network.design, len(split), maps.last)
    made = run(network, program, split.images, np.float64)[name]
    np.testing.assert_allclose(found.largest, made.max(axis=(0, 2, 3)))
    np.testing.assert_allclose(found.on, (made > 0).mean(axis=(0, 2, 3)))
    for label in range(4):
        np.testing.assert_allclose(found.class_means[:, label], made[split.labels == label].mean(axis=(0, 2, 3)))
    peaks = np.sort(made.max(axis=(2, 3)), axis=0)[::-1][:4].T
    np.testing.assert_allclose(found.values, peaks)
    field = receptive_field(network.design, maps.last)
    for f, k in np.ndindex(found.rows.shape):
        row, (p, q) = found.rows[f, k], found.places[f, k]
        assert made[row, f, p, q] == pytest.approx(found.values[f, k])
        np.testing.assert_array_equal(found.patches[f, k], field.patch(split.images[row], p, q))
        # The patch alone, on empty paper, excites the filter exactly as much.
        top, left, bottom, right = field.box(p, q)
        alone = np.zeros_like(split.images[row])
        y, x = slice(max(top, 0), min(bottom, 12)), slice(max(left, 0), min(right, 11))
        alone[:, y, x] = found.patches[f, k][:, y.start - top : y.stop - top, x.start - left : x.stop - left]
        one, again = lowered_forward(network.design, 1, maps.last)
        assert run(network, one, alone[None], np.float64)[again][0, f, p, q] == pytest.approx(found.values[f, k])


@pytest.mark.parametrize(("design", "layer"), [(PLAIN, "conv1"), (PLAIN, "conv2"), (DEEP, "conv1")])
def test_that_a_filter_is_worth_what_the_network_loses_without_it(design, layer: str) -> None:
    network = probed(design)
    split = labelled(network, 290)
    found = rank_filters(network, split, layer)
    maps = next(one for one in convolutions(network.design) if one.name == layer)
    assert found.accuracy == measure_mistakes(network, split).accuracy
    for f in range(maps.filters):
        assert found.without[f] == pytest.approx(without(network, split, maps.last, f))
    assert sorted(found.worth[found.ranking], reverse=True) == found.worth[found.ranking].tolist()
    with pytest.raises(ProbeCancelledError):
        rank_filters(network, split, layer, progress=lambda done, total: done < 30)


def without(network: Network, split: Split, layer: str, number: int) -> float:
    """Accuracy with a filter's map set to 0, by running every later step of the whole program again."""
    head, name = lowered_forward(network.design, len(split), layer)
    program, last = lowered_forward(network.design, len(split))
    env = run(network, head, split.images, np.float64)
    env[name] = env[name].copy()
    env[name][:, number] = 0
    for name in program.sources:
        env.setdefault(name, network.arrays.get(name, split.images))
    for step in program.steps[len(head.steps) :]:
        run_step(program, step, env, np.float64)
    return float((env[last].argmax(axis=1) == split.labels).mean())


def test_that_gradient_ascent_raises_a_filters_activation() -> None:
    network = probed()
    ways = [list(maximise(network, 1, "conv1", steps=20, decay=0, smooth=0)) for _ in range(2)]
    assert ways[0][-1][1] > ways[0][0][1]
    np.testing.assert_array_equal(ways[0][-1][0], ways[1][-1][0])
    for x, _ in ways[0]:
        assert x.min() >= 0
        assert x.max() <= 1
    with pytest.raises(DesignError, match="filter: expected 0 to 3, got 4"):
        next(maximise(network, 4, "conv1"))


@pytest.mark.parametrize(("count", "layer"), [(30, ""), (200, ""), (30, "relu2"), (200, "dense1")])
def test_that_a_map_has_the_distances_of_the_principal_components(count: int, layer: str) -> None:
    network = probed()
    split = labelled(network, count)
    found = principal_map(network, split, layer)
    rows = split.images.reshape(count, -1).astype(np.float64)
    if layer:
        program, name = lowered_forward(network.design, count, layer)
        rows = run(network, program, split.images, np.float64)[name].reshape(count, -1)
    rows = rows - rows.mean(axis=0)
    u, s, _ = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(np.abs(found.points), np.abs(u[:, :2] * s[:2]), atol=1e-9)
    np.testing.assert_allclose(found.shares, s[:2] ** 2 / (s**2).sum())
    np.testing.assert_array_equal(found.points, principal_map(network, split, layer).points)


def test_that_what_can_not_be_measured_is_said() -> None:
    network = probed()
    split = labelled(network, 10)
    ill = probed()
    ill.arrays["conv1.weight"][0, 0, 0, 0] = np.nan
    refused = [
        (lambda: measure_mistakes(network, split.first(0)), "expected images to answer, there are none"),
        (lambda: measure_mistakes(ill, split), "conv1.weight has NaN or infinity"),
        (lambda: measure_filters(ill, split), "conv1.weight has NaN or infinity"),
        (lambda: rank_filters(probed(net(image=(1, 9, 8))), split), "expected a network with a convolution"),
        (lambda: principal_map(network, split.first(1)), "expected at least two images for a map, got 1"),
    ]
    for work, sentence in refused:
        with pytest.raises(DesignError, match=sentence):
            work()


def test_that_images_with_an_ignored_label_are_neither_right_nor_wrong() -> None:
    every = by_hand()
    found = Mistakes(every.probabilities, every.labels, 0)
    assert found.count == 3
    assert found.confusion.tolist() == [[0, 0, 0], [1, 2, 0], [0, 0, 0]]
    assert found.accuracy == pytest.approx(2 / 3)
    np.testing.assert_allclose(found.recall, [np.nan, 2 / 3, np.nan])
    assert [found.top(k) for k in (1, 2, 3)] == [pytest.approx(2 / 3), pytest.approx(2 / 3), 1.0]
    assert (found.worst().tolist(), found.pairs()) == ([3], [(1, 0, 1)])
    assert not len(found.rows(0, 0))
    assert found.calibration(2).counts.tolist() == [1, 2]
    nothing = Mistakes(every.probabilities[:1], every.labels[:1], 0)
    assert (nothing.accuracy, nothing.top(1), nothing.calibration().error) == (0.0, 0.0, 0.0)


def test_that_filters_are_ranked_by_the_images_that_count() -> None:
    network = probed(replace(DEEP, training=replace(DEEP.training, ignored_label=2)))
    split = labelled(network, 60)
    some = split.labels != 2
    part = Split(split.images[some], split.labels[some])
    found, expected = rank_filters(network, split), rank_filters(network, part)
    np.testing.assert_allclose(found.without, expected.without)
    assert found.accuracy == pytest.approx(expected.accuracy) == measure_mistakes(network, split).accuracy
    with pytest.raises(DesignError, match="all have the ignored label 2"):
        rank_filters(network, Split(split.images[~some], split.labels[~some]))
