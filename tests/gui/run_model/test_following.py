"""The follower's state machine: every stage meets every event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from convviz.core.design import Design, Input, Training, course_design
from convviz.core.optim import SGD
from convviz.data.sources import BuiltinDigits, DataFile, ImageSpec
from convviz.gui.run_model.following import (
    Adopt,
    Begin,
    Edited,
    Event,
    Failed,
    Following,
    Made,
    Make,
    Opened,
    Relation,
    RunNow,
    Send,
    Settle,
    Settled,
    Toy,
    home_for,
    transition,
)
from convviz.run.commands import StepMinibatch, Train


def load() -> None:
    raise AssertionError("a state machine opens no data")


HOME, OTHER, TOY = (DataFile(Path(name), ImageSpec(height=10, width=10)) for name in ("digits", "other", "toy"))


def fits_toy(design: Design) -> bool:
    return design.input.height == 4


def small(**settings: object) -> Design:
    return course_design(kernel=(3, 3), image=Input(height=10, width=10), training=Training(**settings)).named()


OLD, NEW, NEWER = small(batch_size=16), small(batch_size=8), small(batch_size=4)
FOR_TOY = course_design(kernel=(2, 2), image=Input(height=4, width=4)).named()
START = Following(HOME, Toy(TOY, fits_toy), edited=Edited(OLD, True, True))

AT: dict[Relation, Following] = {
    Relation.MATCHED: START,
    Relation.SETTLING: replace(START, stage=Relation.SETTLING, wanted=NEW, edited=Edited(NEW, True, True)),
    Relation.WAITING: replace(START, stage=Relation.WAITING, wanted=NEW, edited=Edited(NEW, True, True)),
    Relation.REFUSED: replace(START, stage=Relation.REFUSED, wanted=NEW, edited=Edited(NEW, True, True)),
    Relation.MAKING: replace(START, stage=Relation.MAKING, wanted=NEW, making=NEW, edited=Edited(NEW, True, True)),
    Relation.STARTING: replace(
        START, stage=Relation.STARTING, wanted=NEW, making=NEW, command=Train(), edited=Edited(NEW, True, True)
    ),
}
UNTRAINED, TRAINED = RunNow(OLD, "digits", False), RunNow(OLD, "digits", True, epoch=2)
EVENTS: dict[str, Event] = {
    "edited": Edited(NEWER, True, True),
    "edited back": Edited(OLD, True, True),
    "edited wrongly": Edited(NEWER, False, False),
    "edited for toy": Edited(FOR_TOY, False, True),
    "settled": Settled(),
    "begin": Begin(StepMinibatch()),
    "opened": Opened(NEWER, OTHER),
    "made": Made(NEW, "digits"),
    "made another": Made(OLD, "digits"),
    "from a file": Made(NEWER, "digits", from_file=True),
    "failed": Failed(),
}
KEEP, SETTLE = (), (Settle(),)
MAKE_NEW, MAKE_TOY = (Make(NEW, None),), (Make(FOR_TOY, TOY),)
OPEN = (Make(NEWER, OTHER),)
BEGIN = (Send(StepMinibatch()),)
M, S, W, R, K, B = (
    Relation.MATCHED,
    Relation.SETTLING,
    Relation.WAITING,
    Relation.REFUSED,
    Relation.MAKING,
    Relation.STARTING,
)

UNTRAINED_TABLE = {
    # stage: what each event leads to, in the order of EVENTS
    M: (
        *((S, SETTLE), (M, KEEP), (M, KEEP), (K, MAKE_TOY), (M, KEEP), (M, BEGIN), (M, OPEN)),
        *((M, KEEP), (M, KEEP), (M, KEEP), (M, KEEP)),
    ),
    S: (
        *((S, SETTLE), (M, KEEP), (M, KEEP), (K, MAKE_TOY), (K, MAKE_NEW), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (S, SETTLE), (M, KEEP), (S, KEEP)),
    ),
    W: (
        *((S, SETTLE), (M, KEEP), (M, KEEP), (K, MAKE_TOY), (K, MAKE_NEW), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (S, SETTLE), (M, KEEP), (W, KEEP)),
    ),
    R: (
        *((S, SETTLE), (M, KEEP), (M, KEEP), (K, MAKE_TOY), (K, MAKE_NEW), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (S, SETTLE), (M, KEEP), (R, KEEP)),
    ),
    K: (
        *((K, SETTLE), (K, SETTLE), (K, KEEP), (K, MAKE_TOY), (K, KEEP), (B, KEEP), (K, OPEN)),
        *((M, KEEP), (K, KEEP), (M, KEEP), (R, KEEP)),
    ),
    B: (
        *((B, SETTLE), (B, SETTLE), (B, KEEP), (B, MAKE_TOY), (B, KEEP), (B, KEEP), (K, OPEN)),
        *((M, (Send(Train()),)), (B, KEEP), (M, KEEP), (R, KEEP)),
    ),
}
TRAINED_TABLE = {
    M: (
        *((W, KEEP), (M, KEEP), (M, KEEP), (M, KEEP), (M, KEEP), (M, BEGIN), (M, OPEN)),
        *((M, KEEP), (M, KEEP), (M, KEEP), (M, KEEP)),
    ),
    S: (
        *((W, KEEP), (M, KEEP), (M, KEEP), (M, KEEP), (W, KEEP), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (W, KEEP), (M, KEEP), (W, KEEP)),
    ),
    W: (
        *((W, KEEP), (M, KEEP), (M, KEEP), (M, KEEP), (W, KEEP), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (W, KEEP), (M, KEEP), (W, KEEP)),
    ),
    R: (
        *((W, KEEP), (M, KEEP), (M, KEEP), (M, KEEP), (W, KEEP), (B, MAKE_NEW), (M, OPEN)),
        *((M, KEEP), (W, KEEP), (M, KEEP), (W, KEEP)),
    ),
    K: (
        *((K, KEEP), (K, KEEP), (K, KEEP), (K, KEEP), (K, KEEP), (B, KEEP), (K, OPEN)),
        *((M, KEEP), (K, KEEP), (M, KEEP), (W, KEEP)),
    ),
    B: (
        *((B, KEEP), (B, KEEP), (B, KEEP), (B, KEEP), (B, KEEP), (B, KEEP), (K, OPEN)),
        *((M, (Send(Train()),)), (B, KEEP), (M, KEEP), (W, KEEP)),
    ),
}


@pytest.mark.parametrize("trained", [False, True], ids=["untrained", "trained"])
@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("stage", Relation, ids=lambda stage: stage.name)
def test_that_every_stage_answers_every_event(stage: Relation, name: str, trained: bool) -> None:
    table, run = (TRAINED_TABLE, TRAINED) if trained else (UNTRAINED_TABLE, UNTRAINED)
    expected = table[stage][list(EVENTS).index(name)]
    after, actions = transition(AT[stage], EVENTS[name], run)
    assert (after.stage, actions) == expected
    check(after)


def check(now: Following) -> None:
    """What holds in every state."""
    assert (now.making is not None) == (now.stage in (Relation.MAKING, Relation.STARTING))
    assert (now.command is not None) == (now.stage is Relation.STARTING)
    if now.stage in (Relation.SETTLING, Relation.WAITING, Relation.REFUSED):
        assert now.wanted is not None
    if now.stage is Relation.MATCHED:
        assert now.wanted is None


def test_that_no_row_of_three_events_leaves_what_holds() -> None:
    stages = set()
    for row in product(EVENTS.values(), repeat=3):
        for run in (UNTRAINED, TRAINED):
            now = START
            for event in row:
                now, _ = transition(now, event, run)
                check(now)
                stages.add(now.stage)
    assert stages == set(Relation)


def steps(now: Following, *events: tuple[Event, RunNow]) -> tuple[Following, list[object]]:
    done: list[object] = []
    for event, run in events:
        now, actions = transition(now, event, run)
        done.extend(actions)
    return now, done


def test_that_an_edit_while_a_network_is_made_is_made_after_it() -> None:
    now, done = steps(
        AT[Relation.MAKING],
        (Edited(NEWER, True, True), UNTRAINED),
        (Made(NEW, "digits"), UNTRAINED),
        (Settled(), RunNow(NEW, "digits", False)),
    )
    assert done == [Settle(), Settle(), Make(NEWER, None)]
    assert now.stage is Relation.MAKING
    assert now.making == NEWER


def test_that_a_run_begins_with_the_network_that_was_made_last() -> None:
    now, done = steps(
        AT[Relation.STARTING],
        (Edited(NEWER, True, True), UNTRAINED),
        (Settled(), UNTRAINED),
        (Made(NEW, "digits"), UNTRAINED),
        (Made(NEWER, "digits"), RunNow(NEW, "digits", False)),
    )
    assert done == [Settle(), Make(NEWER, None), Send(Train())]
    assert now.stage is Relation.MATCHED


def test_that_an_edit_made_while_its_run_starts_waits() -> None:
    now, done = steps(
        AT[Relation.STARTING],
        (Edited(NEWER, True, True), UNTRAINED),
        (Made(NEW, "digits"), RunNow(NEW, "digits", False)),
    )
    assert done == [Settle(), Send(Train())]
    assert (now.stage, now.wanted) == (Relation.WAITING, NEWER)


def test_that_an_edit_ends_what_could_not_be_made_and_train_tries_it_again() -> None:
    refused = AT[Relation.REFUSED]
    assert steps(refused, (Edited(OLD, True, True), UNTRAINED))[0].stage is Relation.MATCHED
    assert steps(refused, (Begin(Train()), UNTRAINED))[1] == [Make(NEW, None)]


@pytest.mark.parametrize("trained", [UNTRAINED, TRAINED], ids=["untrained", "trained"])
def test_that_live_settings_are_adopted_at_once(trained: RunNow) -> None:
    faster = with_fields(OLD, training=with_fields(OLD.training, optimiser=SGD(lr=0.5)))
    now, done = steps(START, (Edited(faster, True, True), trained))
    assert done == [Adopt(faster)]
    assert now.stage is Relation.MATCHED
    both = with_fields(NEW, training=with_fields(NEW.training, optimiser=SGD(lr=0.5)))
    now, done = steps(AT[Relation.WAITING], (Edited(both, True, True), TRAINED))
    assert done == [Adopt(faster)]
    assert (now.stage, now.wanted) == (Relation.WAITING, both)


def test_that_nothing_is_adopted_before_there_is_a_network_or_below_the_epoch_begun() -> None:
    faster = with_fields(OLD, training=with_fields(OLD.training, optimiser=SGD(lr=0.5)))
    assert steps(START, (Edited(faster, True, True), replace(UNTRAINED, is_empty=True)))[1] == [Settle()]
    fewer = with_fields(OLD, training=with_fields(OLD.training, epochs=1))
    assert steps(START, (Edited(fewer, True, True), TRAINED))[1] == []


def on(data: str) -> Callable[[RunNow], RunNow]:
    return lambda run: replace(run, data_name=data)


def test_that_toy_images_come_with_their_design_and_go_with_it() -> None:
    now, done = steps(START, (Edited(FOR_TOY, False, True), UNTRAINED))
    assert done == [Make(FOR_TOY, TOY)]
    now, done = steps(now, (Made(FOR_TOY, "toy"), RunNow(FOR_TOY, "toy", False)))
    assert (now.stage, now.data) == (Relation.MATCHED, None)
    assert steps(now, (Edited(OLD, False, True), RunNow(FOR_TOY, "toy", False)))[1] == [Make(OLD, HOME)]


def test_that_beside_a_trained_network_toy_images_wait_for_train() -> None:
    now, done = steps(
        START,
        (Edited(FOR_TOY, False, True), TRAINED),
        (Edited(FOR_TOY, True, True), TRAINED),
        (Begin(Train()), TRAINED),
    )
    assert done == [Make(FOR_TOY, TOY)]
    assert now.making_on == "toy"


def test_that_after_another_data_set_was_opened_that_one_is_home() -> None:
    now, _ = steps(START, (Opened(OLD, OTHER), UNTRAINED), (Made(OLD, "other"), on("other")(UNTRAINED)))
    now, _ = steps(now, (Edited(FOR_TOY, False, True), on("other")(UNTRAINED)))
    now, _ = steps(now, (Made(FOR_TOY, "toy"), RunNow(FOR_TOY, "toy", False)))
    assert steps(now, (Edited(OLD, False, True), RunNow(FOR_TOY, "toy", False)))[1] == [Make(OLD, OTHER)]


def test_that_the_data_to_go_back_to_are_those_that_were_open_last() -> None:
    small_images = small(batch_size=16)
    assert home_for(HOME, small_images) == HOME
    assert home_for(HOME, with_fields(small_images, input=Input())) == BuiltinDigits(), "of another shape"
