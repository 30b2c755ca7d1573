"""A large pass lets go of arrays that are quick to make again, and still has the same bits everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import numpy as np
import pytest

from convviz.core.execute import Env, run_step
from convviz.core.memory import pass_memory
from convviz.core.network import Network
from convviz.core.program import Phase, Step
from convviz.core.remaking import ROOM, remade, stepping_memory
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass, steps_of
from convviz.training.stepping import Pass


def both(room: int = 0) -> tuple[Pass, Pass]:
    """The same pass twice: one that keeps every array, and one that has room for so many bytes of those made anew."""
    design, rng = preset("resnet-8"), np.random.default_rng(0)
    images = rng.random((2, design.input.channels, design.input.height, design.input.width), dtype=np.float32)
    kept = make_pass(design, Network(design).arrays, images, np.array([3, 5]))
    names = remade(kept.program, large=0, least=0)
    assert names
    sources = {name: kept.env[name] for name in kept.program.sources}
    parts = steps_of(design.named(), 2, np.float32).parts
    return kept, Pass(kept.program, sources, parts=parts, remakes=names, room=room)


def assert_same(one: Pass, other: Pass) -> None:
    assert list(one.env) == list(other.env)
    for name in one.env:
        np.testing.assert_array_equal(one.env[name], other.env[name], err_msg=name)
        np.testing.assert_array_equal(one.array(name), other.array(name), err_msg=name)


def test_which_arrays_are_made_anew() -> None:
    kept, spared = both()
    program = kept.program
    names = remade(program, large=0, least=0)
    for step in program.steps:
        if step.output in names:
            assert step.op.recompute or step.phase is Phase.UPDATE
            assert names.isdisjoint(step.inputs), "each comes from kept arrays"
    assert {f"{one}_new" for one in program.parameters if one.endswith("weight")} & names
    assert any(name.endswith("x_col") for name in names)
    assert all(spared.env.is_remade(name) for name in names)
    assert remade(program) == frozenset(), "a small pass keeps every array"
    assert not any(kept.env.is_remade(name) for name in program.arrays)
    assert stepping_memory(program) == pass_memory(program)


def test_that_the_memory_of_a_large_pass_leaves_out_what_is_made_anew() -> None:
    program = both()[0].program
    spared = sum(int(np.prod(program.arrays[name].shape)) * 4 for name in remade(program, large=0))
    assert ROOM > spared > 1000
    assert stepping_memory(program, large=0, room=1000) == pass_memory(program) - spared + 1000
    assert stepping_memory(program, large=0) == pass_memory(program), "all of them are at hand"


@pytest.mark.parametrize("room", [0, 1 << 16, ROOM])
def test_that_arrays_made_anew_have_the_same_bits(room: int) -> None:
    kept, spared = both(room)
    for run in (kept, spared):
        run.run_to_end()
    assert_same(kept, spared)
    for run in (kept, spared):
        run.go_to(3)
    assert_same(kept, spared)
    for name in kept.program.arrays:
        assert spared.largest(name) == kept.largest(name)
        assert not spared.stored(name).flags.writeable


def test_that_what_an_edit_changed_is_the_same() -> None:
    kept, spared = both()
    for run in (kept, spared):
        run.run_to_end()
        run.edit("x", (0, 0, 3, 3), 2.5, stroke=4)
        run.edit("x", (0, 0, 3, 4), 1.5, stroke=4)
    assert_same(kept, spared)
    changed = 0
    for name in kept.program.arrays:
        before, other = kept.before(name), spared.before(name)
        assert (before is None) == (other is None), name
        if before is not None and other is not None:
            np.testing.assert_array_equal(before, other, err_msg=name)
            changed += spared.env.is_remade(name)
        np.testing.assert_array_equal(kept.changed(name), spared.changed(name), err_msg=name)
    assert changed
    for run in (kept, spared):
        run.undo()
    assert_same(kept, spared)
    for run in (kept, spared):
        run.redo()
        run.edit(next(name for name in run.program.parameters if name.endswith("weight")), (0, 0, 0, 0), 0.25)
    assert_same(kept, spared)


def test_that_an_array_is_let_go_only_for_others() -> None:
    _, spared = both()
    spared.run_to_end()
    one, other = sorted(name for name in spared.program.arrays if spared.env.is_remade(name))[:2]
    first = spared.array(one)
    assert spared.array(one) is first, "the last one is at hand"
    spared.array(other)
    assert spared.array(one) is not first
    with pytest.raises(KeyError):
        spared.env["nothing"]


def test_that_an_array_is_made_anew_by_what_made_it_first() -> None:
    given, _ = both()
    program = given.program

    def parts(step: Step, env: Env) -> Iterator[None]:
        made = run_step(program, step, dict(env), np.float32)
        yield
        env[step.output] = np.array(made + np.float32(1))

    sources = {name: given.env[name] for name in program.sources}
    kept = Pass(program, sources, parts=parts)
    spared = Pass(program, sources, parts=parts, remakes=remade(program, large=0, least=0), room=0)
    for run in (kept, spared):
        run.run_to_end()
    assert_same(kept, spared)


def test_that_arrays_are_read_from_several_threads() -> None:
    kept, spared = both()
    for run in (kept, spared):
        run.run_to_end()
    names = [name for name in spared.program.arrays if spared.env.is_remade(name)]
    wrong: list[str] = []

    def read(order: list[str]) -> None:
        wrong.extend(name for name in order if not np.array_equal(spared.stored(name), kept.stored(name)))

    threads = [Thread(target=read, args=(names[start:] + names[:start],)) for start in range(0, len(names), 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_that_a_pass_copies_only_what_can_be_written_to() -> None:
    kept, _ = both()
    program = kept.program
    sources = {name: kept.env[name] for name in program.sources}
    assert all(Pass(program, sources).env[name] is array for name, array in sources.items())
    weight = next(name for name in program.parameters if name.endswith("weight"))
    mine = np.array(sources[weight])
    view = mine[...]
    view.flags.writeable = False
    for given in (mine, view):
        run = Pass(program, {**sources, weight: given})
        before = mine.copy()
        mine[...] += 1.0
        np.testing.assert_array_equal(run.env[weight], before)
    wide = Pass(program, sources, np.float64)
    assert wide.env[weight].dtype == np.float64
    assert sources[weight].dtype == np.float32
