"""Kernels compared, weights of evidence, and networks without their smallest weights."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import net
from probed import DEEP, PLAIN, images, labelled, probed

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Add, Concat, Conv2D, Dense, Flatten, GlobalAvgPool, ReLU
from convviz.probe.evidence import weights_of_evidence
from convviz.probe.kernels import compare_kernels
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.passes import lowered_forward, run, scores_of
from convviz.probe.pruning import prune

MEANS = net(Conv2D(filters=4, kernel=3), ReLU(), GlobalAvgPool(), image=(1, 9, 8), classes=3)
PIXELS = net(image=(2, 5, 4), classes=3)
HIDDEN = net(Conv2D(filters=2, kernel=3), ReLU(), Flatten(), Dense(units=6), image=(1, 6, 6), classes=3)


def test_that_kernels_are_compared_as_by_hand() -> None:
    network = probed()
    weights = network.arrays["conv1.weight"]
    weights[1] = -2 * weights[0] + 3
    found = compare_kernels(network, "conv1")
    rows = weights.reshape(len(weights), -1)
    np.testing.assert_allclose(found.correlation, np.corrcoef(rows), atol=1e-12)
    assert found.twin(0) == (1, pytest.approx(-1))
    assert found.twins()[0] == (0, 1, pytest.approx(-1))
    middle = found.spectrum.shape[1] // 2
    expected = np.sqrt((weights.sum(axis=(2, 3)) ** 2).mean(axis=1))
    np.testing.assert_allclose(found.spectrum[:, middle, middle], expected, atol=1e-12)
    # Parseval: the mean over all frequencies is the energy of the weights.
    energy = (weights**2).sum(axis=(2, 3)).mean(axis=1)
    np.testing.assert_allclose((found.spectrum**2).mean(axis=(1, 2)), energy, atol=1e-12)


def test_that_a_flat_kernel_is_no_ones_twin() -> None:
    network = probed()
    network.arrays["conv1.weight"][2] = 0.25
    found = compare_kernels(network, "conv1")
    assert np.abs(found.correlation[2]).max() == 0
    assert np.isfinite(found.correlation).all()


@pytest.mark.parametrize("design", [PLAIN, MEANS, PIXELS], ids=["maps", "means", "pixels"])
def test_that_weights_of_evidence_times_the_maps_are_the_scores(design: Design) -> None:
    network = probed(design)
    found = weights_of_evidence(network)
    assert found.is_exact
    x = images(network)
    maps = x
    if found.array != "x":
        maps = run(network, *only(network, found.array, len(x)), x, np.float64)[found.array]
    scores = np.einsum("kfpq,nfpq->nk", found.weights, maps) + found.bias
    np.testing.assert_allclose(scores, scores_of(network, x), atol=1e-10)


def only(network, array: str, count: int) -> tuple:
    program, _ = lowered_forward(network.design, count)
    assert array in program.arrays
    return (program,)


def test_that_further_dense_layers_are_read_together_and_said_not_to_be_exact() -> None:
    network = probed(HIDDEN)
    found = weights_of_evidence(network)
    assert found.is_exact
    assert found.layers == ("dense1", "dense2")
    network = probed(DEEP)
    found = weights_of_evidence(network)
    assert not found.is_exact
    product = network.arrays["dense1.weight"] @ network.arrays["dense2.weight"]
    np.testing.assert_allclose(found.weights.reshape(4, -1), product.T, atol=1e-12)


def test_that_a_network_without_a_dense_layer_is_refused() -> None:
    mean = MEANS.layers[2:3]
    conv = Conv2D(filters=3, kernel=3)
    with pytest.raises(DesignError, match="expected a network with a dense layer, it has none"):
        weights_of_evidence(probed(Design(input=MEANS.input, classes=3, layers=(conv, *mean))))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_that_the_smallest_weights_of_a_copy_are_zero(share: float) -> None:
    network = probed(DEEP)
    before = {name: array.copy() for name, array in network.arrays.items()}
    found = prune(network, share)
    names = [name for name in network.parameters if name.endswith(".weight")]
    old = np.concatenate([before[name].ravel() for name in names])
    new = np.concatenate([found.network.arrays[name].ravel() for name in names])
    gone = new == 0
    assert gone.sum() == round(share * len(old)) == len(old) - found.kept
    assert np.abs(old[gone]).max(initial=0) <= np.abs(old[~gone]).min(initial=np.inf)
    np.testing.assert_array_equal(new[~gone], old[~gone])
    for name, array in before.items():
        np.testing.assert_array_equal(network.arrays[name], array)
        if name not in names:
            np.testing.assert_array_equal(found.network.arrays[name], array)


def test_that_a_network_without_weights_answers_one_class() -> None:
    network = probed()
    split = labelled(network)
    found = measure_mistakes(prune(network, 1.0).network, split)
    assert len(set(found.answers.tolist())) == 1
    with pytest.raises(DesignError, match=r"share: expected 0 to 1, got 1\.5"):
        prune(network, 1.5)


def test_that_maps_that_are_added_up_are_weighed_together() -> None:
    conv = Conv2D(filters=2, kernel=3, padding=1)
    joined = net(conv, ReLU(), conv, Add(input=("relu1", "conv2")), Flatten(), image=(1, 5, 4))
    network = probed(joined)
    found = weights_of_evidence(network)
    x = images(network)
    maps = run(network, *only(network, found.array, len(x)), x, np.float64)[found.array]
    scores = np.einsum("kfpq,nfpq->nk", found.weights, maps) + found.bias
    np.testing.assert_allclose(scores, scores_of(network, x), atol=1e-10)


def test_that_rows_that_are_joined_have_no_maps_of_their_own() -> None:
    joined = net(
        *(Conv2D(filters=2, kernel=3), Flatten(), Flatten(input="x"), Concat(input=("flatten1", "flatten2"))),
        image=(1, 5, 4),
    )
    with pytest.raises(DesignError, match="expected maps before dense1, got a row of numbers of concat1"):
        weights_of_evidence(probed(joined))
