"""Where a run that became infinite was good."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convviz.present.history import History
from convviz.present.recovery import WINDOW, LastGood, last_good, sentence


def history(losses: list[float]) -> History:
    found = History()
    for step, loss in enumerate(losses, 1):
        found.minibatches.add(step, loss, 0.5)
    return found


def test_that_the_place_is_after_the_minibatches_with_the_smallest_mean_loss() -> None:
    falling, rising = list(np.linspace(2.3, 0.4, 60)), list(np.linspace(5.0, 900.0, 30))
    found = last_good(history([*falling, *rising, math.inf]))
    assert found is not None
    assert found.step == 60
    assert found.loss == pytest.approx(np.mean(falling[-WINDOW:]))


def test_that_one_lucky_minibatch_at_the_start_is_not_the_place() -> None:
    found = last_good(history([0.01, *[2.0] * 20, *[1.0] * 20]))
    assert found is not None
    assert found.step > 30


def test_that_a_short_run_has_a_place_too_and_one_without_steps_has_none() -> None:
    assert last_good(history([2.0, 3.0])) == LastGood(1, 2.0)
    assert last_good(history([])) is None
    assert last_good(history([math.nan])) is None


def test_that_the_sentence_says_what_happened_and_what_helps() -> None:
    said = sentence("conv1.z became infinite", LastGood(1200, 0.5), 1300)
    assert said.startswith(
        "Training diverged at step 1,300: the numbers grew to infinity. A smaller learning rate usually helps. "
    )
    assert said.endswith("up to step 1,200. conv1.z became infinite.")
    assert "lowest" not in sentence("conv1.z became infinite", None)
