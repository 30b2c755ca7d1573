"""Questions about the arrays of a pass."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.errors import ConvvizError
from convviz.core.lower import LOSS
from convviz.run.asking import PassAsked
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.trainer import Trainer
from tests.support.small_run import DESIGN, noise


@pytest.fixture(scope="module")
def source() -> PassSource:
    train, test = noise()
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        coming = trainer.upcoming()
        assert coming is not None
        return PassSource.of_minibatch(PassKind.NEXT, coming, train)


def test_that_numbers_arrays_and_conditions_are_answered(source: PassSource) -> None:
    run = source.make()
    asked = PassAsked(run, source)
    gradient = run.array("conv1.d_weight")
    assert float(asked.ask("norm(conv1.d_weight)").answer()) == pytest.approx(float(np.linalg.norm(gradient)), rel=1e-5)
    assert float(asked.ask("loss").answer()) == float(run.array(LOSS))
    assert asked.ask("step").answer().startswith("1")
    assert asked.ask("loss > 0").answer() == "yes"
    assert asked.ask("conv1.weight").answer().startswith("4×1×3×3 numbers, from ")
    assert asked.ask("conv1.weight > 0").answer().startswith("4×1×3×3 times yes or no: yes ")
    assert {"loss", "conv1.weight", "conv1.d_weight"} <= set(asked.names)


def test_that_what_is_not_computed_yet_is_refused_with_the_step_that_makes_it(source: PassSource) -> None:
    run = source.make()
    asked = PassAsked(run, source, only_made=True)
    assert asked.ask("norm(conv1.weight)").answer()
    with pytest.raises(ConvvizError, match="go there first"):
        asked.ask("loss")
    run.run_to_end()
    assert float(asked.ask("gradient_norm").answer()) > 0


@pytest.mark.parametrize("text", ["norm(", "norm(nowhere)", "conv1.weight[9]", "conv1.weight + conv1.bias"])
def test_that_a_question_that_can_not_be_answered_says_why(source: PassSource, text: str) -> None:
    with pytest.raises(ConvvizError, match="column"):
        PassAsked(source.make(), source).ask(text)
