"""Threads that wait for each other in machine code: every group is done before the next, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from patience import PATIENCE

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.design import course_design
from convviz.core.fast.jit import compiled
from convviz.core.fast.team import AWAY, Job, Team, joined
from convviz.core.lanes import Lanes, Together
from convviz.core.network import Network
from convviz.core.plan import Plan


@compiled
def add_all(x, out, place):
    """out[place] += Σ x."""
    for i in range(x.size):
        out[place] += x[i]


@compiled
def fail_above(limit, x):
    """Raise an error where x[0] is larger."""
    if x[0] > limit:
        raise ValueError("too large")


@pytest.fixture(params=[1, 2, 3])
def lanes(request: pytest.FixtureRequest):
    lanes = Lanes(request.param)
    yield lanes
    lanes.close()


def sums(lanes: Lanes, count: int = 4):
    """Every group adds up, in every lane, what all lanes made in the group before."""
    arrays = [np.zeros(lanes.threads) for _ in range(count)]
    arrays[0][:] = 1
    groups = [[[partial(add_all, old, new, lane)] for lane in range(lanes.threads)] for old, new in pairwise(arrays)]
    return arrays, groups


def test_that_a_group_begins_when_the_one_before_is_done(lanes: Lanes) -> None:
    arrays, groups = sums(lanes)
    job = Job(lanes, groups)
    for _ in range(300):
        for array in arrays[1:]:
            array[:] = 0
        job()
        assert [set(array) for array in arrays] == [{lanes.threads**i} for i in range(4)]


def test_that_groups_of_one_list_follow_in_one_thread(lanes: Lanes) -> None:
    ones, total = np.ones(3), np.zeros(1)
    job = Job(lanes, [[[partial(add_all, ones, total, 0)]] for _ in range(5)])
    job()
    assert total[0] == 15
    assert job.lanes == 1


def test_that_an_error_in_any_thread_ends_all_and_the_next_call_is_as_ever(lanes: Lanes) -> None:
    x, out = np.zeros(1), np.zeros(lanes.threads)
    last = [[partial(fail_above, 3.0, x)] if lane == lanes.threads - 1 else [] for lane in range(lanes.threads)]
    after = [[partial(add_all, np.ones(1), out, lane)] for lane in range(lanes.threads)]
    job = Job(lanes, [last, after])
    assert job.succeeds()
    x[0] = 4
    assert not job.succeeds()
    with pytest.raises(RuntimeError, match="compiled kernel"):
        job()
    assert out.tolist() == [1] * lanes.threads
    x[0] = 0
    assert job.succeeds()
    assert out.tolist() == [2] * lanes.threads


def test_that_threads_take_turns_with_other_calls(lanes: Lanes) -> None:
    _, groups = sums(lanes)
    seen: list[str] = []
    calls = joined([*groups, [[lambda: seen.append(threading.current_thread().name)]] * lanes.threads, *groups], lanes)
    assert [type(call) for call in calls] == [Job, Together, Job]
    for _ in range(50):
        for call in calls:
            call()
    assert len(seen) == 50 * lanes.threads


def test_that_a_thread_that_waits_long_goes_back_to_python_and_comes_again() -> None:
    lanes = Lanes(2)
    arrays, groups = sums(lanes)
    job, state = Job(lanes, groups), Team.of(lanes).state
    for _ in range(3):
        job()
        until = time.monotonic() + PATIENCE
        while state[-16] != AWAY and time.monotonic() < until:
            time.sleep(0.001)
        assert state[-16] == AWAY
    lanes.close()
    assert arrays[1].tolist() == [6, 6]


def test_that_threads_end_though_they_wait_for_more() -> None:
    before = set(threading.enumerate())
    lanes = Lanes(3)
    mine = set(threading.enumerate()) - before
    Job(lanes, sums(lanes)[1])()
    lanes.close()
    assert len(mine) == 2
    assert not any(thread.is_alive() for thread in mine)


# --- plans -------------------------------------------------------------------------------------------------------


def plan_for(network: Network, lanes: Lanes, *, compiled_steps: bool = True) -> Plan:
    plan = Plan(lambda n: network.program(n, divisor=64), 64, network.arrays, lanes, compiled=compiled_steps)
    rng = np.random.default_rng(0)
    plan.inputs["x"][...] = rng.random(plan.inputs["x"].shape)
    plan.inputs["labels"][...] = rng.integers(0, 10, 64)
    return plan


def bits(network: Network) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in network.arrays.items()}


def test_that_a_minibatch_is_one_call_where_all_steps_are_compiled(lanes: Lanes) -> None:
    network = Network(course_design())
    assert plan_for(network, lanes).calls == 1
    assert plan_for(network, lanes, compiled_steps=False).calls > 40


@pytest.mark.parametrize("compiled_steps", [False, True])
def test_that_training_at_once_is_a_run_and_an_update(lanes: Lanes, compiled_steps: bool) -> None:
    at_once, in_turn = Network(course_design()), Network(course_design())
    first = plan_for(at_once, lanes, compiled_steps=compiled_steps)
    second = plan_for(in_turn, lanes, compiled_steps=compiled_steps)
    for _ in range(3):
        assert first.train()
        second.run()
        assert second.is_finite()
        second.update()
    assert bits(at_once) == bits(in_turn)


@pytest.mark.parametrize("compiled_steps", [False, True])
def test_that_nothing_is_updated_by_what_is_not_finite(lanes: Lanes, compiled_steps: bool) -> None:
    network = Network(course_design())
    plan = plan_for(network, lanes, compiled_steps=compiled_steps)
    before = bits(network)
    images = plan.inputs["x"].copy()
    plan.inputs["x"][5] = np.nan
    assert not plan.train()
    assert bits(network) == before
    plan.inputs["x"][...] = images
    assert plan.train()
    assert bits(network) != before
