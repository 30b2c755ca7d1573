"""Peaks of the loss are minibatches that stand out from those before them."""

from __future__ import annotations

import numpy as np

from convviz.present.watch.peaks import loss_peaks


def losses(count: int = 300) -> np.ndarray:
    return 1 + 0.05 * np.sin(np.arange(count) * 1.7)


def steps_of(values: np.ndarray) -> np.ndarray:
    return np.arange(1, len(values) + 1, dtype=np.float64)


def test_that_what_stands_out_is_found_and_the_largest_of_a_hill_only() -> None:
    values = losses()
    values[100], values[200:205] = 3.0, (2.0, 4.0, 6.0, 5.0, 3.0)
    assert loss_peaks(steps_of(values), values).tolist() == [101, 203]


def test_that_an_even_loss_and_a_short_run_have_none() -> None:
    values = losses()
    assert not len(loss_peaks(steps_of(values), values))
    assert not len(loss_peaks(steps_of(values[:5]), 100 * values[:5]))
    assert not len(loss_peaks(np.empty(0), np.empty(0)))


def test_that_nan_is_a_peak_where_it_arises() -> None:
    values = losses()
    values[250:] = np.nan
    assert loss_peaks(steps_of(values), values).tolist() == [251]
