"""Histograms whose bins merge exactly where their ranges differ."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.training.value_counts import BINS, MOST_VALUES, count_values

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("largest", [1e-30, 0.3, 1.0, 1.5, 2.0, 3e30])
def test_that_counts_are_those_of_numpy(largest: float) -> None:
    values = (RNG.uniform(-1, 1, 500) * largest).astype(np.float32)
    found = count_values(values)
    expected, _ = np.histogram(values.astype(np.float64), BINS, (-found.end, found.end))
    assert found.counts.tolist() == expected.tolist()
    assert np.abs(values).max() <= found.end < 2.01 * np.abs(values).max()
    assert found.end == 2.0 ** round(np.log2(found.end))


def test_that_a_wider_range_merges_bins_exactly() -> None:
    values = RNG.normal(0, 0.1, 1000).astype(np.float32)
    found = count_values(values)
    for times in (1, 3):
        end = found.end * 2**times
        assert found.on(end).tolist() == np.histogram(values.astype(np.float64), BINS, (-end, end))[0].tolist()


def test_that_a_narrower_range_keeps_every_value() -> None:
    values = RNG.normal(0, 1, 1000).astype(np.float32)
    found = count_values(values)
    narrow = found.on(found.end / 4)
    assert narrow.sum() == 1000
    assert narrow[0] >= (values < -found.end / 4).sum()


def test_that_a_far_wider_range_puts_all_values_in_the_middle() -> None:
    found = count_values(np.full(9, 1e-6, np.float32))
    assert found.on(2.0**10)[BINS // 2 - 1 : BINS // 2 + 1].sum() == 9


def test_that_zeros_alone_lie_at_zero() -> None:
    found = count_values(np.zeros(7))
    assert (found.end, found.zeros, found.counts[BINS // 2]) == (0.0, 7, 7)
    assert found.on(1.0)[BINS // 2] == 7


def test_that_infinite_values_are_left_out() -> None:
    found = count_values(np.array([np.nan, np.inf, -1.0, 0.0]))
    assert (found.values, found.zeros, found.end) == (2, 1, 1.0)


def test_that_a_large_array_is_counted_in_part() -> None:
    found = count_values(np.ones((300, 1000), np.float32))
    assert MOST_VALUES // 2 < found.values <= MOST_VALUES
