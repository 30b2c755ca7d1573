"""What is stepped of a past minibatch is compared with what training made of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convviz.core.program import Phase
from convviz.files.cancel import LoadCancelledError
from convviz.run.recording.stepped import stepped_difference
from convviz.training.events import MinibatchDone
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.trainer import Trainer
from tests.support.small_run import DESIGN, noise


@pytest.fixture(scope="module")
def source() -> PassSource:
    train, test = noise()
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        coming = trainer.upcoming()
        next(event for event in trainer.run() if isinstance(event, MinibatchDone))
        return PassSource.of_minibatch(PassKind.PAST, replace(coming, after=trainer.network.arrays), train)


def test_that_the_largest_difference_of_a_parameter_is_found(source: PassSource) -> None:
    found = stepped_difference(source)
    assert found is not None
    assert found.largest < 1e-5
    run = source.make()
    run.run_to_end()
    assert any(step.phase is Phase.UPDATE for step in run.program.steps)
    after = {old: np.array(run.stored(new)) for old, new in run.program.updates.items()}
    exact = stepped_difference(replace(source, after=after))
    assert exact is not None
    assert (exact.largest, exact.name) == (0.0, "")
    after["dense1.bias"][3] += 0.5
    off = stepped_difference(replace(source, after=after))
    assert off is not None
    assert off.name == "dense1.bias"
    assert off.largest == pytest.approx(0.5)


def test_that_nothing_is_said_where_it_is_not_known_and_that_it_can_be_cancelled(source: PassSource) -> None:
    assert stepped_difference(replace(source, after=None)) is None
    with pytest.raises(LoadCancelledError):
        stepped_difference(replace(source, design=source.design), lambda: True)
