"""How often pictures are drawn."""

from __future__ import annotations

import pytest

from convviz.gui.run_model.picture_budget import LONGEST, SHORTEST, PictureBudget


def after(costs: list[float], share: float = 0.1) -> float:
    budget = PictureBudget(share)
    for cost in costs:
        budget.spent(cost)
    return budget.pause


def test_that_pictures_come_as_often_as_anyone_sees_while_they_cost_little() -> None:
    assert PictureBudget().pause == SHORTEST
    assert after([0.001] * 5) == SHORTEST


def test_that_the_pause_spends_just_the_share() -> None:
    assert after([0.006] * 5) == pytest.approx(0.06)
    assert after([0.006] * 5, share=0.15) == pytest.approx(0.04)


def test_that_even_costly_pictures_look_live() -> None:
    assert after([0.5] * 20) == LONGEST


def test_that_one_slow_picture_hardly_counts_and_a_lasting_change_does() -> None:
    usual = after([0.004] * 20)
    assert usual < after([*[0.004] * 20, 0.008]) < 1.3 * usual
    assert after([*[0.004] * 20, *[0.008] * 10]) == pytest.approx(0.08, rel=0.1)


def test_that_the_cost_of_another_time_can_be_forgotten() -> None:
    budget = PictureBudget()
    budget.spent(1.0)
    budget.forget()
    assert budget.pause == SHORTEST


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5])
def test_that_a_share_is_a_part_of_a_core(share: float) -> None:
    with pytest.raises(ValueError, match="share: expected a part of a core"):
        PictureBudget(share)
