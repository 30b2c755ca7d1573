"""Every number in a sentence, title, caption or fact is what counting by hand finds, whatever the window."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from depth import cases
from engine_zoo import ZOO
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_windows import designs, stepped
from zoo_steps import TOLD

from convviz.core.arrays import Index
from convviz.core.design import Design, Input
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Flatten, Layer
from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.filter_product import ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.pool import Pooling, PoolingGrad
from convviz.core.ops.reshape import FoldMaps, UnfoldMaps
from convviz.core.ops.window import Window
from convviz.core.program import Step
from convviz.present.step.arrange import arrange
from convviz.present.step.explain import explain, title_of
from convviz.present.step.facts import facts
from convviz.present.step.terms import expand
from convviz.present.step.values import Selection, StepProgress
from convviz.present.step.wording import write
from convviz.present.window_words import missed_words, most_windows
from convviz.present.words import all_of, counted, lines
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass

NOUNS = (
    *("row", "column", "cell", "window", "image", "map", "channel", "filter", "weight", "feature", "unit", "gradient"),
    *("product", "term", "place", "stretch", "epoch", "class", "number", "probability", "pixel"),
)
PLURALS = {"stretch": "stretches", "class": "classes", "probability": "probabilities"}


MISCOUNTED = re.compile(
    rf"(?<![\d.,×·/−+*^-])\b1 (?:{'|'.join(PLURALS.get(noun, f'{noun}s') for noun in NOUNS)})\b"
    rf"|\b(?!1 )(?:\d+,)*\d+ (?:{'|'.join(NOUNS)})\b"
)


def miscounted(text: str) -> list[str]:
    """``1 rows`` and ``3 row``."""
    return MISCOUNTED.findall(text)


def test_that_wrong_plurals_are_seen() -> None:
    assert miscounted("1 rows and 3 columns, 2 cell") == ["1 rows", "2 cell"]
    assert miscounted("1 row, 21 cells of 5×1 cells at row 1, column 3, 1,001 images") == []


def texts(run: Pass, step: Step, index: Index) -> list[str]:
    """All that is said of a step and a cell of it."""
    said = [explain(run, step, index), title_of(run.program, step), write(expand(run, step, index), 5).caption]
    scene = arrange(run.program, step, Selection(), index)
    said += [f"{pane.title} {pane.caption}" for pane in scene.panes]
    done = StepProgress(step.op.micro_count(run.program.in_shapes(step), step.shape), 0)
    said += [f"{fact.label} {fact.text}" for fact in facts(run, step, step.output, index, done)]
    return said


def some_cells(step: Step, count: int = 4) -> list[Index]:
    size = math.prod(step.shape)
    numbers = np.random.default_rng(step.index).permutation(size)[:count].tolist()
    return [tuple(int(i) for i in np.unravel_index(n, step.shape)) for n in numbers] if step.shape else [()]


many = settings(
    max_examples=cases(12), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@many
@given(designs(), st.integers(1, 2))
def test_that_ones_and_manys_are_told_apart_everywhere(design: Design, batch: int) -> None:
    run = stepped(design, batch)
    for step in run.program.steps:
        for index in some_cells(step, 2):
            for text in texts(run, step, index):
                assert miscounted(text) == [], text


@pytest.mark.parametrize("name", ZOO)
def test_that_ones_and_manys_are_told_apart_for_every_op(name: str) -> None:
    run = stepped(ZOO[name], 2)
    for step in TOLD.of(name, run.program):
        for text in texts(run, step, some_cells(step, 1)[0]):
            assert miscounted(text) == [], text


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found is not None, f"{pattern} is not in: {text}"
    return int(found[1].replace(",", ""))


def windows_over(run: Pass, step: Step, maps: Step | None = None) -> np.ndarray:
    """How many windows have each cell of one map, counted column by column of im2col."""
    im2col = next(one for one in run.program.steps if one.layer == step.layer and isinstance(one.op, Im2Col))
    ins = run.program.in_shapes(im2col)
    counts = np.zeros(ins[0][2:], np.int64)
    for column in range(run.program.arrays[im2col.output].places):
        for k in range(math.prod(im2col.op.window.kernel)):
            (cell,) = im2col.op.reads(ins, im2col.shape, (k, column))[0]
            counts[cell[2], cell[3]] += 1
    return counts


@many
@given(designs(), st.integers(1, 2))
def test_that_copies_and_cells_without_a_window_are_counted_right(design: Design, batch: int) -> None:
    run = stepped(design, batch)
    for step in run.program.steps:
        if not isinstance(step.op, Im2Col | Col2Im):
            continue
        counts = windows_over(run, step)
        index = some_cells(step, 1)[0]
        text = explain(run, step, index)
        if counts.max() > 1:
            assert number(r"copied (?:into )?up to ([\d,]+) (?:times|windows)", text) == counts.max()
        else:
            assert "No two windows overlap" in text
        if isinstance(step.op, Im2Col):
            missed = int((counts == 0).sum())
            if missed:
                assert number(r", ([\d,]+) of [\d,]+ cells?\.", text) == missed
                assert number(r", [\d,]+ of ([\d,]+) cells?\.", text) == counts.size
                for axis, noun in ((1, "row"), (0, "column")):
                    empty = int((counts.sum(axis=axis) == 0).sum())
                    said = [int(n) for n in re.findall(rf"(\d+) {noun}s?\b", text.partition("No window covers")[2])]
                    assert sum(said) == empty
            else:
                assert "No window covers" not in text
            assert number(r"There are ([\d,]+) windows?", text) == run.program.arrays[step.output].places
            assert number(r"([\d,]+) columns?\. ", text) == step.shape[1]
        else:
            lands = counts[index[2], index[3]]
            assert (number(r"([\d,]+) columns? of", text) if lands else 0) == lands
            assert lands or "no column lands" in text


@many
@given(designs(), st.integers(1, 2))
def test_that_places_rows_and_columns_in_sentences_are_those_of_the_links(design: Design, batch: int) -> None:
    run = stepped(design, batch)
    program = run.program
    im2col = next((one for one in program.steps if isinstance(one.op, Im2Col)), None)
    for step in program.steps:
        ins = program.in_shapes(step)
        for index in some_cells(step):
            text = explain(run, step, index)
            if isinstance(step.op, FilterProduct | ColumnGradient) and im2col is not None:
                column = index[1]
                window = im2col.op.sliding
                kh, kw = window.kernel
                rows = {
                    axis: sorted(
                        {
                            int(im2col.op.reads(program.in_shapes(im2col), im2col.shape, (k, column))[0][0][axis])
                            for k in range(kh * kw)
                        }
                    )
                    for axis in (2, 3)
                }
                said = {fact.label: fact.text for fact in facts(run, step, step.output, index, StepProgress(1, 0))}[
                    "window"
                ]
                assert said == f"{lines(rows[2], 'row')}, {lines(rows[3], 'column')}"
                n = int(im2col.op.reads(program.in_shapes(im2col), im2col.shape, (0, column))[0][0][0])
                assert number(r"the window at row (\d+)", text) * window.stride[0] == rows[2][0]
                assert number(r"the window at row \d+, column (\d+)", text) * window.stride[1] == rows[3][0]
                assert batch == 1 or number(r"of image (\d+)", text) == n
            if isinstance(step.op, FilterProduct) and step.op.groups > 1:
                met = step.op.reads(ins, step.shape, index)[1][:, 0].tolist()
                assert f"the filter sees {lines(met, 'row')}" in text
            if isinstance(step.op, FilterGradient):
                row = int(step.op.reads(ins, step.shape, index)[1][0][0])
                assert number(r"multiplied by row (\d+) of", text) == row
                cell = im2col.op.reads(program.in_shapes(im2col), im2col.shape, (row, 0))[0][0]
                _, c, y, x = (int(i) for i in cell)
                dilation = im2col.op.window.dilation
                assert number(r"\(row (\d+)", text) * dilation[0] == y
                assert number(r"\(row \d+, column (\d+)", text) * dilation[1] == x
                assert ins[1][0] == math.prod(im2col.op.window.kernel) or number(r"of channel (\d+)\)", text) == c
                assert ins[0][1] == 1 or number(r"all ([\d,]+) windows", text) == ins[0][1]
            if isinstance(step.op, ColumnGradient):
                met = step.op.reads(ins, step.shape, index)[0]
                assert number(r"met ([\d,]+) filters?", text) == len(met)
                assert number(r"\(column (\d+) of w_row", text) == met[0][1]
            if isinstance(step.op, SumRows):
                assert number(r"added at ([\d,]+) places?", text) == ins[0][1]
            if isinstance(step.op, FoldMaps | UnfoldMaps):
                source = step.op.reads(ins, step.shape, index)[0][0]
                row, column = source if isinstance(step.op, FoldMaps) else index
                n, f, p, q = index if isinstance(step.op, FoldMaps) else source
                assert number(r"[Rr]ow (\d+) of", text) == row
                assert number(r"olumn (\d+)", text) == column
                assert f"({p}, {q})" in text
                assert number(r"[Mm]ap (\d+)", text) == f
                assert batch == 1 or f"({p}, {q}) of image {n}" in text
            if isinstance(step.op, Pad2D):
                source = step.op.reads(ins, step.shape, index)[0]
                assert len(source) or f"({index[2]}, {index[3]}) is in the border" in text
                assert not len(source) or f"Cell ({source[0][2]}, {source[0][3]}) is at" in text
                border = re.findall(r"(\d+) cells? at (?:the )?(top|bottom|left|right|every)", text)
                sides = {side: int(width) for width, side in border}
                order = ("top", "bottom", "left", "right")
                assert tuple(sides.get("every", sides.get(side, 0)) for side in order) == step.op.border
            if isinstance(step.op, Crop2D):
                shown = {pane.content for pane in arrange(program, step, Selection(), index).panes}
                assert ("Below" in text) == ("flipped sum" in shown)


@pytest.mark.parametrize(
    ("kernel", "stride", "most"),
    [(2, 2, 1), (3, 4, 1), (3, 2, 4), (3, 1, 9)],
)
def test_that_a_pixel_is_copied_as_often_as_windows_have_it(kernel: int, stride: int, most: int) -> None:
    assert most_windows(Window((kernel, kernel), (stride, stride)), 28, 28) == most


@many
@given(*[st.integers(1, 5)] * 3, st.integers(1, 4))
def test_that_where_there_is_room_the_copies_along_an_axis_follow_from_kernel_stride_and_dilation(
    kernel: int, stride: int, other: int, dilation: int
) -> None:
    window = Window((kernel, other), (stride, 1), (dilation, 1))
    rows, columns = window.coverage(20 * kernel * dilation, 20 * other)
    assert rows.max() == math.ceil(kernel * math.gcd(stride, dilation) / stride)
    assert columns.max() == other


def test_that_gaps_between_windows_are_named_and_not_only_the_edge() -> None:
    window = Window((3, 3), (4, 4))
    assert missed_words(window, 28, 28) == (
        "1 row and 1 column at the edge and 6 rows and 6 columns between windows, 343 of 784 cells"
    )
    assert missed_words(Window((2, 2), (3, 1)), 6, 7) == "1 row at the edge and 1 row between windows, 14 of 42 cells"
    dilated = Window((2, 1), (2, 1), (2, 1))
    assert missed_words(dilated, 5, 1) == "2 rows between the cells of windows, 2 of 5 cells"
    assert missed_words(Window((2, 2)), 6, 7) == ""


def test_that_running_statistics_are_not_said_to_be_the_images_own() -> None:
    layers: tuple[Layer, ...] = (BatchNorm2D(), Conv2D(filters=1, kernel=2), Flatten(), Dense(units=2))
    design = Design(input=Input(channels=1, height=3, width=3), classes=2, layers=layers).named()
    run = stepped(design, 2)
    centre = next(step for step in run.program.steps if step.op.name == "centre")
    assert "add up to 0 now" in explain(run, centre, (0, 0, 1, 1))


def test_that_words_count() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(46_900, "image") == "46,900 images"
    assert counted(2, "minibatch", "minibatches") == "2 minibatches"
    assert all_of(1, "unit") == "the one unit"
    assert all_of(3, "unit") == "all 3 units"
    assert lines([4], "row") == "row 4"
    assert lines([4, 4, 5], "row") == "rows 4–5"
    assert lines([0, 2, 4], "column") == "columns 0, 2 and 4"
    assert lines([0, 3, 6, 9], "row") == "rows 0–9 in steps of 3"


@many
@given(designs(), st.integers(1, 2))
def test_that_cells_and_windows_of_pooling_are_those_of_the_links(design: Design, batch: int) -> None:
    run = stepped(design, batch)
    for step in run.program.steps:
        ins = run.program.in_shapes(step)
        for index in some_cells(step):
            read = step.op.reads(ins, step.shape, index)[0] if step.inputs else []
            if isinstance(step.op, Pooling):
                place = f"{lines(read[:, 2].tolist(), 'row')} and {lines(read[:, 3].tolist(), 'column')}"
                count = "one cell" if len(read) == 1 else counted(len(read), "cell")
                assert f"{count} in {place}" in explain(run, step, index)
            if isinstance(step.op, PoolingGrad):
                text = explain(run, step, index)
                windows = re.search(r"is in ([\d,]+) windows", text)
                in_none = "no window" in text.lower()
                assert (int(windows[1]) if windows else 0 if in_none else 1) == len(read)


def column_of_zeros(run: Pass, step: Step, column: int) -> set[str]:
    """What the cells of a column's window are, looked at one by one."""
    found = set()
    padded = run.program.producer(step.inputs[0])
    top, _, left, _ = padded.op.border if isinstance(padded.op, Pad2D) else (0, 0, 0, 0)
    h, w = run.program.arrays[padded.inputs[0] if isinstance(padded.op, Pad2D) else step.inputs[0]].shape[2:]
    for k in range(step.shape[0]):
        _, _, y, x = step.op.reads(run.program.in_shapes(step), step.shape, (k, column))[0][0]
        found.add("background" if 0 <= y - top < h and 0 <= x - left < w else "padding")
    return found


@pytest.mark.parametrize("padding", [1, 2])
def test_that_columns_of_zeros_are_told_from_others_and_why(padding: int) -> None:
    layers: tuple[Layer, ...] = (Conv2D(filters=2, kernel=2, padding=padding), Flatten(), Dense(units=2))
    design = Design(input=Input(channels=1, height=6, width=6), classes=2, layers=layers).named()
    images = np.zeros((1, 1, 6, 6))
    images[0, 0, 2, 3] = 1.0
    run = make_pass(design, {}, images, np.zeros(1), precision=np.float64)
    run.run_to_end()
    im2col = next(step for step in run.program.steps if isinstance(step.op, Im2Col))
    product = next(step for step in run.program.steps if isinstance(step.op, FilterProduct))
    x_col = run.array(im2col.output)
    grounds = set()
    for column in range(x_col.shape[1]):
        texts = explain(run, im2col, (0, column)), explain(run, product, (1, column))
        if x_col[:, column].any():
            assert all("lies wholly on" not in text for text in texts)
            continue
        ground = " and ".join(sorted(column_of_zeros(run, im2col, column)))
        grounds.add(ground)
        assert all(f"lies wholly on {ground}" in text for text in texts)
        said = {one.label: one.text for one in facts(run, im2col, im2col.output, (0, column), StepProgress(99, 99))}
        assert said["column is 0"] == f"on {ground}"
    assert grounds >= {"background", "background and padding"} | ({"padding"} if padding == 2 else set())


def test_that_deeper_in_the_network_zeros_are_no_background() -> None:
    layers: tuple[Layer, ...] = (Conv2D(filters=1, kernel=1), Conv2D(filters=1, kernel=2), Flatten(), Dense(units=2))
    design = Design(input=Input(channels=1, height=3, width=3), classes=2, layers=layers).named()
    run = make_pass(design, {}, np.zeros((1, 1, 3, 3)), np.zeros(1), precision=np.float64)
    run.run_to_end()
    step = next(step for step in run.program.steps if step.output == "conv2.x_col")
    assert "this window lies wholly on zeros" in explain(run, step, (0, 0))
