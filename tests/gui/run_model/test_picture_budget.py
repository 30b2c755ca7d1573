"""How often pictures are drawn: as often as training can afford."""

from __future__ import annotations

import pytest

from convviz.gui.run_model.picture_budget import LONGEST, SHARES, SHORTEST, PictureBudget, Smoothness, Spent

STEP = 0.0025
"""Seconds of a minibatch that nothing disturbs."""


def after(*pictures: Spent, smoothness: Smoothness = Smoothness.SMOOTH) -> PictureBudget:
    budget = PictureBudget(smoothness)
    for spent in pictures:
        budget.add(spent)
    return budget


def picture(lost: float, drawing: float | None = None, making: float = 0.0) -> Spent:
    """A picture during which eight minibatches took longer, by this much in all."""
    return Spent(making, lost if drawing is None else drawing, 8, 20, 8 * STEP + lost, 20 * STEP)


def test_that_pictures_come_as_often_as_anyone_sees_while_they_cost_little() -> None:
    assert PictureBudget().interval == SHORTEST
    assert after(*[picture(0.0005)] * 5).interval == SHORTEST


@pytest.mark.parametrize("smoothness", Smoothness)
def test_that_pictures_take_just_their_share_of_the_time_of_training(smoothness: Smoothness) -> None:
    budget = after(*[picture(0.009, making=0.001)] * 20, smoothness=smoothness)
    assert budget.cost == pytest.approx(0.01)
    assert budget.cost / budget.interval == pytest.approx(SHARES[smoothness])


def test_that_calm_leaves_training_more_than_smooth() -> None:
    budget = after(*[picture(0.01)] * 5)
    smooth = budget.interval
    budget.smoothness = Smoothness.CALM
    assert budget.interval > 2 * smooth
    assert SHARES[Smoothness.CALM] < 0.05
    assert SHARES[Smoothness.SMOOTH] < 0.15


def test_that_what_a_spare_core_draws_costs_training_little() -> None:
    busy, spare = after(*[picture(0.02, drawing=0.015)] * 9), after(*[picture(0.0, drawing=0.015)] * 9)
    assert busy.cost == pytest.approx(0.02)
    assert spare.cost == pytest.approx(0.015 / 4)


@pytest.mark.parametrize(("lost", "cost"), [(0.0, 0.016), (0.01, 0.016), (0.02, 0.02), (0.03, 0.03)])
def test_that_without_a_spare_core_drawing_costs_what_training_lost_and_most_of_its_time_at_least(
    lost: float, cost: float
) -> None:
    budget = PictureBudget(spare=False)
    for _ in range(9):
        budget.add(picture(lost, drawing=0.02))
    assert budget.cost == pytest.approx(cost)


def test_that_processor_time_counts_where_minibatches_are_too_slow_to_tell() -> None:
    spent = Spent(0.001, 0.015, drawn=1, other=0, drawn_seconds=0.2)
    assert after(*[spent] * 9).cost == pytest.approx(0.016)


def test_that_even_costly_pictures_look_live() -> None:
    for smoothness in Smoothness:
        assert after(*[picture(1.0)] * 20, smoothness=smoothness).interval == LONGEST[smoothness]


def test_that_what_another_program_took_is_not_laid_to_a_picture() -> None:
    assert after(*[picture(0.5, drawing=0.01)] * 9).cost == pytest.approx(0.025)
    assert after(*[picture(-0.5, drawing=0.01)] * 9).cost == pytest.approx(0.0025)


def test_that_one_slow_picture_hardly_counts_and_a_lasting_change_does() -> None:
    usual = after(*[picture(0.01)] * 20).interval
    assert usual < after(*[picture(0.01)] * 20, picture(0.02)).interval < 1.3 * usual
    assert after(*[picture(0.01)] * 20, *[picture(0.02)] * 20).interval == pytest.approx(2 * usual, rel=0.1)


def test_that_the_first_pictures_which_make_what_stays_count_no_longer_than_they_are_the_newest() -> None:
    assert after(picture(0.3)).cost == pytest.approx(0.3)
    assert after(picture(0.3), picture(0.1)).cost == pytest.approx(0.1)
    assert after(picture(0.3), picture(0.1), picture(0.01)).cost == pytest.approx(0.01)
    assert after(*[picture(0.01)] * 3, picture(0.02)).cost < 0.02, "from then on all count"


def test_that_what_other_programs_take_and_give_cancels_out() -> None:
    steady = after(*[picture(0.01, drawing=0.02)] * 30).cost
    disturbed = after(*[picture(0.05, drawing=0.02), picture(-0.03, drawing=0.02)] * 15).cost
    assert disturbed == pytest.approx(steady, rel=0.35)


def test_that_the_cost_of_another_time_can_be_forgotten() -> None:
    budget = after(picture(1.0))
    budget.forget()
    assert budget.interval == SHORTEST
