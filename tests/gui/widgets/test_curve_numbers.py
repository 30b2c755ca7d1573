"""What curves are computed from: means, thinning, ranges, ticks, walks and the table of values."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from convviz.gui.widgets.curve.data import (
    log_ticks,
    nice_step,
    steady_end,
    steady_range,
    thin_evenly,
    thin_extremes,
    whole_ticks,
)
from convviz.gui.widgets.curve.heights import Heights, Values
from convviz.gui.widgets.curve.range import CurveRange
from convviz.gui.widgets.curve.walk import moved_to_hold, walk
from convviz.present.history import smooth
from convviz.present.series import Series, as_table


def test_that_smoothing_is_the_mean_of_the_last_values() -> None:
    assert smooth([2, 4, 6, 8], 2).tolist() == [2, 3, 5, 7]
    assert smooth([], 5).tolist() == []


def test_that_smoothing_leaves_out_what_is_not_finite() -> None:
    found = smooth([1.0, math.nan, 3.0, math.inf], 2)
    assert found.tolist() == [1.0, 1.0, 3.0, 3.0]
    assert math.isnan(smooth([math.nan], 3)[0])


@given(st.integers(1, 5000), st.integers(2, 300))
def test_that_thinning_loses_no_extreme(count: int, pixels: int) -> None:
    y = np.random.default_rng(count).normal(size=count)
    x, kept = thin_extremes(np.arange(count), y, pixels)
    assert len(kept) <= max(2 * pixels, count if count <= 2 * pixels else 0)
    assert (kept.min(), kept.max()) == (y.min(), y.max())
    assert (np.diff(x) >= 0).all()


def test_that_even_thinning_keeps_both_ends() -> None:
    x, _ = thin_evenly(np.arange(5000), np.zeros(5000))
    assert (len(x), x[0], x[-1]) == (1000, 0, 4999)


@pytest.mark.parametrize(
    ("span", "most", "step"), [(10, 5, 2), (1, 5, 0.2), (0.07, 5, 0.02), (46_900, 8, 10_000), (0, 5, 1)]
)
def test_that_steps_are_round(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)


def test_that_a_range_holds_while_the_data_fills_more_than_half_of_it() -> None:
    held = steady_range(0.12, 0.91, None)
    assert held == pytest.approx((0.0, 1.0))
    assert steady_range(0.2, 0.95, held) is held
    assert steady_range(0.2, 1.2, held) != held
    assert steady_range(0.4, 0.6, held) != held


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_that_a_range_always_holds_the_data(low: float, span: float) -> None:
    found = steady_range(low, low + span, None)
    slack = 1e-6 * max(1, abs(low), span)  # a value on a round number may be off by rounding
    assert found[0] <= low + slack
    assert found[1] >= low + span - slack
    assert found[1] > found[0]


def test_that_an_accuracy_never_gets_an_axis_beyond_one() -> None:
    assert steady_range(0.91, 0.998, None, (0, 1))[1] == 1


def test_that_the_x_axis_ends_at_a_round_number_and_stays() -> None:
    end = steady_end(1_875, None)
    assert end == 2_000
    assert steady_end(1_999, end) == 2_000
    assert steady_end(2_001, end) > 2_001


def test_that_a_part_of_a_run_takes_all_of_the_axis() -> None:
    def ends(x: Values) -> tuple[float, float]:
        part, heights = Series("loss", x, np.ones(len(x)), "raw", "raw"), Heights()
        heights.take(part, "linear")
        return CurveRange((None, None)).around([part], [heights], "linear")[0]

    start, end = ends(np.arange(5_278.0, 5_478.0))
    assert 5_260 < start < 5_278
    assert 5_477 <= end < 5_500
    assert ends(np.arange(1.0, 5_478.0)) == pytest.approx((0.0, 6_000.0), abs=10)


@pytest.mark.parametrize(("low", "high"), [(-1.5, 0.4), (-6, 2), (0.1, 0.9), (-0.9, -0.2)])
def test_that_a_log_axis_has_a_few_labels(low: float, high: float) -> None:
    found = log_ticks(low, high)
    assert 2 <= len(found) <= 7
    assert all(10**low <= one * 1.000001 and one <= 10**high * 1.000001 for one in found)


@pytest.mark.parametrize(("low", "high"), [(0, 46_900), (1200, 1500), (1000, 2000), (3747, 3752), (990, 2990)])
@pytest.mark.parametrize("most", [2, 3, 5, 9])
def test_that_an_axis_of_steps_has_several_whole_labels_and_no_more_than_fit(low: int, high: int, most: int) -> None:
    found = whole_ticks(low, high, most)
    assert 2 <= len(found) <= most + 1
    assert all(one == round(one) and low <= one <= high for one in found)
    assert len({b - a for a, b in itertools.pairwise(found)}) == 1


def test_that_a_short_part_of_a_log_axis_is_labelled_too() -> None:
    found = log_ticks(math.log10(0.112), math.log10(0.148))
    assert found == pytest.approx([0.12, 0.13, 0.14])


def test_that_a_walk_begins_in_sight_and_stays_on_values() -> None:
    stops = np.array([10.0, 20.0, 21.0, 22.0, 23.0])
    assert walk(stops, None, Qt.Key.Key_Right, (15, 22.5)) == 20
    assert walk(stops, None, Qt.Key.Key_Left, (15, 22.5)) == 22
    assert walk(stops, 22, Qt.Key.Key_Left, (0, 30)) == 21
    assert walk(stops, 22, Qt.Key.Key_PageDown, (0, 30)) == 23
    assert walk(stops, 22, Qt.Key.Key_A, (0, 30)) is None
    assert walk(np.zeros(0), None, Qt.Key.Key_Home, (0, 1)) is None


def test_that_a_view_moves_no_further_than_it_has_to() -> None:
    assert moved_to_hold((100, 200), 150) == (100, 200)
    assert moved_to_hold((100, 200), 195) == (105, 205)
    assert moved_to_hold((100, 200), 20) == (10, 110)


def test_that_the_table_has_a_row_for_each_x_and_says_what_it_leaves_out() -> None:
    epochs = np.arange(1, 4)
    both = [Series("training", epochs, np.array([0.9, 0.94, 0.96])), Series("test", epochs[1:], np.array([0.93, 0.95]))]
    assert as_table(both, "epoch").splitlines() == [
        "epoch\ttraining\ttest",
        "1\t0.9\t",
        "2\t0.94\t0.93",
        "3\t0.96\t0.95",
    ]
    long = [Series("loss", np.arange(1000), np.zeros(1000))]
    assert as_table(long, "step", most=10).splitlines()[-1] == "10 of 1000 rows, evenly spread"
    assert as_table([], "step") == "no values yet"


def test_that_a_series_of_two_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="loss: expected x and y of one length"):
        Series("loss", np.arange(3), np.arange(4))
