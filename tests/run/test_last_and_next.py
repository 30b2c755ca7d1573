"""A session that holds knows the minibatch before and the one after, as training did them and will do them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from convviz.core.design import Design, Input, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.network import lowered
from convviz.core.optim import SGD, Adam
from convviz.core.schedule import Cosine
from convviz.run import commands, messages
from convviz.run.messages import Inspected
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.events import EpochDone, Evaluating, MinibatchDone
from convviz.training.make_pass import make_pass
from convviz.training.minibatch import Minibatch
from convviz.training.stepping import Pass
from tests.support.drained import drain
from tests.support.patience import PATIENCE
from tests.support.small_run import in_memory, noise

DESIGN = Design(
    name="held",
    input=Input(height=10, width=10),
    layers=(Conv2D(filters=4), BatchNorm2D(), ReLU(), Dropout(rate=0.3), Flatten(), Dense(units=10)),
    training=Training(batch_size=32, epochs=2, optimiser=Adam(), schedule=Cosine(), clip_norm=1.0),
).named()
TRAIN, TEST = noise(80)
DATA = in_memory("noise", TRAIN, TEST)
MINIBATCHES = 3


@pytest.fixture(autouse=True)
def _numpy_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVVIZ_FAST", "0")


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(threads=2)
    thread = run_in_thread(made)
    yield made
    made.send(commands.Quit())
    thread.join(PATIENCE)
    assert not thread.is_alive()


def is_a(kind: type):
    return lambda message: isinstance(message, kind)


def is_state(state: State):
    return lambda message: message == messages.StateChanged(state)


def prepare(session: Session, design: Design = DESIGN) -> None:
    session.send(commands.Prepare(design, DATA))
    drain(session, is_state(State.IDLE))


def inspect(session: Session) -> Inspected:
    session.send(commands.Inspect())
    found = drain(session, is_a(Inspected))[-1]
    assert isinstance(found, Inspected)
    return found


def one_minibatch(session: Session) -> Inspected:
    session.send(commands.StepMinibatch())
    drain(session, is_state(State.PAUSED))
    return inspect(session)


def stepped(minibatch: Minibatch) -> Pass:
    rows, number = minibatch.rows, minibatch.position.step - 1
    run = make_pass(minibatch.design, minibatch.arrays, TRAIN.images[rows], TRAIN.labels[rows], step=number)
    run.run_to_end()
    return run


def check_leads_to(minibatch: Minibatch | None, found: Inspected) -> None:
    """The pass of a minibatch ends with the arrays that training has now."""
    assert minibatch is not None
    run = stepped(minibatch)
    for old, new in run.program.updates.items():
        np.testing.assert_array_equal(run.stored(new), found.arrays[old], err_msg=new)


def test_that_an_untrained_network_has_a_next_minibatch_only(session: Session) -> None:
    prepare(session)
    found = inspect(session)
    assert found.last is None
    assert found.next is not None
    assert (found.next.position.epoch, found.next.position.minibatch, found.next.position.step) == (1, 1, 1)
    check_leads_to(found.next, one_minibatch(session))


def test_that_the_next_minibatch_becomes_the_last_one_through_both_epochs(session: Session) -> None:
    prepare(session)
    coming = inspect(session).next
    for number in range(1, 2 * MINIBATCHES + 1):
        found = one_minibatch(session)
        assert found.last is not None
        assert coming is not None
        assert found.last.position == coming.position
        assert found.position.step == number
        np.testing.assert_array_equal(found.last.rows, coming.rows)
        check_leads_to(coming, found)
        check_leads_to(found.last, found)
        assert found.last.after is found.arrays or all(
            np.array_equal(found.last.after[name], found.arrays[name]) for name in found.arrays
        )
        coming = found.next
    assert coming is None, "the run has no epoch left"


def test_that_a_pause_at_any_moment_leaves_a_last_minibatch(session: Session) -> None:
    long = replace(DESIGN, training=replace(DESIGN.training, epochs=500))
    prepare(session, long)
    session.send(commands.Train())
    for moment in (MinibatchDone, Evaluating, EpochDone, MinibatchDone):
        drain(session, is_a(moment))
        session.send(commands.Pause())
        drain(session, is_state(State.PAUSED))
        found = inspect(session)
        assert found.last is not None
        assert found.last.position.step == found.position.step
        check_leads_to(found.last, found)
        session.send(commands.Resume())
    session.send(commands.Stop())
    drain(session, is_a(messages.RunEnded))
    found = inspect(session)
    check_leads_to(found.last, found)


def test_that_the_last_minibatch_is_known_at_the_end_of_a_run(session: Session) -> None:
    prepare(session)
    session.send(commands.Train())
    drain(session, is_a(messages.RunEnded))
    found = inspect(session)
    assert found.next is None
    assert found.last is not None
    assert found.last.position.step == 2 * MINIBATCHES
    check_leads_to(found.last, found)


def test_that_pausing_does_not_change_the_run(session: Session) -> None:
    losses = []
    for pauses in (False, True):
        prepare(session)
        session.send(commands.Train())
        told: list[messages.Message] = []
        if pauses:
            for _ in range(2):
                told += drain(session, is_a(MinibatchDone))
                session.send(commands.Pause())
                session.send(commands.Resume())
        told += drain(session, is_a(messages.RunEnded))
        losses.append([one.loss for one in told if isinstance(one, MinibatchDone)])
    assert losses[0] == losses[1]
    assert len(losses[0]) == 2 * MINIBATCHES


def test_that_the_minibatch_that_failed_is_the_next_one(session: Session) -> None:
    wild = replace(DESIGN, training=replace(DESIGN.training, optimiser=SGD(lr=1e3), clip_norm=None, weight_decay=1.0))
    layers = tuple(one for one in wild.layers if not isinstance(one, BatchNorm2D | Dropout))
    wild = replace(wild, layers=layers, training=replace(wild.training, epochs=500, schedule=DESIGN.training.schedule))
    prepare(session, wild)
    session.send(commands.Train())
    drain(session, is_a(messages.Failed))
    found = inspect(session)
    assert found.next is not None
    assert found.next.position.step == found.position.step + 1
    run = stepped(found.next)
    assert not all(np.isfinite(run.stored(new)).all() for new in run.program.updates.values())


def test_that_replaced_weights_are_in_the_next_minibatch_and_leave_the_last_one_as_it_was(session: Session) -> None:
    prepare(session)
    before = one_minibatch(session)
    weight = np.full_like(before.arrays["conv1.weight"], 0.5)
    session.send(commands.SetWeights({"conv1.weight": weight}))
    found = inspect(session)
    assert found.last is not None
    assert found.next is not None
    assert found.last.after is None, "what training had after it is not what there is now"
    check_leads_to(found.last, before)
    np.testing.assert_array_equal(found.next.arrays["conv1.weight"], weight)
    check_leads_to(found.next, one_minibatch(session))


def test_that_the_last_minibatch_keeps_the_settings_it_was_trained_with(session: Session) -> None:
    prepare(session)
    before = one_minibatch(session)
    other = replace(DESIGN, training=replace(DESIGN.training, optimiser=Adam(lr=0.5, beta1=0.1)))
    session.send(commands.Adopt(other))
    found = inspect(session)
    check_leads_to(found.last, before)
    check_leads_to(found.next, one_minibatch(session))


def test_that_a_run_from_a_file_has_no_last_minibatch_until_it_trains(session: Session, tmp_path: Path) -> None:
    prepare(session)
    one_minibatch(session)
    session.send(commands.Keep(tmp_path / "model.h5"))
    drain(session, is_a(messages.Saved))
    session.send(commands.OpenModel(tmp_path / "model.h5"))
    drain(session, is_state(State.PAUSED))
    found = inspect(session)
    assert found.last is None
    check_leads_to(found.next, one_minibatch(session))
    assert inspect(session).last is not None


def test_that_a_new_run_forgets_the_minibatch_of_the_one_before(session: Session) -> None:
    prepare(session)
    one_minibatch(session)
    prepare(session)
    assert inspect(session).last is None


def test_that_the_passes_that_are_offered_are_lowered_before_they_are_asked_for(session: Session) -> None:
    lowered.cache_clear()
    prepare(session)
    found = one_minibatch(session)
    before = lowered.cache_info().misses
    for minibatch in (found.last, found.next):
        assert minibatch is not None
        stepped(minibatch)
    make_pass(found.design, found.arrays, TEST.images[:1], TEST.labels[:1])
    assert lowered.cache_info().misses == before
