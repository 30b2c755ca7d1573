"""Occlusion, contributions, SmoothGrad and smallest changes: each against what it is defined as."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from engine_zoo import net
from msgspec.structs import replace
from probed import DEEP, PLAIN, images, probed

from convviz.core.errors import DesignError
from convviz.core.layers import (
    Add,
    AnyLayer,
    ChannelShuffle,
    Concat,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    PReLU,
    ReLU,
    Rescale,
    ScaleShift,
    Tanh,
    ZeroPad2D,
)
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.attack import fgsm, smallest_change, smallest_fgsm
from convviz.probe.class_activation import grad_cam
from convviz.probe.covering import occlusion
from convviz.probe.linear import LINEAR, contributions, why_not_linear
from convviz.probe.passes import scores_of
from convviz.probe.progress import ProbeCancelledError
from convviz.probe.saliency import gradient, gradient_times_input, integrated_gradients, smooth_gradient
from convviz.storage.presets import preset, preset_names

SCALED = net(
    *(Rescale(scale=2.0, shift=-0.5), Conv2D(filters=3), PReLU(slope=0.2), ScaleShift(), Flatten()),
    *(Dense(units=4), PReLU(shared=True), ScaleShift(), Rescale(shift=0.3)),
    image=(2, 6, 5),
)


@pytest.mark.parametrize("design", [DEEP, PLAIN, SCALED], ids=["deep", "plain", "scaled"])
@pytest.mark.parametrize("target", [Target.of_class(1), Target.of_class(2, 0)], ids=["score", "difference"])
def test_that_pixels_and_biases_sum_to_the_score(design, target: Target) -> None:
    network = probed(design)
    for x in images(network, 4):
        parts = contributions(network, x, target)
        scores = scores_of(network, x[None])[0]
        wanted = scores[target.cell[0]] - (scores[target.minus[0]] if target.minus else 0)
        assert abs(parts.total - wanted) < 1e-10 * max(1, abs(wanted))
        np.testing.assert_array_equal(parts.pixels, gradient_times_input(network, x, target)[0])
        assert all(part != 0 for part in parts.biases.values())


@pytest.mark.parametrize("name", preset_names())
def test_that_pixels_and_biases_of_presets_sum_to_the_score(name: str) -> None:
    network = probed(preset(name))
    (x,), target = images(network, 1), Target.of_class(1)
    if why_not_linear(network.design):
        with pytest.raises(DesignError, match="no sum over the pixels"):
            contributions(network, x, target)
        return
    parts = contributions(network, x, target)
    wanted = scores_of(network, x[None])[0, 1]
    assert abs(parts.total - wanted) < 1e-10 * max(1, abs(wanted))
    assert (parts.pixels != 0).any()


@pytest.mark.parametrize("layer", LINEAR, ids=lambda kind: kind.__name__)
def test_that_a_layer_that_counts_as_linear_adds_up(layer: type[Layer]) -> None:
    if issubclass(layer, Add | Concat):
        middle = [Conv2D(filters=4, kernel=1), Conv2D(filters=4, kernel=3, padding=1), layer(input=("conv1", "conv2"))]
    else:
        needs = {Conv2D: {"filters": 2}, Dense: {"units": 5}, ChannelShuffle: {"groups": 2}, ZeroPad2D: {"top": 1}}
        first = [Flatten()] if layer is Dense else [Conv2D(filters=4, kernel=2)]
        middle = [*first, layer(**needs.get(layer, {}))]
    network = probed(net(*middle, image=(2, 7, 6)))
    (x,) = images(network, 1)
    parts = contributions(network, x, Target.of_class(2))
    assert abs(parts.total - scores_of(network, x[None])[0, 2]) < 1e-10


@pytest.mark.parametrize("layer", sorted({*get_args(AnyLayer)} - {*LINEAR}, key=lambda kind: kind.__name__))
def test_that_every_other_layer_is_refused_in_a_sentence(layer: type[Layer]) -> None:
    design = net(Conv2D(filters=2), ReLU(), image=(1, 5, 5))
    fake = replace(design, layers=(*design.layers[:1], layer(name="it"), *design.layers[2:]))
    assert why_not_linear(fake) == (
        f"it is a {layer.__name__}, with which a score is no sum over the pixels, as it is with ReLUs"
    )


def test_that_a_curved_layer_is_named_where_parts_would_not_sum() -> None:
    network = probed(net(Conv2D(filters=2), Tanh(), image=(1, 5, 5)))
    with pytest.raises(DesignError, match="tanh1 is a Tanh, with which a score is no sum over the pixels"):
        contributions(network, images(network, 1), Target.of_class(0))


@pytest.mark.parametrize(("patch", "stride"), [(3, 1), (4, 3), (1, 2)])
def test_that_occlusion_is_what_brute_force_finds(patch: int, stride: int) -> None:
    network = probed()
    (x,) = images(network, 1)
    target = Target.of_class(1)
    found = occlusion(network, x, target, patch=patch, stride=stride, fill=0.25)
    whole = scores_of(network, x[None])[0, 1]
    assert found.score == pytest.approx(whole, abs=1e-12)
    drops: dict[tuple[int, int], list[float]] = {}
    for row, column in np.ndindex(found.scores.shape):
        covered = x.copy()
        at = slice(row * stride, row * stride + patch), slice(column * stride, column * stride + patch)
        covered[:, at[0], at[1]] = 0.25
        score = scores_of(network, covered[None])[0, 1]
        assert found.scores[row, column] == pytest.approx(score, abs=1e-12)
        for pixel in np.ndindex(patch, patch):
            drops.setdefault((at[0].start + pixel[0], at[1].start + pixel[1]), []).append(whole - score)
    last = (found.scores.shape[0] - 1) * stride + patch, (found.scores.shape[1] - 1) * stride + patch
    assert last[0] + stride > x.shape[1]
    assert last[1] + stride > x.shape[2]
    for pixel, value in np.ndenumerate(found.pixels):
        assert value == pytest.approx(np.mean(drops.get(pixel, [0.0])), abs=1e-12)


def test_that_integrated_gradients_sum_to_the_difference_of_scores() -> None:
    network = probed()
    (x,) = images(network, 1)
    found = integrated_gradients(network, x, Target.of_class(1), steps=512).sum()
    both = scores_of(network, np.stack([x, np.zeros_like(x)]))[:, 1]
    assert found == pytest.approx(both[0] - both[1], rel=1e-2)


def test_that_smoothgrad_without_noise_is_the_gradient_and_its_noise_is_seeded() -> None:
    network = probed()
    (x,) = images(network, 1)
    target = Target.of_class(1)
    np.testing.assert_allclose(
        smooth_gradient(network, x, target, noise=0, count=3), gradient(network, x, target)[0], atol=1e-12
    )
    one, two = (smooth_gradient(network, x, target, count=40, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, smooth_gradient(network, x, target, count=40, seed=5))


def test_that_the_smallest_change_changes_the_answer_and_half_of_it_does_not() -> None:
    network = probed()
    found = 0
    for x in images(network, 6):
        change = smallest_change(network, x)
        if not change.found:
            continue
        found += 1
        assert scores_of(network, change.image[None])[0].argmax() != scores_of(network, x[None])[0].argmax()
        assert change.image.min() >= 0
        assert change.image.max() <= 1
        np.testing.assert_allclose(x + change.change, change.image, atol=1e-15)
        shorter = x + 0.99 * change.change
        assert scores_of(network, shorter[None])[0].argmax() == scores_of(network, x[None])[0].argmax()
        grown = fgsm(network, x, int(change.before.argmax()), change.largest)
        assert change.norm <= np.linalg.norm(grown.change) + 1e-9, "a step by signs is never smaller"
    assert found >= 3


def test_that_a_change_reaches_the_class_that_is_asked_for() -> None:
    network = probed(net(image=(1, 6, 5), classes=4), 3)
    answers = set()
    for x in images(network, 4):
        for to in range(4):
            change = smallest_change(network, x, to=to)
            if change.found:
                assert change.after.argmax() == to
                answers.add(to)
    assert len(answers) > 1
    (x,) = images(network, 1)
    answer = int(scores_of(network, x[None])[0].argmax())
    for search in (smallest_change, smallest_fgsm):
        same = search(network, x, to=answer)
        assert (same.found, same.norm) == (False, 0.0)


def test_that_the_smallest_step_by_signs_is_enough_and_a_smaller_one_is_not() -> None:
    network = probed(net(image=(1, 6, 5), classes=4), 3)
    reached = set()
    for x in images(network, 6):
        for to in (None, 0, 1, 2, 3):
            change = smallest_fgsm(network, x, to=to)
            if not change.found:
                continue
            reached.add(to)
            start, size = int(change.before.argmax()), change.largest
            assert change.after.argmax() != start
            assert to is None or change.after.argmax() == to
            np.testing.assert_allclose(fgsm(network, x, epsilon=size, to=to).image, change.image, atol=1e-12)
            shorter = fgsm(network, x, epsilon=0.99 * size, to=to).after.argmax()
            assert shorter == start if to is None else shorter != to
    assert len(reached) > 2


def test_that_grad_cam_stands_where_windows_are_centred() -> None:
    network = probed(net(Conv2D(filters=2, kernel=3), image=(1, 7, 6)))
    found = grad_cam(network, images(network, 1), Target.of_class(0))
    assert found.cells.shape == (1, 5, 4)
    np.testing.assert_array_equal(found.pixels[0, 1:-1, 1:-1], found.cells[0])
    assert not found.pixels[0, 0].any()
    assert not found.pixels[0, :, -1].any()


def test_that_grad_cam_has_the_sums_that_it_cuts_off_at_zero() -> None:
    network = probed(net(Conv2D(filters=2, kernel=3), image=(1, 7, 6)))
    found = [grad_cam(network, images(network, 4), Target.of_class(label)) for label in range(3)]
    assert any((one.sums < 0).any() for one in found)
    for one in found:
        np.testing.assert_array_equal(one.cells, np.maximum(one.sums, 0))


def test_that_long_work_says_how_far_it_is_and_can_be_cancelled() -> None:
    network = probed()
    (x,) = images(network, 1)
    said: list[tuple[int, int]] = []
    occlusion(network, x, Target.of_class(0), patch=2, progress=lambda done, total: not said.append((done, total)))
    assert said[0] == (0, 56)
    assert said[-1] == (56, 56)
    for work in (
        lambda stop: occlusion(network, x, Target.of_class(0), progress=stop),
        lambda stop: integrated_gradients(network, x, Target.of_class(0), progress=stop),
        lambda stop: smooth_gradient(network, x, Target.of_class(0), progress=stop),
        lambda stop: smallest_change(network, x, progress=stop),
        lambda stop: smallest_fgsm(network, x, progress=stop),
    ):
        with pytest.raises(ProbeCancelledError):
            work(lambda done, total: False)


def ignoring() -> Network:
    """A network whose loss ignores a label."""
    return probed(replace(PLAIN, training=replace(PLAIN.training, ignored_label=2)))


def test_that_what_does_not_fit_is_refused_in_a_sentence() -> None:
    network = probed()
    (x,) = images(network, 1)
    refused = [
        (lambda: gradient(network, np.zeros((2, 2)), Target.of_class(0)), r"expected images of \(1, 9, 8\)"),
        (lambda: gradient(network, x * np.nan, Target.of_class(0)), "expected finite pixels"),
        (lambda: gradient(network, x, Target.of_class(7)), r"expected a cell of an array of shape \(3,\), got \(7,\)"),
        (lambda: occlusion(network, x, Target.of_class(0), patch=9), "patch: expected 1 to 8"),
        (lambda: fgsm(network, x, 3), "label: expected 0 to 2, got 3"),
        (lambda: smallest_change(network, x, to=-1), "to: expected 0 to 2, got -1"),
        (lambda: smallest_fgsm(network, x, to=3), "to: expected 0 to 2, got 3"),
        (lambda: fgsm(network, x, 0, to=1), "expected a label to leave or a class to go to, got both, 0 and 1"),
        (lambda: fgsm(ignoring(), x, 2), "label: expected a class that counts, the loss ignores 2"),
        (lambda: grad_cam(network, x, Target.of_class(0), "conv9"), r"expected a convolution \(conv1, conv2\), got"),
        (lambda: grad_cam(dense(), x, Target.of_class(0)), "expected a network with a convolution, it has none"),
    ]
    for work, sentence in refused:
        with pytest.raises(DesignError, match=sentence):
            work()


def dense() -> Network:
    """A network without a convolution."""
    return probed(net(image=(1, 9, 8)))
