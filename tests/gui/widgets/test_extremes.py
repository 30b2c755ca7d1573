"""Lowest and highest of any part of a growing row, found by looking at few values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.gui.theme import Theme
from convviz.gui.widgets.curve.extremes import BLOCK, Extremes
from convviz.gui.widgets.curve.view import CurveView
from convviz.present.history import History
from convviz.present.series import Series
from convviz.present.watch.curves import run_curves

values_and_gaps = st.lists(st.one_of(st.floats(-5, 5), st.just(np.nan)), min_size=1, max_size=400)


def grown(values: np.ndarray, pieces: list[int]) -> Extremes:
    """What there is after growing in pieces."""
    made, at = Extremes(), 0
    for piece in pieces:
        at = min(len(values), at + piece)
        made.grow(values[:at])
    made.grow(values)
    return made


@given(values_and_gaps, st.lists(st.integers(1, 60), max_size=12), st.data())
def test_that_the_ends_of_any_part_are_those_of_its_values(
    numbers: list[float], pieces: list[int], data: st.DataObject
) -> None:
    values = np.array(numbers)
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    there = values[first:last][np.isfinite(values[first:last])]
    expected = (there.min(), there.max()) if there.size else None
    assert grown(values, pieces).ends(values, first, last) == expected


@given(values_and_gaps, st.lists(st.integers(1, 60), max_size=12), st.integers(1, 20))
def test_that_what_stands_for_a_row_is_in_order_and_loses_no_extreme(
    numbers: list[float], pieces: list[int], parts: int
) -> None:
    values = np.array(numbers)
    places = grown(values, pieces).thinned(0, len(values), parts)
    assert (np.diff(places) >= 0).all()
    assert len(places) <= (4 + BLOCK) * parts + 2 * BLOCK
    for part in np.array_split(np.arange(len(values)), parts) if len(values) >= parts else ():
        near = slice(max(0, part[0] - len(part)), part[-1] + len(part) + 1)  # a block may lie across two parts
        kept = values[places[(places >= near.start) & (places < near.stop)]]
        if np.isfinite(values[part]).any():
            assert np.nanmin(kept) <= np.nanmin(values[part])
            assert np.nanmax(kept) >= np.nanmax(values[part])


def test_that_growing_looks_at_every_value_about_once() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    made = Extremes()
    for count in range(10, len(values) + 1, 10):
        made.grow(values[:count])
    assert made.looked < 1.6 * len(values)


def looked_at(view: CurveView) -> int:
    return sum(heights.extremes.looked for heights in view.heights)


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_that_a_drawing_looks_at_as_many_values_as_there_are_pixels_however_long_the_run(
    qtbot, theme: Theme, scale: str
) -> None:
    looked = []
    for count in (20_000, 200_000):
        view = CurveView(scale=scale)
        qtbot.addWidget(view)
        view.resize(600, 300)
        view.show()
        qtbot.waitExposed(view)
        steps, losses = np.arange(1.0, count + 10), np.random.default_rng(0).exponential(size=count + 9)
        view.set_series([Series("loss", steps[:count], losses[:count], "raw", "raw", begins=1)])
        before = looked_at(view)
        for more in range(1, 9):
            view.set_series([Series("loss", steps[: count + more], losses[: count + more], "raw", "raw", begins=1)])
        looked.append((looked_at(view) - before) / 8)
        view.box.setXRange(count / 4, count / 2, padding=0)
        view.box.sigRangeChangedManually.emit([True, False])
        before = looked_at(view)
        view.set_series([Series("loss", steps[: count + 9], losses[: count + 9], "raw", "raw", begins=1)])
        looked.append(looked_at(view) - before)
        assert 200 < view.items[0].xData.size <= 2 * view.box.width()
    pixels = view.box.width()
    assert max(looked) < (4 + BLOCK) * pixels
    assert max(looked[2:]) < 5 * pixels, "ten times as long, and no more to look at"


def test_that_a_spike_is_drawn_wherever_it_is(qtbot, theme: Theme) -> None:
    view = CurveView()
    qtbot.addWidget(view)
    view.resize(500, 300)
    losses = np.ones(50_000)
    spikes = {at: 3.0 + at for at in (0, 9_999, 16_384, 31_111, 49_999)}
    for at, height in spikes.items():
        losses[at] = height
    view.set_series([Series("loss", np.arange(50_000.0), losses, "raw", "raw")])
    drawn = dict(zip(view.items[0].xData.tolist(), view.items[0].yData.tolist(), strict=True))
    assert {at: drawn.get(at) for at in spikes} == spikes


def test_that_a_curve_of_a_run_begins_where_that_run_does() -> None:
    history = History()
    for step in range(1, 80):
        history.minibatches.add(step, 1.0, 0.5)
    first = [one.begins for one in run_curves(history).loss]
    history.minibatches.add(80, 1.0, 0.5)
    assert [one.begins for one in run_curves(history).loss] == first
    history.clear()
    history.minibatches.add(1, 1.0, 0.5)
    again = [one.begins for one in run_curves(history).loss]
    assert len(again) == len(first)
    assert all(after != before for before, after in zip(first, again, strict=True) if before is not None)
