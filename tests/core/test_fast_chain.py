"""Calls of compiled kernels as one call: the same calls, in the same order, with the same arguments."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

pytest.importorskip("numba", reason="compiled kernels need numba")

from numba.core.compiler_lock import global_compiler_lock

from convviz.core.fast import chain
from convviz.core.fast.chain import Chain, chained
from convviz.core.fast.jit import compiled
from convviz.core.lanes import Thunk


@compiled
def put(place, value, log):
    """Note a value, and how many there are."""
    log[place[0], place[1]] = value
    log[0, 0] += 1


@compiled
def scale(x, factor, negative, out):
    """Out = ± x · factor, with a number in an array without axes."""
    for i in range(out.size):
        out[i] = -x[i] * factor[()] if negative else x[i] * factor[()]


@compiled
def refuse(limit, log):
    """Raise an error where too much was noted."""
    if log[0, 0] > limit:
        raise ValueError("too much")


def run(thunks: list[Thunk]) -> None:
    for thunk in thunks:
        thunk()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_that_every_kind_of_argument_arrives_as_in_a_call_of_its_own(kind: type) -> None:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((6, 8)).astype(kind)
    column, reverse = table[:, 3], table[1, ::-1]  # strides of their own, one of them negative
    factor = np.array(0.1, kind)

    def made(together: bool) -> list[bytes]:
        outs = [np.zeros(6, kind), np.zeros(8, kind), np.zeros(6, kind)]
        log = np.zeros((3, 4), kind)
        calls: list[Thunk] = [
            partial(scale, column, factor, False, outs[0]),
            partial(scale, reverse, factor, True, outs[1]),
            partial(put, (1, 2), 7, log),
            partial(put, (2, 3), 0.3, log),
            partial(put, (2, 1), kind(-0.7), log),
            partial(scale, outs[0], factor, True, outs[2]),  # reads what the first one made
        ]
        if together:
            calls = chained(calls)
            assert len(calls) == 1
        run(calls)
        return [array.tobytes() for array in (*outs, log)]

    assert made(together=True) == made(together=False)


def test_that_calls_keep_their_order_around_what_is_not_compiled() -> None:
    log = np.zeros((1, 5))
    seen: list[float] = []
    calls = [partial(put, (0, i), 1, log) for i in range(1, 5)]
    look = lambda: seen.append(float(log[0, 0]))  # noqa: E731

    joined = chained([calls[0], calls[1], look, calls[2], look, look, calls[3]])
    run(joined)

    assert [isinstance(thunk, Chain) for thunk in joined] == [True, False, False, False, False, False]
    assert seen == [2, 3, 3]
    assert log[0, 0] == 4


def test_that_a_chain_sees_what_arrays_hold_when_it_runs() -> None:
    x, factor, out, again = np.ones(3), np.array(2.0), np.zeros(3), np.zeros(3)
    (chain,) = chained([partial(scale, x, factor, False, out), partial(scale, out, factor, False, again)])
    chain()
    assert again.tolist() == [4, 4, 4]
    x[1], factor[...] = 5, 3
    chain()
    assert again.tolist() == [9, 45, 9]


def test_that_a_chain_keeps_its_arrays_alive() -> None:
    out = np.zeros(1 << 16)
    (chain,) = chained(
        [partial(scale, np.full(1 << 16, i + 1.0), np.array(2.0), False, out[i : i + 1]) for i in range(8)]
    )
    rubbish = [np.full(1 << 16, -1.0) for _ in range(16)]
    chain()
    assert out[:8].tolist() == [2, 4, 6, 8, 10, 12, 14, 16]
    assert len(rubbish) == 16


def test_that_the_first_error_ends_a_chain_and_is_raised() -> None:
    log = np.zeros((1, 4))
    calls: list[Thunk] = []
    for i in range(1, 4):
        calls += [partial(put, (0, i), 1, log), partial(refuse, 1, log)]
    (chain,) = chained(calls)
    with pytest.raises(RuntimeError, match="compiled kernel"):
        chain()
    assert log.tolist() == [[2, 1, 1, 0]]


def test_that_no_other_thread_compiles_while_calls_are_chained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of a kernel that another thread is about to finish leads nowhere."""
    held: list[bool] = []
    plain = chain.words_of

    def noted(*args):
        held.append(global_compiler_lock.is_locked())
        return plain(*args)

    monkeypatch.setattr(chain, "words_of", noted)
    log = np.zeros((3, 4))
    Chain([partial(put, (1, 2), 7, log), partial(put, (2, 3), 8, log)])
    assert held == [True, True]
