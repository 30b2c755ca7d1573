"""Rows of runs, differences of designs, curves over each other, and pairs of runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from small_run import DESIGN

from convviz.core.layers import Dense
from convviz.core.optim import Momentum
from convviz.present.compare.curves import DrawnCurve, RunCurves, bands, smoothed, traces
from convviz.present.compare.differences import differences
from convviz.present.compare.pair import bar_order, bar_tops, common_layers, filter_name, filter_pair, map_pair, parting
from convviz.present.compare.runs import csv_lines, first_pair, rows_of, sorted_rows
from convviz.present.run_names import unique_names
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.head import Parent
from convviz.storage.recording.notes import RunRemarks


def with_training(**changes: object):
    return replace(DESIGN, training=replace(DESIGN.training, **changes))


def run(name: str, accuracy: float | None = None, **changes: object) -> ListedRun:
    given = {"name": name, "id": name, "accuracy": accuracy, "design": DESIGN, "created": f"2026-01-0{len(name)}"}
    return ListedRun(Path(f"/runs/{name}.cvz"), 1000, **{**given, **changes})  # type: ignore[arg-type]


def test_that_designs_differ_field_by_field() -> None:
    faster = with_training(optimiser=replace(DESIGN.training.optimiser, lr=0.05), seed=3)
    assert [one.words for one in differences(DESIGN, faster)] == ["lr 0.01 → 0.05", "seed 0 → 3"]
    assert differences(DESIGN, replace(DESIGN, name="other", about="?")) == ()


def test_that_a_difference_has_shorter_forms() -> None:
    wider = replace(DESIGN, layers=(replace(DESIGN.layers[0], filters=9), *DESIGN.layers[1:]))
    old = DESIGN.layers[0].filters
    (filters,) = differences(DESIGN, wider)
    assert filters.forms == (f"conv1.filters {old} → 9", "conv1.filters → 9", "filters → 9")
    (seed,) = differences(DESIGN, with_training(seed=3))
    assert seed.forms == ("seed 0 → 3", "seed → 3")
    (gone,) = differences(DESIGN, replace(DESIGN, layers=DESIGN.layers[:-1]))
    assert gone.forms == (gone.words,)


def test_that_another_optimiser_is_one_difference_unless_its_rate_differs_too() -> None:
    assert [one.words for one in differences(DESIGN, with_training(optimiser=Momentum(lr=0.01)))] == [
        "optimiser sgd → momentum"
    ]
    found = differences(DESIGN, with_training(optimiser=Momentum(lr=0.5)))
    assert {one.words for one in found} == {"optimiser sgd → momentum", "lr 0.01 → 0.5"}


def test_that_a_layer_that_only_one_has_is_named_alone() -> None:
    *before, last = DESIGN.layers
    more = replace(DESIGN, layers=(*before, Dense(name="hidden", units=20), last))
    assert [one.words for one in differences(DESIGN, more)] == ["+ hidden"]
    assert [one.words for one in differences(more, DESIGN)] == ["− hidden"]


def test_that_rows_are_compared_with_a_and_carry_the_users_words() -> None:
    better = run("better", 0.9, design=with_training(seed=1))
    rows = rows_of([better, run("a", 0.8)], {"better": RunRemarks("mine", True, "why?")}, Path("/runs/a.cvz"))
    assert (rows[0].name, rows[0].starred, rows[0].note) == ("mine", True, "why?")
    assert rows[0].gain == pytest.approx(0.1)
    assert [chip.words for chip in rows[0].chips] == ["seed 0 → 1"]
    assert rows[1].gain is None


def test_that_rows_are_sorted_and_kept_by_words() -> None:
    runs = [run("b", 0.7), run("aa", None), run("ccc", 0.9, problem=""), run("broken", problem="it is damaged")]
    rows = rows_of(runs, {"b": RunRemarks(starred=True)}, None)
    assert [row.name for row in sorted_rows(rows, 2, descending=True)] == ["ccc", "b", "aa", "broken"]
    assert [row.name for row in sorted_rows(rows, 2, descending=True, words="C")] == ["ccc"]
    assert [row.name for row in sorted_rows(rows, 2, descending=True, words="*")] == ["b"]
    assert [row.name for row in sorted_rows(rows, 0, descending=False)][:2] == ["b", "aa"]  # starred first


def test_that_a_branch_is_compared_with_its_parent_and_a_sweep_with_its_best_run() -> None:
    parent, other = run("parent"), run("other")
    branch = run("branch", parent=Parent("parent", "parent", 7))
    assert first_pair([branch, other, parent]) == (parent.path, branch.path)
    assert first_pair([branch, other]) == (branch.path, None)
    assert first_pair([other, parent, branch]) == (other.path, None)
    assert first_pair([branch, other, parent], other.path) == (other.path, None)
    assert first_pair([run("broken", problem="it is damaged")]) == (None, None)


def test_that_equal_names_get_numbers() -> None:
    assert unique_names(["x", "y", "x"]) == ["x #1", "y", "x #2"]


def test_that_the_table_for_other_programs_has_a_column_a_difference() -> None:
    rows = rows_of([run("b", 0.5, design=with_training(seed=1)), run("a", 0.8)], {}, Path("/runs/a.cvz"))
    head, first, second = csv_lines(rows)
    assert head[-1] == "training.seed"
    assert (first[-1], second[-1]) == ("1", "")
    assert first[head.index("test_accuracy")] == "0.5"


def curves(path: str, loss: list[float], first: int = 1) -> RunCurves:
    steps = np.arange(first, first + len(loss))
    epochs = np.arange(1, len(loss) // 4 + 1)
    return RunCurves(Path(path), steps, np.array(loss), 4, 4 * epochs, 0.1 * epochs, 1.0 / epochs, 2.0 * epochs)


def test_that_smoothed_curves_are_running_means() -> None:
    steps, values = smoothed(np.arange(1, 131), np.arange(130.0))
    assert steps.tolist() == list(range(1, 131))
    assert values[:3].tolist() == [0.0, 1.0, 2.0]
    assert values[100] == np.arange(81, 101).mean()
    noise = np.random.default_rng(0).normal(size=3000)
    at, calm = smoothed(np.arange(3000), noise)
    assert 300 < len(calm) <= 450
    assert (at[0], at[-1]) == (0, 2999)
    assert calm[20:].std() < 0.25
    assert smoothed(np.arange(1, 4), np.arange(3.0))[1].tolist() == [0.0, 1.0, 2.0]
    assert smoothed(np.empty(0), np.empty(0))[0].size == 0


@pytest.mark.parametrize("count", [1_000, 10_000, 100_000])
def test_that_a_smoothed_curve_is_about_as_fine_everywhere_as_its_means_are_long(count: int) -> None:
    steps, _ = smoothed(np.arange(1, count + 1), np.zeros(count))
    apart = np.diff(steps)
    assert (apart > 0).all()
    assert (apart <= np.maximum(1, 0.015 * steps[:-1] + 1)).all()
    assert len(steps) < 800


@pytest.mark.parametrize("length", [23, 500, 1403, 3000, 9380])
def test_that_a_branch_and_its_parent_are_one_curve_up_to_where_they_part(length: int) -> None:
    rng, fork = np.random.default_rng(1), length // 2
    parent = rng.normal(size=length)
    branch = np.concatenate([parent[:fork], 100.0 + rng.normal(size=length)])
    (first, means), (other, others) = (smoothed(np.arange(1, len(one) + 1), one) for one in (parent, branch))
    # Point for point: that the branch goes on for longer changes nothing.
    assert first[first <= fork].tolist() == other[other <= fork].tolist()
    assert means[first <= fork].tobytes() == others[other <= fork].tobytes()
    assert others[other <= fork].max() < 10


def test_that_a_loss_that_is_not_finite_leaves_the_rest_of_a_smoothed_curve() -> None:
    loss = np.ones(300)
    loss[200] = np.nan
    steps, values = smoothed(np.arange(300), loss)
    touched = (steps >= 200) & (steps < 220)
    assert np.isnan(values[touched]).all()
    assert values[~touched].tolist() == [1.0] * int((~touched).sum())
    assert touched.sum() >= 5


def test_that_a_run_says_what_its_row_leaves_out() -> None:
    faster = run("faster", 0.9, design=with_training(seed=3), epoch=2, epochs=2, seed=3, best_accuracy=0.925)
    row = next(row for row in rows_of([run("a", 0.8), faster], {}, Path("/runs/a.cvz")) if row.name == "faster")
    assert row.about.startswith(f"faster: seed 3, {row.ended} after 2 of 2 epochs, at best 92.50 % right")
    assert row.about.endswith("differs from A in seed 0 → 3")


def test_that_curves_run_over_steps_epochs_or_seconds() -> None:
    one = curves("a", [1.0] * 8)
    ends = {axis: float(traces([one], "test_accuracy", axis)[0].x[-1]) for axis in ("steps", "epochs", "time")}
    assert ends == {"steps": 8.0, "epochs": 2.0, "time": 4.0}
    assert traces([one], "loss", "time", raw=True)[0].x[1] == 1.0  # step 2 of the 4 that took 2 s


def test_that_runs_of_different_seeds_become_a_band() -> None:
    x = np.array([1.0, 2.0])
    drawn = [DrawnCurve(Path(name), x, np.array(y)) for name, y in (("a", [1, 4.0]), ("b", [3, 2.0]), ("c", [9, 9.0]))]
    (band,) = bands(drawn, [[Path("a"), Path("b")], [Path("c")]])
    assert (band.mean.tolist(), band.low.tolist(), band.high.tolist()) == ([2, 3], [1, 2], [3, 4])


def test_that_it_is_said_where_two_runs_part() -> None:
    a, b = curves("a", [2.0, 1.0, 0.5, 0.4]), curves("b", [2.0, 1.0, 0.7, 0.4])
    found = parting(a, b)
    assert (found.step, found.a, found.b, found.compared) == (3, 0.5, 0.7, 4)
    assert "at step 3: the first 2 minibatches are the same bit for bit" in found.words
    assert "All 4 minibatches" in parting(a, a).words
    assert parting(a, curves("late", [1.0], first=50)).words == "The two have no minibatch in common."


def test_that_filters_are_compared_one_by_one() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 2, 4, 5)).astype(np.float32)
    b = a.copy()
    b[1] *= 1.5
    pair = filter_pair("conv1", a, b)
    assert pair.a.shape == (3, 4, 10)
    np.testing.assert_array_equal(pair.a[2][:, 5:], a[2, 1])
    np.testing.assert_allclose(pair.change, [0, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(pair.cosine, 1, atol=1e-6)
    assert pair.most == 1
    assert common_layers({"x.weight": a, "y.weight": a}, {"x.weight": b, "y.weight": b[:2]}) == ("x",)
    units = filter_pair("dense", a.reshape(3, -1).T, b.reshape(3, -1).T)
    assert units.a.shape == (3, 6, 7)
    np.testing.assert_allclose(units.change, [0, 0.5, 0], atol=1e-6)
    assert filter_name("dense", a.reshape(3, -1).T).format(1) == "dense.weight[:, 1]"
    assert filter_name("conv1", a).format(1) == "conv1.weight[1]"


def test_that_a_filter_counts_with_all_its_channels() -> None:
    a = np.ones((2, 9, 3, 3), np.float32)
    b = a.copy()
    b[1, 8] = 4.0  # a channel that has no room in the picture
    pair = filter_pair("conv2", a, b)
    np.testing.assert_allclose(pair.change, [0, 1.0], atol=1e-6)
    assert pair.most == 1


def test_that_maps_are_compared_one_by_one() -> None:
    a = np.zeros((3, 2, 2), np.float32)
    a[1], a[2] = 2.0, 1.0
    b = a * 1.5
    b[0, 0, 0] = 1.0
    pair = map_pair("conv1", a, b)
    assert pair.a.shape == (3, 2, 2)
    np.testing.assert_array_equal(pair.change, [np.inf, 0.5, 0.5])
    assert (pair.most, pair.scale, pair.difference_scale) == (0, 3.0, 1.0)
    units = map_pair("dense1", np.array([1.0, -2.0]), np.array([1.0, -1.0]))
    assert units.difference.ravel().tolist() == [0.0, 1.0]
    assert units.a.shape == (2, 1, 1)
    nothing = map_pair("conv1", a * 0, a * 0)
    assert np.isnan(nothing.change).all()
    assert np.isnan(nothing.median)
    assert nothing.most == 0


def test_that_bars_are_in_order_or_the_largest_first() -> None:
    change = np.array([0.2, np.nan, np.inf, 0.5])
    assert bar_order(change, largest_first=False).tolist() == [0, 1, 2, 3]
    assert bar_order(change, largest_first=True).tolist() == [2, 3, 0, 1]
    assert bar_tops(np.array([1.0, 5.0, np.nan, 2.0, 3.0]), 2).tolist() == [5.0, 3.0]
    assert bar_tops(np.zeros(0), 0).tolist() == []
