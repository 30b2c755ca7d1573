"""What NumPy's calls compute, its inner loops compute bit for bit when they are called from machine code."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from engine_zoo import ZOO, given

from convviz.core.engine import NUMPY
from convviz.core.lanes import Group, Lanes, Thunk, calls_of
from convviz.core.lower import lower
from convviz.core.plan import Plan
from convviz.storage.presets import preset, preset_names
from convviz.sweeps.fields import with_values
from convviz.training.images import Split
from convviz.training.trainer import Trainer

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.fast.inner_loops import Layout, inner_loop
from convviz.core.fast.traced import Loops, in_loops

Array = np.ndarray[Any, Any]


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(1)
    yield made
    made.close()


def calls_of_pass(name: str, lanes: Lanes, precision: type) -> list[Thunk]:
    """The calls of a pass and an update with NumPy's kernels, and arrays with numbers in them."""
    caught: list[Group] = []

    def joined(groups: Sequence[Group], lanes: Lanes) -> Any:
        caught.extend(groups)
        return NUMPY.joined(groups, lanes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convviz.core.plan.NUMPY", replace(NUMPY, joined=joined))
        program = lower(ZOO[name], 4)
        sources = {
            key: cells.astype(precision) if cells.dtype.kind == "f" else cells for key, cells in given(program).items()
        }
        plan = Plan(
            lambda n: lower(ZOO[name], n, divisor=4), 4, {key: one.copy() for key, one in sources.items()}, lanes,
            precision=precision, shards=[3, 1], compiled=False,
        )  # fmt: skip
        for key, buffer in plan.inputs.items():
            buffer[...] = sources[key]
        plan.run()
        plan.update()
    return list(calls_of(caught))


def arrays_of(values: Any) -> Iterator[Array]:
    """All arrays among the arguments of a call."""
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from arrays_of(value)


def after(call: Thunk, arrays: Sequence[Array], before: Sequence[Array]) -> list[bytes]:
    """What is in the arrays after a call, which finds in them what was there before."""
    for array, cells in zip(arrays, before, strict=True):
        array[...] = cells
    call()
    return [array.tobytes() for array in arrays]


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("name", ZOO)
def test_that_loops_leave_the_same_bits(name: str, precision: type, lanes: Lanes) -> None:
    found = 0
    for call in calls_of_pass(name, lanes, precision):
        assert isinstance(call, partial)
        looped = in_loops(call)
        if looped is call:
            continue
        found += 1
        arrays = [one for one in arrays_of(call.args) if one.flags.writeable]
        before = [array * 1.25 if array.dtype.kind == "f" else array.copy() for array in arrays]  # other numbers
        with np.errstate(all="ignore"):
            assert after(looped, arrays, before) == after(call, arrays, before), call.func.__name__
    assert found


@pytest.mark.parametrize("name", preset_names())
def test_that_a_minibatch_of_a_preset_is_one_call(name: str) -> None:
    design = with_values(preset(name), {"training.train_size": None, "training.test_size": None})
    split = Split(
        np.zeros((6, design.input.channels, design.input.height, design.input.width), np.float32), np.zeros(6, np.int64)
    )
    with Trainer(design, split, split) as trainer:
        assert trainer.plan(6, train=True).calls == 1


# --- what can't be listed ----------------------------------------------------------------------------------------


def looks_at_a_number(x: Array, out: Array) -> None:
    np.multiply(x, float(x[0, 0]), out=out)


def looks_at_all(x: Array, out: Array) -> None:
    np.multiply(x, 2 if (x > 0).all() else 3, out=out)


def asks_for_the_largest(x: Array, out: Array) -> None:
    np.multiply(x, x.max(), out=out)


def goes_through(x: Array, out: Array) -> None:
    for row, to in zip(x, out, strict=True):
        np.multiply(row, 2, out=to)


def makes_an_array(x: Array, out: Array) -> None:
    np.add(x * 2, 1, out=out)


def copies(x: Array, out: Array) -> None:
    np.add(x.copy(), 1, out=out)


def picks(x: Array, out: Array) -> None:
    np.add(x[[1, 0]], 1, out=out)


def counts_in_wholes(x: Array, out: Array) -> None:
    np.add(x, np.arange(x.shape[1]), out=out, casting="unsafe")


def moves_within(x: Array, out: Array) -> None:
    np.add(out[:, 1:], x[:, 1:], out=out[:, :-1])


def contracts(x: Array, out: Array) -> None:
    np.einsum("ij,ij->ij", x, x, out=out)


def writes_beside(x: Array, out: Array) -> None:
    np.add(x, 1, out=out)
    np.lib.stride_tricks.as_strided(out, (3,), (8,))[...] = 5


def writes_in_the_plain_array(x: Array, out: Array) -> None:
    np.multiply(np.asarray(x), 2, out=np.asarray(out))
    np.add(out, 1, out=out)


def draws(x: Array, out: Array) -> None:
    np.random.default_rng(0).random(out=out)
    np.add(x, out, out=out)


def writes_in_what_it_reads(x: Array, out: Array) -> None:
    np.add(x, 1, out=x)
    np.add(x, 1, out=out)


def goes_backwards(x: Array, out: Array) -> None:
    np.exp(x[:, ::-1], out=out)


def multiplies_nothing(x: Array, out: Array) -> None:
    np.matmul(x[:, :0], x[:0], out=out)


def does_nothing(x: Array, out: Array) -> None:
    pass


UNTRACEABLE = [
    looks_at_a_number, looks_at_all, asks_for_the_largest, goes_through, makes_an_array, copies, picks,
    counts_in_wholes, moves_within, contracts, writes_beside, writes_in_the_plain_array, draws,
    writes_in_what_it_reads, goes_backwards, multiplies_nothing, does_nothing,
]  # fmt: skip


@pytest.mark.parametrize("kernel", UNTRACEABLE, ids=lambda kernel: kernel.__name__)
def test_that_a_kernel_that_does_more_stays_with_python(kernel: Callable[[Array, Array], None]) -> None:
    x, out = np.arange(6.0).reshape(2, 3), np.full((2, 3), 7.0)
    x.flags.writeable = False
    call = partial(kernel, x, out)
    assert in_loops(call) is call
    assert np.array_equal(out, np.full((2, 3), 7.0))
    assert np.array_equal(x, np.arange(6.0).reshape(2, 3))


def test_that_arrays_in_what_is_not_looked_through_stay_with_python() -> None:
    def kernel(given: dict[str, Array], out: Array) -> None:
        np.add(given["x"], 1, out=out)

    call = partial(kernel, {"x": np.ones(3)}, np.zeros(3))
    assert in_loops(call) is call


def test_that_objects_have_no_loop() -> None:
    call = partial(np.add, np.ones(3, object), np.ones(3, object), np.ones(3, object))
    assert in_loops(call) is call


def test_that_numpy_is_left_to_python_if_its_objects_are_not_what_they_are_known_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Other(ctypes.Structure):
        _fields_ = (("more", ctypes.c_int), *Layout._fields_)

    assert inner_loop(np.add, (np.dtype(np.float32),) * 3) is not None
    monkeypatch.setattr("convviz.core.fast.traced.inner_loop", inner_loop.__wrapped__)
    monkeypatch.setattr("convviz.core.fast.inner_loops.Layout", Other)
    call = partial(np.add, np.ones(3), np.ones(3), np.zeros(3))
    assert in_loops(call) is call


def test_that_a_type_without_a_loop_has_none() -> None:
    assert inner_loop(np.tanh, (np.dtype(np.int64),) * 2) is None
    assert inner_loop(np.add, (np.dtype(">f4"),) * 3) is None


# --- running -----------------------------------------------------------------------------------------------------


def sums_and_fills(x: Array, sums: Array, rest: Array, copied: Array) -> None:
    np.add.reduce(x, axis=(1, 2), out=sums)
    rest.fill(0.25)
    rest[:, :2] = x[:, 0, ::2]
    copied[...] = x
    copied += 1


def test_sums_fills_and_copies() -> None:
    x = np.random.default_rng(0).standard_normal((5, 7, 4))[:, ::2]
    contiguous = np.ascontiguousarray(x)
    made = np.zeros(5), np.zeros((5, 3)), np.zeros(x.shape)
    looped = in_loops(partial(sums_and_fills, contiguous, *made))
    assert isinstance(looped, Loops)
    looped()
    expected = np.zeros(5), np.zeros((5, 3)), np.zeros(x.shape)
    sums_and_fills(contiguous, *expected)
    assert all(map(np.array_equal, made, expected))


def test_that_loops_keep_their_arrays() -> None:
    out = np.zeros(1000)
    looped = in_loops(partial(np.add, np.full(1000, 2.0), np.full(1000, 3.0), out))
    gc.collect()
    _others = [np.full(1000, float(n)) for n in range(50)]  # would be where freed memory was
    looped()
    assert np.array_equal(out, np.full(1000, 5.0))
