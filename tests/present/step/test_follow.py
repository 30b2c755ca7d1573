"""From a cell to the one that goes on from it, over the links, forwards and backwards."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from convviz.core.arrays import Index
from convviz.core.network import Network
from convviz.data.toy import toy_images
from convviz.present.step.follow import MANY, Lineage, WayBack, count_related, follow_forward
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@cache
def done(name: str) -> Pass:
    design = preset(name)
    images, labels = toy_images()
    if name != "toy-4x4":
        images, labels = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32), np.array([3])
    run = make_pass(design, Network(design).arrays, images, labels)
    run.run_to_end()
    return run


def middle(run: Pass, name: str) -> Index:
    return tuple(n // 2 for n in run.program.arrays[name].shape)


@pytest.mark.parametrize(
    ("name", "cell", "product"), [("toy-4x4", (0, 0, 2, 3), (0, 13)), ("course-7x7", (0, 5, 10, 12), (5, 252))]
)
def test_that_a_cell_of_the_maps_goes_back_to_its_product(name: str, cell: Index, product: Index) -> None:
    way = WayBack(done(name), "conv1.z", cell)
    assert way.to("conv1.wx_row") == product
    assert way.to("conv1.x_col")[1] == product[1]
    assert way.to("conv1.w_row")[0] == product[0]


@pytest.mark.parametrize("name", ["toy-4x4", "course-7x7", "best-small", "lenet-5"])
def test_that_every_stop_on_the_way_back_is_read_by_one_on_it(name: str) -> None:
    run = done(name)
    end = run.program.steps[-1].output
    way = WayBack(run, end, middle(run, end))
    reached = {given: way.to(given) for given in run.program.arrays if Lineage(run.program).leads(given, end)}
    stops = {given: cell for given, cell in reached.items() if cell is not None} | {end: middle(run, end)}
    assert len(stops) > 10
    for given, cell in stops.items():
        readers = [step for step in run.program.consumers(given) if step.output in stops]
        assert given == end or any(
            list(cell) in cells.tolist()
            for step in readers
            for other, cells in zip(
                step.inputs,
                step.op.reads(run.program.in_shapes(step), step.shape, stops[step.output]),
                strict=False,
            )
            if other == given
        ), given


def gone_back_step_by_step(run: Pass, name: str, index: Index, known: dict[str, Index]) -> dict[str, Index]:
    """The same for all arrays: from one step to the step before, each of which may be the last to read an array."""
    found = {name: index}
    maker = run.maker(name)
    for step in reversed(run.program.steps[: maker.index + 1] if maker is not None else ()):
        if step.output in found:
            way = WayBack(run, step.output, found[step.output], known)
            for given in step.inputs:
                if (cell := way.to(given)) is not None:
                    found.setdefault(given, cell)
    return found


@pytest.mark.parametrize("name", ["toy-4x4", "lenet-5", "resnet-8", "inception-tiny"])
def test_that_the_way_back_is_the_one_from_step_to_step(name: str) -> None:
    run, draw = done(name), np.random.default_rng(1)
    arrays = [step.output for step in run.program.steps]

    def cell_of(array: str) -> Index:
        return tuple(int(draw.integers(0, n)) for n in run.program.arrays[array].shape)

    for end in draw.choice(arrays, 6):
        index, other = cell_of(end), draw.choice(arrays)
        known = {other: cell_of(other)}
        expected = gone_back_step_by_step(run, end, index, known)
        way = WayBack(run, end, index, known)
        for given in draw.permutation(list(run.program.arrays)):
            assert way.to(given) == expected.get(given), (end, index, known, given)


def test_that_a_known_cell_is_preferred_where_it_is_one_of_those_that_were_read() -> None:
    run = done("course-7x7")
    assert WayBack(run, "conv1.wx_row", (5, 252), {"conv1.x_col": (3, 252)}).to("conv1.x_col") == (3, 252)
    assert WayBack(run, "conv1.wx_row", (5, 252), {"conv1.x_col": (3, 251)}).to("conv1.x_col")[1] == 252


def test_that_the_way_back_ends_at_a_constant() -> None:
    run = done("toy-4x4")
    assert WayBack(run, "conv1.x_pad", (0, 0, 0, 0)).to("x") is None


def test_that_both_inputs_decide_which_product_goes_on_from_them() -> None:
    run = done("course-7x7")
    product = next(step for step in run.program.steps if step.output == "conv1.wx_row")
    cells = {"conv1.w_row": (5, 3), "conv1.x_col": (3, 252)}
    assert follow_forward(run.program, product, cells) == (5, 252)


@pytest.mark.parametrize(
    ("start", "index", "end", "wish", "count"),
    [
        ("x", (0, 0, 12, 12), "conv1.x_col", {}, 49),
        ("x", (0, 0, 12, 12), "conv1.wx_row", {0: 5}, 49),
        ("conv1.z", (0, 5, 10, 12), "conv1.x_col", {}, 49),
        ("conv1.z", (0, 5, 10, 12), "conv1.wx_row", {}, 1),
        ("dense1.z", (0, 3), "conv1.z", {}, MANY + 1),
    ],
)
def test_that_related_cells_are_counted(start: str, index: Index, end: str, wish: dict[int, int], count: int) -> None:
    run = done("course-7x7")
    lineage = Lineage(run.program)
    way = lineage.between(start, end) or lineage.between(end, start)
    assert count_related(run.program, way, start, index, end, wish) == count


def counted_one_by_one(run: Pass, start: str, index: Index, end: str, wish: dict[int, int]) -> int:
    """The same, from the cells of all arrays between, one by one; if there are too many of one of these, many."""
    program, lineage = run.program, Lineage(run.program)
    forwards = lineage.leads(start, end)
    way = lineage.between(start, end) if forwards else lineage.between(end, start)[::-1]
    found: dict[str, set[Index]] = {start: {index}}
    for step in way:
        ins = program.in_shapes(step)
        for position, given in enumerate(step.inputs):
            one, other = (given, step.output) if forwards else (step.output, given)
            if len(found.get(one, ())) > MANY:
                return MANY + 1
            for cell in found.get(one, ()):
                reached = (
                    step.op.feeds(ins, step.shape, position, cell)
                    if forwards
                    else step.op.reads(ins, step.shape, cell)[position]
                )
                found.setdefault(other, set()).update(map(tuple, reached.tolist()))
    cells = found.get(end, set())
    suiting = [cell for cell in cells if all(cell[axis] == value for axis, value in wish.items())]
    return min(len(suiting or cells), MANY + 1)


@pytest.mark.parametrize("name", ["toy-4x4", "lenet-5"])
def test_that_related_cells_are_as_many_as_there_are_one_by_one(name: str) -> None:
    run = done(name)
    lineage, draw = Lineage(run.program), np.random.default_rng(0)
    arrays = [step.output for step in run.program.steps]
    seen = set()
    for _ in range(60):
        start, end = (arrays[number] for number in draw.integers(0, len(arrays), 2))
        way = lineage.between(start, end) or lineage.between(end, start)
        if not way:
            continue
        index = tuple(int(draw.integers(0, n)) for n in run.program.arrays[start].shape)
        shape = run.program.arrays[end].shape
        wish = {0: int(draw.integers(0, shape[0]))} if shape and draw.random() < 0.5 else {}
        count = count_related(run.program, way, start, index, end, wish)
        assert count == counted_one_by_one(run, start, index, end, wish), (start, index, end, wish)
        seen.add(count if count < 2 else 2 if count <= MANY else MANY)
    assert seen >= ({1, 2} if name == "toy-4x4" else {1, 2, MANY})


def test_that_a_long_sum_goes_back_to_its_term_furthest_from_zero() -> None:
    run = done("course-7x7")
    step = next(one for one in run.program.steps if one.output == "dense1.xw")
    x, w = (run.array(given) for given in step.inputs)
    furthest = int(np.abs(x[0] * w[:, 4]).argmax())
    way = WayBack(run, "dense1.xw", (0, 4))
    assert [way.to(given) for given in step.inputs] == [(0, furthest), (furthest, 4)]


@pytest.mark.parametrize("images", [1, 3])
def test_that_cells_are_gathered_from_every_array_as_they_are_in_its_logical_shape(images: int) -> None:
    design, draw = preset("course-7x7"), np.random.default_rng(0)
    given = draw.random((images, 1, 28, 28), dtype=np.float32), np.arange(images)
    run = make_pass(design, Network(design).arrays, *given)
    run.run_to_end()
    for name, spec in run.program.arrays.items():
        if spec.shape:
            cells = np.stack([draw.integers(0, n, 20) for n in spec.shape], axis=1)
            gathered = spec.gathered(run.stored(name), cells)
            assert gathered.tolist() == run.array(name)[tuple(cells.T)].tolist(), name
