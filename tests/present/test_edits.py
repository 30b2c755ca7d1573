"""What was edited during a run, as it is written at the curves."""

from __future__ import annotations

from msgspec.structs import replace

from convviz.core.design import Design, course_design
from convviz.core.optim import SGD
from convviz.present.edits import Edits


def with_rate(rate: float) -> Design:
    design = course_design()
    return replace(design, training=replace(design.training, optimiser=SGD(lr=rate)))


def test_that_an_edit_before_the_first_minibatch_is_none_of_the_run() -> None:
    edits = Edits()
    edits.add_settings(0, with_rate(0.01), with_rate(0.05))
    assert edits.sentences() == ()


def test_that_edits_at_one_step_are_told_as_one_and_those_at_two_as_two() -> None:
    edits = Edits()
    edits.add_settings(7, with_rate(0.01), with_rate(0.02))
    edits.add_settings(7, with_rate(0.02), with_rate(0.05))
    edits.add_settings(9, with_rate(0.05), with_rate(0.01))
    assert edits.sentences() == ((7, "learning rate 0.01 → 0.05"), (9, "learning rate 0.05 → 0.01"))


def test_that_what_was_taken_back_before_the_next_minibatch_is_no_edit() -> None:
    edits = Edits()
    edits.add_settings(7, with_rate(0.01), with_rate(0.02))
    edits.add_weights(7, ("conv1.weight", "conv1.bias"))
    shown = edits.revision
    edits.add_settings(7, with_rate(0.02), with_rate(0.01))
    edits.add_weights(7, ("conv1.bias",))
    assert edits.sentences() == ((7, "conv1.bias edited"), (7, "conv1.weight edited"))
    assert edits.revision > shown
