"""The cursor of a pass, and what edits do to its arrays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.design import Design, Input, Training
from convviz.core.execute import Env, execute, run_step
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.core.micro import micro_block, micro_count
from convviz.core.network import Network
from convviz.core.program import Step
from convviz.core.work import work
from convviz.storage.presets import preset
from convviz.training.edits import EditError
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


def small_design() -> Design:
    return Design(
        name="small",
        input=Input(channels=2, height=6, width=5),
        classes=3,
        layers=(
            Conv2D(filters=3, kernel=(3, 2), padding=1, stride=(2, 1)),
            ReLU(),
            MaxPool2D(kernel=2, stride=1),
            Flatten(),
            Dense(units=3),
        ),
        training=Training(batch_size=2),
    ).named()


def small_pass(batch: int = 2, precision: type = np.float32) -> Pass:
    draw = np.random.default_rng(3)
    design = small_design()
    network = Network(design, precision=precision)
    images = draw.normal(size=(batch, 2, 6, 5))
    return make_pass(design, network.arrays, images, np.arange(batch) % 3, precision=precision)


def fresh_env(run: Pass, upto: int) -> dict[str, np.ndarray]:
    env = {name: run.env[name] for name in run.program.sources}
    for step in execute(run.program, env, run.precision):
        if step.index + 1 >= upto:
            break
    return env


def test_that_nothing_has_run_at_the_start() -> None:
    run = small_pass()
    assert (run.cursor.step, run.cursor.done, run.ran) == (0, 0, 0)
    assert not run.has(run.step.output)
    assert run.has("x")


def test_that_a_pass_goes_as_soon_as_nobody_has_it() -> None:
    collects = gc.isenabled()
    gc.disable()
    try:
        given = small_pass()
        run = Pass(given.program, dict(given.env))
        run.array(run.program.steps[-1].output)
        gone = weakref.ref(run)
        del run
        assert gone() is None, "it waits for the garbage collector, with all its arrays"
    finally:
        if collects:
            gc.enable()


def test_that_over_runs_the_first_step_and_then_goes_on_one_by_one() -> None:
    run = small_pass()
    for expected in range(len(run.program.steps)):
        run.over()
        assert run.cursor.step == expected
        assert run.whole
        assert run.ran == expected + 1
    run.over()
    assert run.cursor.step == run.last


def test_that_into_walks_the_micro_steps_and_then_enters_the_next_step() -> None:
    run = small_pass()
    for done in range(1, run.count() + 1):
        run.into()
        assert (run.cursor.step, run.cursor.done) == (0, done)
    run.into()
    assert (run.cursor.step, run.cursor.done, run.cursor.inside) == (1, 1, True)


def test_that_out_finishes_the_step_and_leaves_its_micro_steps() -> None:
    run = small_pass()
    run.into()
    run.into()
    run.out()
    assert run.whole
    assert not run.cursor.inside
    assert run.cursor.step == 0


def test_that_back_undoes_a_micro_step_inside_and_a_step_outside() -> None:
    run = small_pass()
    run.go_to(2)
    run.into()
    run.into()
    run.back()
    assert (run.cursor.step, run.cursor.done) == (2, 1)
    run.back_over()
    assert (run.cursor.step, run.whole) == (1, True)
    run.back()
    run.back()
    assert (run.cursor.step, run.cursor.done) == (0, 0)


def test_that_a_far_step_is_reached_in_slices_without_moving_the_cursor() -> None:
    run = small_pass()
    calls = 0
    while not run.advance(run.last, 0.0):
        calls += 1
        assert run.cursor.step == 0
    assert calls == run.last
    run.run_to_end()
    assert run.whole


@cache
def shared_out_pass() -> tuple[Design, dict[str, np.ndarray], np.ndarray]:
    """A network, its arrays, and a minibatch that is trained in several shards."""
    design = preset("best-small")
    images = np.random.default_rng(0).random((48, 1, 28, 28), dtype=np.float32)
    return design, dict(Network(design).arrays), images


def made_of_shards() -> Pass:
    design, arrays, images = shared_out_pass()
    return make_pass(design, arrays, images, np.arange(len(images)) % 10)


def assert_equal(run: Pass, other: Pass) -> None:
    for step in run.program.steps:
        np.testing.assert_array_equal(run.stored(step.output), other.stored(step.output), err_msg=step.output)


def begin_a_step(run: Pass) -> Step:
    """Run part of the longest step; returns it."""
    step = max(run.program.steps, key=lambda one: work(run.program, one))
    run.go_to(step.index - 1)
    assert not run.advance(step.index, 0.0)
    assert run.ran == step.index
    return step


def test_that_a_long_step_is_reached_in_slices_with_the_same_numbers() -> None:
    run, other, calls = made_of_shards(), made_of_shards(), 1
    while not run.advance(run.last, 0.0):
        calls += 1
    assert calls > len(run.program.steps), "only between steps"
    other.run_to_end()
    assert_equal(run, other)


def test_that_a_step_that_was_begun_is_begun_anew_after_an_edit() -> None:
    run, other = made_of_shards(), made_of_shards()
    begin_a_step(run)
    for one in (run, other):
        one.edit("x", (0, 0, 14, 14), 0.5)
        one.edit("conv1.weight", (0, 0, 1, 1), 2.0)
        one.run_to_end()
    assert_equal(run, other)


def test_that_a_step_that_was_begun_is_finished_when_its_numbers_are_asked_for() -> None:
    run, other = made_of_shards(), made_of_shards()
    step = begin_a_step(run)
    np.testing.assert_array_equal(run.array(step.output), other.array(step.output))
    assert run.ran == step.index + 1


def test_that_a_step_that_ran_out_of_memory_is_begun_anew() -> None:
    given = small_pass()
    fails = [True]

    def parts(step: Step, env: Env) -> Iterator[None]:
        yield
        if fails.pop() if fails else False:
            raise MemoryError
        run_step(given.program, step, env, np.float32)

    run = Pass(given.program, dict(given.env), parts=parts)
    assert not run.advance(0, 0.0)
    with pytest.raises(MemoryError):
        run.advance(0, 0.0)
    assert run.ran == 0
    run.go_to(0)
    np.testing.assert_array_equal(run.array("conv1.x_pad"), given.array("conv1.x_pad"))


def test_that_the_blocks_of_a_product_are_its_maps() -> None:
    run = small_pass(batch=2)
    product = next(s for s in run.program.steps if s.output == "conv1.wx_row")
    per = product.shape[1] // 2
    assert micro_block(run.program, product, 0).count == per
    assert micro_block(run.program, product, per + 1).start == per
    im2col = next(s for s in run.program.steps if s.output == "conv1.x_col")
    assert micro_block(run.program, im2col, per).start == per
    assert micro_count(run.program, im2col) == 2 * per


def test_that_blocks_divide_every_step_without_a_rest() -> None:
    run = small_pass()
    for step in run.program.steps:
        total = micro_count(run.program, step)
        at, seen = 0, 0
        while at < total:
            block = micro_block(run.program, step, at)
            assert block.start == at
            at += block.count
            seen += 1
        assert at == total, step.where


MOVES = st.lists(
    st.one_of(
        st.sampled_from(["over", "into", "out", "back", "back_over", "restart", "run_to_end", "undo", "redo"]),
        st.tuples(st.just("scrub"), st.integers(-3, 400)),
        st.tuples(st.just("go_to"), st.integers(0, 20)),
        st.tuples(
            st.just("edit"),
            st.sampled_from(["x", "conv1.weight", "conv1.bias", "dense1.weight"]),
            st.integers(0, 10_000),
            st.floats(-2, 2, width=32),
        ),
    ),
    max_size=25,
)


@settings(max_examples=cases(30), deadline=None)
@given(MOVES)
def test_that_no_walk_leaves_the_program_and_the_arrays_are_those_of_a_fresh_run(moves: list) -> None:
    run = small_pass()
    for move in moves:
        if isinstance(move, str):
            getattr(run, move)()
        elif move[0] == "edit":
            _, name, number, value = move
            shape = run.program.arrays[name].shape
            run.edit(name, tuple(int(i) for i in np.unravel_index(number % int(np.prod(shape)), shape)), value)
        else:
            getattr(run, move[0])(move[1])
        assert 0 <= run.cursor.step <= run.last
        assert 0 <= run.cursor.done <= run.count()
        assert run.ran > run.cursor.step or run.cursor.done == 0
    if run.ran:
        expected = fresh_env(run, run.ran)
        for name, array in expected.items():
            np.testing.assert_array_equal(run.env[name], array, err_msg=name)


def test_that_an_edit_marks_the_cells_it_changed_and_undo_restores_every_array() -> None:
    run = small_pass()
    run.run_to_end()
    kept = {name: array.copy() for name, array in run.env.items()}
    run.edit("conv1.weight", (1, 0, 2, 1), 0.75)
    assert run.value("conv1.weight", (1, 0, 2, 1)) == 0.75
    weight = run.changed("conv1.weight")
    assert weight is not None
    assert np.argwhere(weight).tolist() == [[1, 0, 2, 1]]
    z = run.changed("conv1.z")
    assert z is not None
    assert {int(f) for f in np.argwhere(z)[:, 1]} == {1}
    assert run.changed("conv1.x_col") is None
    before = run.before("conv1.z")
    assert before is not None
    np.testing.assert_array_equal(before, kept["conv1.z"])
    run.undo()
    for name, array in kept.items():
        np.testing.assert_array_equal(run.env[name], array, err_msg=name)
    run.redo()
    assert run.value("conv1.weight", (1, 0, 2, 1)) == 0.75


def test_that_a_stroke_is_marked_and_undone_as_a_whole() -> None:
    run = small_pass()
    run.run_to_end()
    kept = {name: array.copy() for name, array in run.env.items()}
    for x in (1, 2, 2, 3):
        run.edit("x", (0, 0, 2, x), 1.0 + x, stroke=7)
    changed = run.changed("x")
    assert changed is not None
    assert np.argwhere(changed).tolist() == [[0, 0, 2, 1], [0, 0, 2, 2], [0, 0, 2, 3]]
    painted = {name: array.copy() for name, array in run.env.items()}
    run.edit("x", (0, 0, 0, 0), 5.0, stroke=8)
    run.undo()
    np.testing.assert_array_equal(run.env["x"], painted["x"])
    run.undo()
    for name, array in kept.items():
        np.testing.assert_array_equal(run.env[name], array, err_msg=name)
    run.redo()
    for name, array in painted.items():
        np.testing.assert_array_equal(run.env[name], array, err_msg=name)


def test_that_arrays_of_the_pass_cannot_be_written_to() -> None:
    run = small_pass()
    run.over()
    with pytest.raises(ValueError, match="read-only"):
        run.env["conv1.weight"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        run.array(run.step.output)[0] = 1


@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("conv1.z", (0, 0, 0, 0), 1.0, "this one is computed"),
        ("conv1.weight", (9, 0, 0, 0), 1.0, "inside"),
        ("conv1.weight", (0, 0, 0, 0), float("nan"), "finite"),
        ("labels", (0,), 7.0, "class below 3"),
        ("labels", (0,), 0.5, "whole number"),
    ],
)
def test_that_a_number_that_does_not_fit_is_refused_with_a_reason(
    name: str, index: tuple[int, ...], value: float, message: str
) -> None:
    run = small_pass()
    with pytest.raises(EditError, match=message):
        run.edit(name, index, value)
    assert run.edits == ()
