"""The cursor of Step, without a window: moves, history, and the cell that follows."""

from __future__ import annotations

import numpy as np
import pytest
from depth import cases
from engine_zoo import ZOO
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.design import Design, Input
from convviz.core.layers import Dense, Flatten, Tanh
from convviz.core.network import Network
from convviz.data.toy import toy_images
from convviz.gui.workspaces.step.cells import ShownCells
from convviz.gui.workspaces.step.cursor import Cell, Cursor, PassPlace
from convviz.gui.workspaces.step.debugger import MOVES, Debugger
from convviz.present.step.follow import Lineage
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass

COUNTS = (4, 1, 6, 2)
OUTPUTS = ("a", "b", "c", "d")

STEPS = st.integers(0, len(COUNTS) - 1)
CELLS = st.builds(Cell, st.sampled_from(("x", *OUTPUTS)), st.tuples(st.integers(0, 3)))
INTENTS = st.one_of(
    st.tuples(st.sampled_from(MOVES)),
    st.tuples(st.just("to"), STEPS),
    st.tuples(st.just("scrub"), st.integers(-2, 9)),
    st.tuples(st.just("into"), st.integers(-2, 9)),
    st.tuples(st.just("select"), CELLS),
    st.tuples(st.just("jump"), STEPS, CELLS),
    st.tuples(st.sampled_from(("unpin", "back_from_jump", "jump_again"))),
)


def walked(intents: list[tuple]) -> Cursor:
    cursor = Cursor(COUNTS, OUTPUTS)
    for word, *given_ in intents:
        cursor = getattr(cursor, word)(*given_)
    return cursor


@given(st.lists(INTENTS, max_size=40))
def test_that_no_sequence_of_moves_leaves_the_pass(intents: list[tuple]) -> None:
    cursor = walked(intents)
    for place in (cursor.place, *cursor.past, *cursor.future):
        assert 0 <= place.step < len(COUNTS)
        assert 0 <= place.position.done <= COUNTS[place.step]
        assert place.position.inside or place.position.done in (0, COUNTS[place.step])
        names = [cell.name for cell in place.cells]
        assert len(names) == len(set(names))
        assert not place.pinned or place.cells


@given(st.lists(INTENTS, max_size=20), STEPS, CELLS)
def test_that_going_back_from_a_jump_restores_the_place_and_forward_leads_there_again(
    intents: list[tuple], step: int, cell: Cell
) -> None:
    before = walked(intents)
    jumped = before.jump(step, cell)
    assert jumped.place.pin == cell
    back = jumped.back_from_jump()
    assert (back.place, back.past) == (before.place, before.past)
    assert back.jump_again().place == jumped.place


@given(st.lists(INTENTS, max_size=20))
def test_that_back_undoes_over_and_a_micro_step(intents: list[tuple]) -> None:
    before = walked(intents)
    at = before.place.position
    if not at.inside and not before.at_end and at.done:
        assert before.over().back().place.position == at
    if at.inside and not at.is_whole(COUNTS):
        assert before.into().back().place.position == at


def test_that_a_jump_is_forgotten_once_one_is_there_again_or_past_it() -> None:
    cursor = Cursor(COUNTS, OUTPUTS).to(2).jump(0, Cell("a", (1,)))
    assert cursor.over().past
    assert not cursor.over().over().past


def test_that_a_jump_ahead_is_not_forgotten_on_the_way_on_but_once_one_is_back() -> None:
    cursor = Cursor(COUNTS, OUTPUTS).to(3).jump(0, Cell("a", (1,))).jump(2, Cell("c", (1,)))
    assert [place.step for place in cursor.back_over().past] == [3, 0]
    assert [place.step for place in cursor.start().past] == [3]
    assert [place.step for place in cursor.end().past] == [3, 0], "first back to 0, then to 3"


def test_that_a_pinned_cell_lets_go_at_another_step_but_stays_selected() -> None:
    cell = Cell("c", (1,))
    cursor = Cursor(COUNTS, OUTPUTS).to(2).select(cell)
    assert cursor.place.pin == cell
    assert cursor.over().place.pin is None
    assert cursor.over().place.cell == cell


def test_that_a_step_that_the_pass_does_not_have_is_refused() -> None:
    with pytest.raises(IndexError, match="steps 0 to 3, not 4"):
        Cursor(COUNTS, OUTPUTS, PassPlace()).to(4)


def debugger(name: str) -> Debugger:
    design = preset(name)
    images, labels = toy_images()
    if name != "toy-4x4":
        images, labels = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32) ** 3, np.array([3])
    return Debugger(make_pass(design, Network(design).arrays, images, labels))


@settings(max_examples=cases(20), deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(MOVES),
            st.tuples(st.just("to"), st.integers(0, 200)),
            st.tuples(st.just("select"), st.integers(0, 200), st.integers(0, 10**6)),
            st.tuples(st.just("scrub"), st.integers(0, 40)),
            st.sampled_from(("unpin", "back_from_jump", "jump_again")),
        ),
        max_size=25,
    )
)
def test_that_the_pass_stands_where_the_cursor_is_and_every_cell_exists(moves: list) -> None:
    walk = debugger("toy-4x4")
    program = walk.run.program
    names = sorted(program.arrays)
    for move in moves:
        if isinstance(move, str):
            walk.move(move) if move in MOVES else getattr(walk, move)()
        elif move[0] == "to":
            walk.to(move[1] % len(program.steps))
        elif move[0] == "scrub":
            walk.scrub(move[1])
        else:
            name = names[move[1] % len(names)]
            shape = program.arrays[name].shape
            size = int(np.prod(shape, dtype=np.int64))
            walk.select(name, tuple(int(i) for i in np.unravel_index(move[2] % size, shape)) if shape else ())
        assert walk.run.cursor == walk.place.position
        cell = walk.cell()
        shape = program.arrays[cell.name].shape
        assert len(cell.index) == len(shape)
        assert all(0 <= i < n for i, n in zip(cell.index, shape, strict=True))
        assert walk.scene().panes


@pytest.mark.parametrize("name", ["toy 4×4", "max pool, gaps", "average pool", "residual"])
@settings(max_examples=cases(15), deadline=None)
@given(st.randoms(use_true_random=False))
def test_that_the_way_back_from_jumps_leads_to_the_very_cells_that_they_began_at(name: str, draw) -> None:
    """Walks over links, steps, images and edits, beside a list of where each jump began."""
    design = ZOO[name]
    images = np.random.default_rng(1).random(
        (2, design.input.channels, design.input.height, design.input.width), dtype=np.float32
    )
    walk = Debugger(make_pass(design, Network(design).arrays, images, np.arange(2) % design.classes))
    program = walk.run.program
    names, parameters = sorted(program.arrays), sorted(program.parameters)

    def any_cell(name: str) -> tuple[int, ...]:
        return tuple(draw.randrange(n) for n in program.arrays[name].shape)

    def here():
        return walk.place.position, walk.cell_at(walk.place), walk.selection

    began: list = []
    for _ in range(40):
        before, step = here(), walk.place.step
        what = draw.choice(["jump"] * 4 + ["move"] * 3 + ["to", "back", "edit", "image"])
        if what == "jump":
            there = draw.choice(names)
            began += [(step, *before)] if walk.select(there, any_cell(there)) else []
        elif what == "move":
            walk.move(draw.choice(MOVES))
        elif what == "to":
            walk.to(draw.randrange(len(program.steps)))
        elif what == "image":
            walk.choose("sample", draw.randrange(2))
        elif what == "edit":
            there = draw.choice(parameters)
            walk.run.edit(there, any_cell(there), draw.uniform(-1, 1))
        elif began:
            expected = began.pop()
            walk.back_from_jump()
            assert (walk.place.step, *here()) == expected
        while what in ("move", "to") and began and walk.place.step != step:
            low, high = sorted((step, walk.place.step))
            if began[-1][0] != walk.place.step and not low < began[-1][0] < high:
                break
            began.pop()
        offered = [(place.step, walk.cell_at(place)) for place in walk.cursor.past]
        assert offered == [(there, cell) for there, _, cell, _ in began]


@pytest.mark.parametrize("name", ["toy-4x4", "course-7x7"])
def test_that_a_cell_is_the_same_whichever_way_one_comes(name: str) -> None:
    """From a cell in the middle: back and over step by step, and by a jump to every step."""
    walk = debugger(name)
    fold = next(step for step in walk.run.program.steps if step.op.name == "fold_maps")
    walk.to(walk.run.last)
    walk.select(fold.output, tuple(n // 2 for n in fold.shape))
    there: dict[int, Cell] = {}
    while walk.place.step:
        walk.move("back_over")
        there[walk.place.step] = walk.cell()
    for number in range(1, fold.index):
        walk.move("over")
        assert walk.cell() == there[number], walk.step.where
    for number in reversed(range(fold.index)):
        walk.to(number)
        assert walk.cell() == there[number] if number else True


@pytest.mark.parametrize("name", ZOO)
def test_that_the_way_back_is_along_the_links_in_every_network(name: str) -> None:
    """Branches, pooling, normalisation and losses too: of what a cell was made of, one is shown at the step before."""
    design, draw = ZOO[name], np.random.default_rng(1)
    for batch in (1, 2):
        images = draw.random((batch, design.input.channels, design.input.height, design.input.width), dtype=np.float32)
        walk = Debugger(make_pass(design, Network(design).arrays, images, np.arange(batch) % design.classes))
        program = walk.run.program
        for step in draw.permutation(np.array(program.steps, object))[:4]:
            index = tuple(int(draw.integers(n)) for n in step.shape)
            walk.to(step.index)
            walk.select(step.output, index)
            there = {step.index: walk.cell()}
            assert walk.cell() == Cell(step.output, index)
            reads = step.op.reads(program.in_shapes(step), step.shape, index)
            first = min((made.index for source in step.inputs if (made := walk.run.maker(source))), default=step.index)
            while walk.place.step > first:
                walk.move("back_over")
                there[walk.place.step] = walk.cell()
            for source, cells in zip(step.inputs, reads, strict=True):
                made = walk.run.maker(source)
                if made is not None and len(cells):
                    assert list(there[made.index].index) in cells.tolist(), (step.where, source)


def test_that_a_deep_network_is_stepped_from_its_middle() -> None:
    """Cells are found along hundreds of steps, one from the other: more than Python calls into each other."""
    layers = tuple(Tanh() for _ in range(600))
    design = Design(input=Input(height=2, width=2), classes=2, layers=(*layers, Flatten(), Dense(units=2))).named()
    images = np.array([0.1, 0.2, 0.9, 0.4], np.float32).reshape(1, 1, 2, 2)
    walk = Debugger(make_pass(design, Network(design).arrays, images, np.zeros(1, np.int64)))
    walk.to(550)
    assert walk.step.layer == "tanh551"
    assert walk.focus() == (0, 0, 1, 0)


@pytest.mark.parametrize("name", ["toy-4x4", "resnet-8"])
def test_that_what_was_found_at_other_steps_and_before_edits_does_not_change_the_shown_cell(name: str) -> None:
    design = preset(name)
    images, labels = toy_images()
    if name != "toy-4x4":
        images, labels = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32), np.array([1])
    run = make_pass(design, Network(design).arrays, images, labels)
    walk, lineage = Debugger(run), Lineage(run.program)
    order = np.random.default_rng(1).permutation(len(run.program.steps))[:40]
    for number, step in enumerate((*order, *order[:8])):
        if number % 10 == 9:
            run.edit("x", (0, 0, number % 4, number % 3), float(number))
        walk.to(int(step))
        if number % 7 == 3:
            walk.move("back")
        elif number % 7 == 5:
            walk.choose("filter", number % 3)
        place = walk.place
        assert not place.position.inside
        assert walk.focus() == ShownCells(run, lineage, place.cells, place.selection).of(walk.step)
