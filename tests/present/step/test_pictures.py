"""Every step of every kind of network, as the Step workspace shows it."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from convviz.core.arrays import Index
from convviz.core.design import Design, Input, Training
from convviz.core.layers import (
    GELU,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from convviz.core.micro import micro_count
from convviz.core.network import Network
from convviz.core.ops.conv import Col2Im
from convviz.core.optim import Adam, AdamW, Momentum, RMSProp
from convviz.core.program import Step
from convviz.present.step.accumulation import landed, partial
from convviz.present.step.arrange import arrange
from convviz.present.step.explain import explain
from convviz.present.step.facts import facts
from convviz.present.step.families.convolution.pictures import hits, partial_sum
from convviz.present.step.links import light
from convviz.present.step.listing import hint, listing
from convviz.present.step.pictures import computed, picture_of
from convviz.present.step.provenance import provenance, source_of
from convviz.present.step.source import source_of_op
from convviz.present.step.stage import Stage
from convviz.present.step.terms import LONG, expand, fold
from convviz.present.step.values import Selection, StepProgress
from convviz.present.step.wording import write
from convviz.storage.presets import preset, preset_names
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass

IMAGE = Input(channels=2, height=8, width=7)
DESIGNS = {
    "toy": preset("toy-4x4"),
    "all layers": Design(
        input=IMAGE,
        classes=3,
        layers=(
            Conv2D(filters=4, kernel=3, padding="same"),
            BatchNorm2D(),
            ReLU(),
            MaxPool2D(),
            Conv2D(filters=4, kernel=(2, 3), padding=1, stride=2, groups=2),
            LeakyReLU(),
            AvgPool2D(),
            Dropout(),
            Flatten(),
            Dense(units=6),
            Tanh(),
            Dense(units=3),
        ),
        training=Training(optimiser=Adam()),
    ).named(),
    "dilation and depthwise": Design(
        input=IMAGE,
        classes=3,
        layers=(
            Conv2D(filters=4, kernel=2, dilation=2, stride=(2, 1)),
            Sigmoid(),
            Conv2D(filters=4, kernel=2, groups=4, bias=False),
            GELU(),
            GlobalAvgPool(),
            Dense(units=3),
        ),
        training=Training(optimiser=RMSProp()),
    ).named(),
    "dense": Design(
        input=IMAGE,
        classes=3,
        layers=(Flatten(), Dense(units=50), ReLU(), Dense(units=3)),
        training=Training(optimiser=Momentum()),
    ).named(),
    "adamw": Design(
        input=IMAGE,
        classes=3,
        layers=(Conv2D(filters=2, kernel=3), ReLU(), Flatten(), Dense(units=3)),
        training=Training(optimiser=AdamW()),
    ).named(),
}
CASES = [(name, batch) for name in DESIGNS for batch in (1, 2) if (name, batch) != ("toy", 2)]


@cache
def full_pass(name: str, batch: int, precision: type = np.float32) -> Pass:
    design = DESIGNS[name]
    draw = np.random.default_rng(5)
    image = design.input
    images = draw.normal(size=(batch, image.channels, image.height, image.width))
    if name == "toy":
        images = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    run = make_pass(design, Network(design).arrays, images, np.arange(batch) % 2, precision=precision)
    run.run_to_end()
    return run


def some_cells(step: Step, count: int = 5) -> list[Index]:
    if not step.shape:
        return [()]
    size = int(np.prod(step.shape))
    draw = np.random.default_rng(step.index)
    numbers = {0, size - 1, *draw.integers(0, size, count).tolist()}
    return [tuple(int(i) for i in np.unravel_index(number, step.shape)) for number in sorted(numbers)]


def whole(run: Pass, step: Step) -> StepProgress:
    count = micro_count(run.program, step)
    return StepProgress(count, count)


def at(run: Pass, step: Step) -> Pass:
    run.go_to(step.index)
    return run


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_every_input_and_the_output_of_every_step_are_shown_with_their_own_numbers(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        at(run, step)
        for index in some_cells(step, 2):
            scene = arrange(run.program, step, selecting(run, step, index), index)
            assert {step.output, *step.inputs} <= scene.arrays, step.where
            assert len(scene.heights) == max(pane.row for pane in scene.panes) + 1
            for pane in scene.panes:
                picture = picture_of(run, pane, step, whole(run, step))
                assert picture.array.shape == pane.view.fold, (step.where, pane.title)
                if pane.content == "array":
                    np.testing.assert_array_equal(
                        picture.array, pane.view.take(run.array(pane.array)), err_msg=f"{step.where} {pane.title}"
                    )


def selecting(run: Pass, step: Step, index: Index) -> Selection:
    """The selection that a cell of the output belongs to."""
    found = Stage(run.program, step, Selection()).selecting(step.output, index)
    return Selection(**found)


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_the_cell_in_question_is_in_a_picture_and_found_again_at_its_place(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        for index in some_cells(step, 3):
            scene = arrange(run.program, step, selecting(run, step, index), index)
            panes = [p for p in scene.panes if p.array == step.output and p.view.holds(index)]
            assert panes, (step.where, index)
            for pane in panes:
                (place,) = pane.view.places(np.asarray([index], dtype=np.intp).reshape(1, -1))
                assert pane.index(*(int(i) for i in place)) == index


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_lit_cells_are_those_that_the_ops_links_name(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        for index in some_cells(step, 3):
            scene = arrange(run.program, step, selecting(run, step, index), index)
            lit = light(run.program, scene, step.output, index)
            for given, cells in zip(
                step.inputs, step.op.reads(run.program.in_shapes(step), step.shape, index), strict=False
            ):
                views = [pane.view for pane in scene.panes if pane.array == given]
                expected = {tuple(c) for view in views for c in view.shown(cells).tolist()}
                got = {tuple(c) for c in lit.reads.get(given, np.empty((0, 0), int)).tolist()}
                assert expected <= got, (step.where, given)


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_an_input_cell_lights_the_outputs_that_it_feeds(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        ins = run.program.in_shapes(step)
        scene = arrange(run.program, step, Selection(), some_cells(step, 1)[0])
        for position, given in enumerate(step.inputs):
            for pane in scene.panes:
                if pane.array != given or step.inputs.index(given) != position:
                    continue
                for place in {(0, 0, 0), tuple(n - 1 for n in pane.view.fold)}:
                    index = pane.index(*place)
                    lit = light(run.program, scene, given, index)
                    fed = step.op.feeds(ins, step.shape, position, index)
                    views = [pane.view for pane in scene.panes if pane.array == step.output]
                    expected = {tuple(c) for view in views for c in view.shown(fed).tolist()} if len(fed) else set()
                    got = {tuple(c) for c in lit.feeds.get(step.output, np.empty((0, 0), int)).tolist()}
                    assert expected <= got, (step.where, given, index)


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_the_terms_of_a_cell_sum_to_the_number_that_is_shown(name: str, batch: int) -> None:
    run = full_pass(name, batch, np.float64)
    for step in run.program.steps:
        for index in some_cells(step):
            expansion = expand(run, step, index)
            assert expansion.exact == pytest.approx(expansion.value, rel=1e-9, abs=1e-11), (step.where, index)
            folded = fold(expansion, 4)
            if expansion.combine == "sum":
                shown = sum(float(expansion.values[i]) for i in folded.shown)
                total = expansion.scale * (shown + folded.rest)
                assert total == pytest.approx(expansion.value, rel=1e-9, abs=1e-11), step.where
            for number in range(min(expansion.count, 6)):
                for part in expansion.parts(number):
                    assert part.value == run.value(part.name, part.index)


def test_that_long_sums_are_expanded_as_arrays_with_the_same_terms_as_short_ones() -> None:
    run = full_pass("dense", 2)
    seen = 0
    for step in run.program.steps:
        index = some_cells(step, 1)[0]
        expansion = expand(run, step, index)
        made = step.op.equation([run.array(n) for n in step.inputs], step.shape, index)
        assert expansion.count == len(made.terms)
        np.testing.assert_allclose(expansion.values, [t.value for t in made.terms], rtol=1e-12)
        seen += expansion.count > LONG
    course = preset("course-7x7")
    images = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32)
    run = make_pass(course, {}, images, np.array([3]))
    run.run_to_end()
    for output in ("dense1.xw", "conv1.d_bias", "conv1.d_w_row"):
        step = next(s for s in run.program.steps if s.output == output)
        index = some_cells(step, 1)[0]
        expansion = expand(run, step, index)
        assert expansion.short is None
        made = step.op.equation([run.array(n) for n in step.inputs], step.shape, index)
        np.testing.assert_allclose(expansion.values, [t.value for t in made.terms], rtol=1e-12)
        first = [(p.name, p.index) for p in expansion.parts(0)]
        assert first == [(step.inputs[f.position], f.index) for f in made.terms[0].factors]


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_the_way_back_from_any_cell_ends_in_what_was_given(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        for index in some_cells(step, 2):
            stops = provenance(run, step.output, index)
            assert (stops[0].name, stops[0].index) == (step.output, index)
            for before, after in itertools.pairwise(stops):
                assert before.step is not None
                assert after.name in before.step.inputs
                reads = before.step.op.reads(run.program.in_shapes(before.step), before.step.shape, before.index)
                assert any(
                    after.index in {tuple(c) for c in cells.tolist()}
                    for given, cells in zip(before.step.inputs, reads, strict=False)
                    if given == after.name
                )
            last = stops[-1]
            assert (
                last.name in run.program.sources
                or last.terms == 0
                or not any(
                    expand(run, run.program.steps[last.step.index], last.index).parts(i) for i in range(last.terms)
                )
            ), stops


def test_that_a_cell_of_x_col_is_a_copy_of_a_pixel_and_a_product_is_not() -> None:
    run = full_pass("toy", 1)
    assert source_of(run, "conv1.x_col", (3, 0)) == ("x", (0, 0, 0, 0))
    assert source_of(run, "conv1.w_row", (0, 3)) == ("conv1.weight", (0, 0, 1, 1))
    assert source_of(run, "conv1.x_col", (0, 0)) is None  # a zero of the border
    assert source_of(run, "conv1.wx_row", (0, 0)) is None
    assert source_of(run, "x", (0, 0, 1, 2)) == ("x", (0, 0, 1, 2))


@pytest.mark.parametrize("done", [0, 1, 7, 24, 25, 31, 50])
def test_that_the_running_sum_of_col2im_is_what_its_micro_steps_build(done: int) -> None:
    draw = np.random.default_rng(2)
    design = preset("toy-4x4")
    run = make_pass(design, {}, draw.normal(size=(2, 1, 4, 4)), np.array([0, 1]), precision=np.float64)
    run.run_to_end()
    step = next(s for s in run.program.steps if isinstance(s.op, Col2Im))
    expected = np.zeros(step.shape)
    counts = np.zeros(step.shape, dtype=int)
    for number in range(done):
        step.op.micro_run([run.array(step.inputs[0])], expected, number)
        for cell in step.op.micro(run.program.in_shapes(step), step.shape, number).writes:
            counts[tuple(cell)] += 1
    for sample in (0, 1):
        view = Stage(run.program, step, Selection(sample=sample)).map(step.output).view
        got = partial_sum(run, step, view, done)
        np.testing.assert_allclose(got, view.take(expected), atol=1e-15)
        np.testing.assert_array_equal(hits(step, view, done), view.take(counts))


def test_that_hit_counts_are_49_inside_and_1_in_a_corner_for_a_7x7_filter() -> None:
    design = preset("course-7x7")
    images = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32)
    run = make_pass(design, {}, images, np.array([3]))
    step = next(s for s in run.program.steps if isinstance(s.op, Col2Im))
    view = Stage(run.program, step, Selection()).map(step.output).view
    counts = hits(step, view, 576)[0]
    assert counts[15, 15] == 49
    assert counts[0, 0] == counts[29, 29] == 1


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_the_cells_shown_as_done_are_those_that_the_micro_steps_have_set(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        count = micro_count(run.program, step)
        ins = run.program.in_shapes(step)
        if count > 400 or step.op.accumulates:
            continue
        done = (count + 1) // 2
        expected = np.zeros(step.shape, dtype=bool)
        for number in range(done):
            for cell in step.op.micro(ins, step.shape, number).writes:
                expected[tuple(cell)] = True
        for index in some_cells(step, 1):
            scene = arrange(run.program, step, selecting(run, step, index), index)
            for pane in scene.panes:
                if pane.array == step.output and pane.content == "array":
                    shown = computed(step, pane.view, StepProgress(done, count, True))
                    np.testing.assert_array_equal(shown, pane.view.take(expected), err_msg=step.where)


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_sums_in_the_making_are_what_their_micro_steps_have_built(name: str, batch: int) -> None:
    run = full_pass(name, batch, np.float64)
    for step in run.program.steps:
        if not step.op.accumulates:
            continue
        count = micro_count(run.program, step)
        ins = run.program.in_shapes(step)
        for done in (1, count // 3, count - 1):
            expected = np.zeros(step.shape)
            for number in range(done):
                step.op.micro_run(run.inputs(step), expected, number)
            for index in some_cells(step, 2):
                stage = Stage(run.program, step, selecting(run, step, index))
                for view in (stage.map(step.output).view, stage.maps(step.output).view):
                    np.testing.assert_allclose(partial(run, step, view, done), view.take(expected), atol=1e-14)
                expansion = expand(run, step, index)
                kept = expansion.kept(landed(expansion, step, ins, done))
                assert kept.exact == pytest.approx(expected[index], abs=1e-12), step.where


def test_that_col2im_equals_the_convolution_with_the_flipped_filters() -> None:
    seen = []
    for name in DESIGNS:
        run = full_pass(name, 1, np.float64)
        for step in run.program.steps:
            if step.op.name not in ("crop2d", "col2im"):
                continue
            at(run, step)
            for pane in arrange(run.program, step, Selection(), (0,) * 4).panes:
                if pane.content == "flipped sum":
                    picture = picture_of(run, pane, step, whole(run, step))
                    np.testing.assert_allclose(picture.array, pane.view.take(run.array(pane.array)), atol=1e-12)
                    assert picture.caption.startswith("equal")
                    seen.append((name, step.where))
    # With a border it is shown where the border is cut off, else where the columns have landed.
    assert ("toy", "conv1.crop2d") in seen
    assert ("adamw", "conv1.col2im") in seen
    assert ("dilation and depthwise", "conv1.col2im") in seen


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_that_every_step_can_be_told_in_words(name: str, batch: int) -> None:
    run = full_pass(name, batch)
    for step in run.program.steps:
        at(run, step)
        for index in some_cells(step, 1):
            text = explain(run, step, index)
            assert text.strip().endswith((".", "?"))
            assert "{" not in text
            told = facts(run, step, step.output, index, whole(run, step))
            assert told[0].label == "value"
            written = write(expand(run, step, index), 6)
            assert any(piece.kind == "result" for piece in written.pieces)
        source = source_of_op(step.op)
        assert source.lines[0].startswith("def ")
        assert all(0 <= number < len(source.lines) for number in source.lit)
        assert step.output in hint(run.program, step)


def test_that_the_listing_names_every_step_once_under_its_phase() -> None:
    program = full_pass("toy", 1).program
    rows = listing(program)
    assert [row.step for row in rows if row.kind == "step"] == list(range(len(program.steps)))
    assert [row.text for row in rows if row.kind == "phase"] == ["Forward", "Loss", "Backward", "Update"]
    assert next(row for row in rows if row.output == "conv1.x_col").detail == "4×25"


def test_that_a_folded_sum_says_what_it_hides() -> None:
    run = full_pass("dense", 1)
    step = next(s for s in run.program.steps if s.output == "dense1.xw")
    written = write(expand(run, step, (0, 3)), 5)
    terms = [piece for piece in written.pieces if piece.kind == "term"]
    (hidden,) = [piece for piece in written.pieces if piece.kind == "fold"]
    assert len(terms) == 5
    assert hidden.text.startswith("… 107 more")
    assert "112 products" in written.caption


@pytest.mark.parametrize("name", preset_names())
def test_that_every_step_of_every_preset_is_shown_told_and_summed(name: str) -> None:
    design = preset(name)
    image = design.input
    draw = np.random.default_rng(1)
    images = draw.random((1, image.channels, image.height, image.width))
    run = make_pass(design, {}, images, np.array([1]), precision=np.float64)
    for step in run.program.steps:
        run.go_to(step.index)
        for index in some_cells(step, 0):
            scene = arrange(run.program, step, selecting(run, step, index), index)
            assert {step.output, *step.inputs} <= scene.arrays, step.where
            for pane in scene.panes:
                assert picture_of(run, pane, step, whole(run, step)).array.shape == pane.view.fold
            light(run.program, scene, step.output, index)
            expansion = expand(run, step, index)
            assert expansion.exact == pytest.approx(expansion.value, rel=1e-8, abs=1e-10), (step.where, index)
            assert explain(run, step, index)
            assert facts(run, step, step.output, index, whole(run, step))


def test_that_the_lit_line_of_a_border_cell_fills_and_that_of_an_inside_cell_copies() -> None:
    run = make_pass(preset("course-7x7"), {}, np.zeros((1, 1, 28, 28), dtype=np.float32), np.zeros(1))
    op = next(step.op for step in run.program.steps if step.op.name == "pad2d")
    border, inside = source_of_op(op, constant=True), source_of_op(op)
    assert [border.lines[n].strip() for n in border.lit] == ["x_pad.fill(value)"]
    assert [inside.lines[n].strip() for n in inside.lit] == ["np.copyto(inside, x)"]


@pytest.mark.parametrize("op", ["im2col", "col2im"])
def test_that_a_folded_column_has_the_number_that_the_selection_has(op: str) -> None:
    run = full_pass("all layers", 2)
    step = next(step for step in run.program.steps if step.op.name == op)
    name = step.output if op == "im2col" else step.inputs[0]
    places = run.program.arrays[name].places
    focus = (0, places + 3) if op == "im2col" else (1, 0, 2, 2)
    scene = arrange(run.program, step, Selection(sample=1), focus, places + 3)
    pane = next(pane for pane in scene.panes if pane.title.startswith("column "))
    assert pane.title == f"column {places + 3}"
    assert pane.index(0, 0, 0)[1] == places + 3
    assert pane.caption.endswith(" · number 3 of image 1")


def test_that_labels_are_written_without_decimals() -> None:
    run = full_pass("all layers", 2)
    grad = next(step for step in run.program.steps if step.op.name == "softmax_grad")
    assert " ".join(piece.text for piece in write(expand(run, grad, (1, 2)), 9).pieces).count("− [2 = 1 ]) ·") == 1
