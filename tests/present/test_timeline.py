"""The timeline of a run as numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convviz.present.history import History
from convviz.present.watch.breakpoints import BreakpointsPicture, HeldPicture, HitLine
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.timeline import BLOCK, LossColumns, timeline_picture


def history_of(losses: np.ndarray) -> History:
    history = History()
    for step, loss in enumerate(losses.tolist(), 1):
        history.minibatches.add(step, loss, 0.5)
    return history


def test_that_a_run_that_is_not_recorded_has_no_timeline() -> None:
    look = Look(history=history_of(np.ones(3)))
    assert timeline_picture(look, PastLook(can_replay=False)) is None
    assert timeline_picture(Look(), PastLook(can_replay=True)) is None


def test_that_marks_are_in_the_order_of_their_steps() -> None:
    history = history_of(np.ones(9))
    history.marks += [(7, "Loss 3 is above 2", "hit"), (2, "goes on from a file", "fork")]
    picture = timeline_picture(Look(history=history), PastLook(can_replay=True))
    assert picture is not None
    assert [one.step for one in picture.marks] == [2, 7]
    assert picture.loss_at(4) == 1
    assert np.isnan(picture.loss_at(10))


@pytest.mark.parametrize("count", [50, 40 * BLOCK, 900 * BLOCK + 5])
def test_that_a_column_has_the_largest_and_the_mean_loss_of_its_minibatches(count: int) -> None:
    losses = np.random.default_rng(1).uniform(0.1, 3.0, count)
    picture = timeline_picture(Look(history=history_of(losses)), PastLook(can_replay=True))
    assert picture is not None
    x, largest, mean = LossColumns().of(picture, 4, count)
    whole = count if count <= 8 * BLOCK else count // BLOCK * BLOCK
    assert largest.max() == losses[:whole].max()
    assert len(x) <= 4
    assert np.all(mean <= largest)
    assert mean[0] == pytest.approx(losses[: count // 3].mean(), rel=0.05)


def test_that_columns_of_a_growing_run_are_those_of_all_its_losses() -> None:
    losses = np.random.default_rng(2).uniform(0.1, 3.0, 60 * BLOCK)
    losses[[5, 900]] = np.nan, np.inf
    history, columns = history_of(losses[: 30 * BLOCK + 7]), LossColumns()
    past = PastLook(can_replay=True)
    columns.of(timeline_picture(Look(history=history), past), 2, 60 * BLOCK)  # type: ignore[arg-type]
    for step in range(30 * BLOCK + 7, len(losses)):
        history.minibatches.add(step + 1, losses[step], 0.5)
    picture = timeline_picture(Look(history=history), past)
    assert picture is not None
    for grown, fresh in zip(columns.of(picture, 2, 60 * BLOCK), LossColumns().of(picture, 2, 60 * BLOCK), strict=True):
        np.testing.assert_array_equal(grown, fresh)


def test_that_a_loss_that_is_nowhere_finite_draws_nothing() -> None:
    picture = timeline_picture(Look(history=history_of(np.full(5, np.nan))), PastLook(can_replay=True))
    assert picture is not None
    assert not any(len(one) for one in LossColumns().of(picture, 100, 5))


def test_that_places_are_named_by_epoch_and_step() -> None:
    assert PastLook(epoch_length=100).place(101) == "epoch 2, step 101"
    assert PastLook().place(1234) == "step 1,234"


def test_that_what_is_looked_at_is_told_in_a_word() -> None:
    history, live = history_of(np.ones(9)), PastLook(live=9, can_replay=True)
    held = BreakpointsPicture((), (), HeldPicture(2, HitLine(9, "Loss 3 is above 2", ""), "held", can_step=True), "")

    def word(past: PastLook, points: BreakpointsPicture | None = None) -> str:
        picture = timeline_picture(Look(history=history, breakpoints=points), past)
        assert picture is not None
        return picture.sign.word

    assert word(live) == "Live"
    assert word(replace(live, live_state="paused")) == "Paused"
    assert word(replace(live, live_state="stopped")) == "Stopped"
    assert word(replace(live, live_state="ended")) == "Ended"
    assert word(replace(live, live_state="paused"), held) == "Held"
    assert word(replace(live, live_state="paused", step=4), held) == "Past"
