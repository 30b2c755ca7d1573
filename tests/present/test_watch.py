"""Pictures of a snapshot: the arrays of the pass, each under its name."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training
from convviz.core.layers import AvgPool2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Tanh
from convviz.core.network import Network
from convviz.present.history import History
from convviz.present.scales import PATIENCE, HeldScales, round_up
from convviz.present.watch.curves import curves_picture, run_curves
from convviz.present.watch.enlarged import fold
from convviz.present.watch.filters import filter_detail
from convviz.present.watch.look import Look
from convviz.present.words import duration
from convviz.run.pace import Pace
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot, take_snapshot

DEEP = Design(
    name="deep",
    input=Input(channels=2, height=12, width=10),
    layers=(
        Conv2D(filters=3, kernel=3, padding=1),
        Tanh(),
        AvgPool2D(kernel=2),
        Conv2D(filters=5, kernel=3),
        ReLU(),
        MaxPool2D(kernel=2, stride=1),
        Flatten(),
        Dense(units=7),
        ReLU(),
        Dense(units=10),
    ),
    training=Training(),
)


def snapshot(design: Design, gradients: bool = False) -> Snapshot:
    rng = np.random.default_rng(0)
    image = design.input
    shape = 4, image.channels, image.height, image.width
    split = Split(rng.random(shape, np.float32), np.array([3, 1, 4, 1]))
    network = Network(design)
    made = {name: np.ones_like(network.arrays[name]) for name in network.parameters} if gradients else None
    return take_snapshot(network, split, "test", 2, Position(0, 0, 0, 0, 0), made)


def test_that_a_filter_is_shown_with_its_map_and_gradient() -> None:
    taken = snapshot(DEEP, gradients=True)
    detail = filter_detail(taken, "conv2", 4, 1)
    assert detail is not None
    np.testing.assert_array_equal(detail.weight, taken.arrays["conv2.weight"][4, 1])
    np.testing.assert_array_equal(detail.map, taken.logical("relu1.a")[0, 4])
    np.testing.assert_array_equal(detail.gradient, np.ones((3, 3)))
    norm = float(np.linalg.norm(taken.arrays["conv2.weight"][4]))
    assert dict(detail.facts)["‖W‖"] == f"{norm:.4g}"
    assert dict(detail.facts)["‖dW‖ / ‖W‖"] == f"{np.sqrt(27) / norm:.4g}"


def test_that_a_layer_without_filters_has_no_detail() -> None:
    assert filter_detail(snapshot(DEEP), "dense1", 0) is None


@pytest.mark.parametrize(
    ("value", "end"), [(0.0, 1.0), (0.23, 0.3), (0.3, 0.3), (0.31, 0.4), (7.0, 8.0), (9.0, 10.0), (101.0, 150.0)]
)
def test_that_scales_end_at_round_numbers(value: float, end: float) -> None:
    assert round_up(value) == pytest.approx(end)


def test_that_a_held_scale_grows_and_never_shrinks_and_ignores_what_is_not_finite() -> None:
    scales = HeldScales()
    assert scales.end("z", [0.2, -0.9]) == 1.0
    assert scales.end("z", [0.1]) == 1.0
    assert scales.end("z", [np.nan, np.inf, 1.2]) == 1.5
    assert scales.end("other", [np.nan]) == 1.0
    scales.reset()
    assert scales.end("z", [0.1]) == pytest.approx(0.1)


def test_that_a_scale_far_too_wide_is_said_after_some_time_and_fitted_when_asked() -> None:
    scales = HeldScales()
    scales.step = 7
    scales.end("z", [5.0])
    for _ in range(PATIENCE - 1):
        scales.end("z", [0.04])
    assert scales.in_use("z") is None
    assert scales.end("z", [0.03]) == 5.0
    assert scales.in_use("z") == 0.04
    assert scales.since("z") is None
    scales.fit("z")
    assert scales.end("z", [0.03]) == pytest.approx(0.04)
    assert scales.in_use("z") is None
    assert scales.since("z") == 7


def test_that_one_large_value_begins_the_waiting_anew() -> None:
    scales = HeldScales()
    for number in range(5 * PATIENCE):
        scales.end("z", [4.0 if number % (PATIENCE - 1) == 0 else 0.01])
    assert scales.in_use("z") is None


def test_that_what_follows_shrinks_by_itself_and_tells_when() -> None:
    scales = HeldScales()
    for step in range(1, 101):
        scales.step = step
        end = scales.end("dW", [0.06 if step == 1 else 0.002], follows=True)
    assert end == pytest.approx(0.002)
    assert scales.since("dW") == PATIENCE + 1


def test_that_rare_pictures_of_many_steps_count_as_some_time_too() -> None:
    scales = HeldScales()
    for step in (1, 30, 60, 90, 120):
        scales.go_to(step)
        assert scales.end("dW", [0.6 if step == 1 else 0.01], follows=True) == pytest.approx(0.6)
    scales.go_to(150)
    assert scales.end("dW", [0.01], follows=True) == pytest.approx(0.01)
    assert scales.since("dW") == 150


def test_that_zeros_before_the_first_number_do_not_decide_how_wide_a_scale_is() -> None:
    scales = HeldScales()
    assert scales.end("dW", [0.0, 0.0], follows=True) == 1.0
    assert scales.held("dW", [2e-8], follows=True).value == pytest.approx(2e-8)
    assert scales.held("dW", [0.0], follows=True).value == pytest.approx(2e-8)
    assert scales.held("dW", [2e-8], follows=True).before is None


def test_that_zeros_never_make_a_scale_too_wide() -> None:
    scales = HeldScales()
    scales.end("z", [1.0])
    for _ in range(3 * PATIENCE):
        assert scales.end("z", [0.0], follows=True) == 1.0
    assert scales.in_use("z") is None


def test_that_a_part_shares_the_scale_of_the_whole() -> None:
    scales = HeldScales()
    for _ in range(2 * PATIENCE):
        assert scales.end("w", [0.9]) == 1.0
        assert scales.end("w", [0.01], part=True) == 1.0
    assert scales.in_use("w") is None
    assert scales.end("w", [1.3], part=True) == 1.5
    scales.fit("w")
    assert scales.end("w", [0.9]) == pytest.approx(1.0)


def test_that_a_past_that_fills_little_of_the_scale_has_one_of_its_own_and_says_so() -> None:
    scales = HeldScales()
    scales.go_to(2747)
    scales.end("z", [95.0])
    scales.end("w", [5.2])
    scales.go_to(2263)
    end = scales.held("z", [2.6])
    assert (end.value, end.before, end.changed, end.way) == (3.0, 100.0, 2263, "narrower")
    assert scales.held("w", [0.76]).value == pytest.approx(0.8)
    scales.go_to(2000)
    assert scales.held("z", [0.9]).value == 3.0, "a third of it is seen well"
    scales.go_to(2747)
    end = scales.held("z", [95.0])
    assert (end.value, end.way) == (100.0, "")


def test_that_on_the_way_back_a_scale_far_too_wide_is_fitted_at_once() -> None:
    scales = HeldScales()
    scales.go_to(11)
    assert scales.end("w", [2.5e21]) == 3e21
    assert scales.end("norms", [2.5e21]) == 3e21
    scales.go_to(12)
    assert scales.end("w", [0.9]) == 3e21  # going on, it only grows
    scales.go_to(1)
    assert scales.end("w", [0.9]) == 1.0
    assert scales.since("w") == 1
    assert scales.end("norms", [0.1], part=True) == pytest.approx(0.1)
    assert scales.end("w", [0.001]) == 1.0  # only the first values there tell


@pytest.mark.parametrize(("value", "part"), [(0.2, False), (0.0002, True), (0.0, False)])
def test_that_on_the_way_back_other_scales_hold(value: float, part: bool) -> None:
    scales = HeldScales()
    scales.go_to(11)
    scales.end("w", [1.0])
    scales.go_to(1)
    assert scales.end("w", [value], part=part) == 1.0


def test_that_on_the_way_back_the_whole_is_fitted_after_a_part_of_it() -> None:
    scales = HeldScales()
    scales.go_to(11)
    scales.end("w", [1000.0])
    scales.go_to(1)
    assert scales.end("w", [0.5], part=True) == 1000.0
    assert scales.end("w", [0.9]) == 1.0


def test_that_folded_units_keep_their_order() -> None:
    np.testing.assert_array_equal(fold(np.arange(7.0)).ravel()[:7], np.arange(7.0))


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (202.4, "3:22"), (3849, "1:04:09"), (float("nan"), "–")])
def test_that_durations_read_like_a_clock(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_that_the_pace_does_not_count_the_time_that_a_run_was_held() -> None:
    pace = Pace()
    pace.resume(0.0)
    for number in range(1, 6):
        pace.add(64, number * 0.1)
    assert pace.rate() == pytest.approx(640.0)
    pace.resume(1000.0)
    pace.add(64, 1000.1)
    assert pace.left(Position(1, 6, 6, 1, 16)) == pytest.approx(1.0)


def test_that_the_time_left_and_the_rate_are_of_the_same_moments() -> None:
    pace, now, batches = Pace(), 0.0, 100
    pace.resume(now)
    for _ in range(batches):
        now += 0.01
        pace.add(64, now)
    now += 2.0
    pace.end_epoch(batches, now)
    for _ in range(50):  # the machine has become twenty times slower
        now += 0.2
        pace.add(64, now)
    position = Position(2, 50, 150, 3, batches)
    training = 150 * 64 / pace.rate()
    assert pace.rate() == pytest.approx(320.0)
    assert pace.left(position) == pytest.approx(training + 2 * 2.0), "two evaluations are still to come"
    pace.end_epoch(batches, now + 2.0)
    assert pace.left(position) == pytest.approx(training + 2.0)


def test_that_an_epoch_is_timed_with_its_evaluation_and_without_holds() -> None:
    pace = Pace()
    pace.resume(0.0)
    pace.add(64, 1.0)
    pace.resume(50.0)
    pace.add(64, 51.0)
    assert pace.end_epoch(2, 51.5) == pytest.approx(2.5)
    pace.add(64, 52.0)
    assert pace.end_epoch(2, 53.0) is None, "one of its minibatches was trained before"


def test_that_the_loss_of_guessing_is_the_logarithm_of_the_number_of_classes() -> None:
    assert math.isnan(curves_picture(Look()).guessing)
    moment = SimpleNamespace(design=Design(classes=10), sample=0, label=4, scores=None)
    assert curves_picture(Look(moment=moment)).guessing == math.log(10)


def test_that_the_lowest_test_loss_is_marked_once_it_has_risen() -> None:
    history, names = History(), ("loss", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
    found = []
    for epoch, test in enumerate((1.0, 0.5, 0.4, 0.41, 0.6), 1):
        history.add_epoch(10 * epoch, SimpleNamespace(**dict.fromkeys(names, test)))
        found.append([one for one in run_curves(history).loss if one.name.startswith("lowest")])
    assert not any(found[:4])
    ((mark,),) = found[4:]
    assert mark.name == "lowest test 0.400, epoch 3"
    assert (mark.x.tolist(), mark.y.tolist()) == ([30.0], [0.4])


def test_that_large_first_losses_leave_the_smoothed_curve_no_cliff() -> None:
    history = History()
    for step in range(1, 121):
        history.minibatches.add(step, 500.0 if step < 5 else 2.0, 0.1)
        smooth = next(one for one in run_curves(history).loss if one.kind == "smooth")
        assert smooth.name == f"mean of {min(50, (step + 1) // 2)}"
    assert smooth.y[:4].tolist() == [500.0] * 4
    assert smooth.y[9:].tolist() == [2.0] * 111
    assert history.mean(1)[48] > 40  # what warnings go by stays the mean of all so far


def test_that_the_smoothed_curve_of_an_unknown_beginning_starts_where_all_are_there() -> None:
    history = History()
    for step in range(201, 301):
        history.minibatches.add(step, float(step), 0.1)
    smooth = next(one for one in run_curves(history).loss if one.kind == "smooth")
    assert (smooth.name, smooth.x[0], smooth.y[0]) == ("mean of 50", 250.0, np.arange(201, 251).mean())


def test_that_minibatches_that_are_told_of_at_once_make_no_rate() -> None:
    pace = Pace()
    pace.resume(0.0)
    pace.add(64, 0.0001)
    pace.add(64, 0.0002)
    assert pace.rate() == 0.0, "nobody knows yet"
    for number in range(1, 81):
        pace.add(64, 0.1 * number)
    assert pace.rate() == pytest.approx(640.0, rel=0.01)
    pace.end_epoch(82, 9.0)
    for number in range(5):
        pace.add(64, 9.0 + 1e-5 * number)
    assert pace.rate() == pytest.approx(640.0, rel=0.3), "the evaluation is no training"
