"""How long a step takes is measured on real steps."""

from __future__ import annotations

from convviz.storage.presets import preset
from convviz.training.measure import measure, quietest


def test_that_a_disturbed_spell_does_not_count() -> None:
    quiet = [0.010, 0.011, 0.010]

    assert quietest([0.030, 0.031, 0.090, *quiet, 0.020, 0.021, 0.020], spells=3) == 0.010
    assert quietest([0.5]) == 0.5
    assert quietest([0.75, 0.25]) == 0.5  # too few for spells: the median of both


def test_that_steps_of_the_whole_batch_are_timed_after_a_first_one() -> None:
    found = measure(preset("lenet-5"), seconds=0.0, images=40)

    assert found is not None
    assert (found.batch, found.steps) == (40, 1)
    assert found.step_seconds > 0
    assert found.evaluation_seconds > 0
    assert found.nbytes > 4 * 61_706  # the weights alone
    assert found.epoch_seconds(80, 0) == 2 * found.step_seconds + 80 * found.evaluation_seconds


def test_that_measuring_stops_when_asked() -> None:
    assert measure(preset("lenet-5"), stop=lambda: True) is None
