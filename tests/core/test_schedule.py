"""Learning rates over time."""

from __future__ import annotations

import math

import msgspec
import pytest

from convviz.core.design import Design, Training
from convviz.core.schedule import AnySchedule, Constant, Cosine, Exponential, StepDecay, TrainingProgress, learning_rate


def rates(schedule: AnySchedule, steps: int, per_epoch: int = 10, epochs: int = 3, base: float = 0.1) -> list[float]:
    return [learning_rate(base, schedule, TrainingProgress(step, per_epoch, epochs)) for step in range(steps)]


def test_that_constant_stays() -> None:
    assert rates(Constant(), 40) == [0.1] * 40


def test_that_steps_fall_after_every_so_many_epochs() -> None:
    found = rates(StepDecay(every=2, gamma=0.5), 50)

    assert found[:20] == [0.1] * 20
    assert found[20:40] == [0.05] * 20
    assert found[40:] == [0.025] * 10


def test_that_exponential_falls_after_every_epoch() -> None:
    found = rates(Exponential(gamma=0.9), 30)

    assert found[:10] == [0.1] * 10
    assert found[10] == pytest.approx(0.09)
    assert found[29] == pytest.approx(0.081)


def test_that_cosine_ends_at_its_final_share() -> None:
    found = rates(Cosine(final=0.1), 40)

    assert found[0] == 0.1
    assert found[15] == pytest.approx(0.055)
    assert found[10] == pytest.approx(0.01 + 0.09 * 0.5 * (1 + math.cos(math.pi / 3)))
    assert found[30:] == pytest.approx([0.01] * 10)
    assert found == sorted(found, reverse=True)


def test_that_warm_up_rises_in_equal_parts_and_then_leaves_the_schedule_alone() -> None:
    assert rates(Constant(warmup=4), 6) == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


def test_that_cosine_begins_to_fall_when_warm_up_ends() -> None:
    found = rates(Cosine(warmup=10), 30)

    assert found[9] == found[10] == pytest.approx(0.1)
    assert found[20] == pytest.approx(0.05)
    assert found[9:] == sorted(found[9:], reverse=True)


@pytest.mark.parametrize("schedule", [Constant(warmup=3), StepDecay(), Exponential(), Cosine()], ids=lambda s: s.title)
def test_that_a_schedule_survives_being_written_and_read(schedule: AnySchedule) -> None:
    design = Design(training=Training(schedule=schedule))

    assert msgspec.json.decode(msgspec.json.encode(design), type=Design) == design


def test_that_a_schedule_is_a_pure_function_of_progress() -> None:
    schedule = Cosine(warmup=5)

    assert rates(schedule, 30) == rates(schedule, 30)
