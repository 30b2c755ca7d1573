"""Which output cell is told of for an input cell: one that it feeds, with an equation that it stands in."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from engine_zoo import ZOO
from zoo_steps import TOLD

from convviz.core.arrays import Index
from convviz.core.program import Step
from convviz.present.step.arrange import arrange
from convviz.present.step.links import light
from convviz.present.step.output_cell import counterparts, output_cell, term_of
from convviz.present.step.terms import expand, fold
from convviz.present.step.values import Selection
from convviz.present.step.wording import write
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@cache
def ended(name: str) -> Pass:
    design = ZOO[name]
    image, draw = design.input, np.random.default_rng(3)
    images = draw.normal(size=(2, image.channels, image.height, image.width))
    run = make_pass(design, {}, images, np.arange(2) % design.classes, step=2, precision=np.float64)
    run.run_to_end()
    return run


def some(shape: tuple[int, ...], seed: int) -> list[Index]:
    numbers = np.random.default_rng(seed).integers(int(np.prod(shape)), size=4).tolist()
    return [tuple(int(i) for i in np.unravel_index(n, shape)) for n in numbers] if shape else [()]


def equations_with(run: Pass, step: Step, fed: list[Index], name: str, index: Index) -> bool:
    among = {name: frozenset([index])}
    return any(term_of(expand(run, step, cell), among) is not None for cell in fed)


@pytest.mark.parametrize("name", ZOO)
def test_that_the_cell_told_of_for_an_input_cell_is_fed_by_it_and_its_equation_has_it(name: str) -> None:
    run = ended(name)
    for step in TOLD.of(name, run.program):
        ins = run.program.in_shapes(step)
        middle = tuple(n // 2 for n in step.shape)
        scene = arrange(run.program, step, Selection(), middle)
        for position, given in enumerate(step.inputs):
            for index in some(ins[position], step.index):
                lit = light(run.program, scene, given, index)
                told = output_cell(run, scene, lit, middle)
                places = [at for at, one in enumerate(step.inputs) if one == given]
                fed = [tuple(row) for at in places for row in step.op.feeds(ins, step.shape, at, index).tolist()]
                if not fed:
                    assert told is None
                    continue
                assert told in fed, (step.where, given, index)
                expansion = expand(run, step, told)
                term = term_of(expansion, counterparts(scene, lit))
                if term is None:
                    # A cell that decides something but is no term, such as the loser of a maximum's window.
                    assert not equations_with(run, step, fed, given, index), (step.where, given, index)
                    continue
                assert any((part.name, part.index) == (given, index) for part in expansion.parts(term))
                pieces = write(expansion, 2, kept=term).pieces
                spans = [span.part for piece in pieces for span in piece.spans if span.part is not None]
                assert any((part.name, part.index) == (given, index) for part in spans), (step.where, given, index)


def test_that_the_cell_that_is_looked_at_is_told_of_before_others_that_are_fed() -> None:
    run = ended("toy 4×4")
    step = next(step for step in run.program.steps if step.op.name == "matmul")
    scene = arrange(run.program, step, Selection(), (0, 7))
    weight = light(run.program, scene, step.inputs[0], (0, 1))
    assert output_cell(run, scene, weight, (0, 7)) == (0, 7)
    column = light(run.program, scene, step.inputs[1], (1, 12))
    assert output_cell(run, scene, column, (0, 7)) == (0, 12)


def test_that_a_cell_of_the_border_is_told_of_alone() -> None:
    run = ended("toy 4×4")
    step = next(step for step in run.program.steps if step.op.name == "crop2d")
    scene = arrange(run.program, step, Selection(), (0, 0, 1, 1))
    assert output_cell(run, scene, light(run.program, scene, step.inputs[0], (0, 0, 0, 0)), (0, 0, 1, 1)) is None


def test_that_a_term_that_is_to_be_kept_is_written_and_the_rest_still_sums_up() -> None:
    run = ended("odd strides")
    step = next(step for step in run.program.steps if step.op.name == "matmul")
    expansion = expand(run, step, (1, 3))
    last = expansion.count - 1
    folded = fold(expansion, 3, last)
    assert last in folded.shown
    assert len(folded.shown) == 3
    assert folded.hidden == expansion.count - 3
    written = float(expansion.values[list(folded.shown)].sum())
    assert written + folded.rest == pytest.approx(expansion.exact)


def test_that_the_filter_that_is_looked_at_stays_where_the_cell_itself_feeds_another_weight() -> None:
    run = ended("odd strides")
    step = run.maker("conv1.d_w_row")
    assert step is not None
    scene = arrange(run.program, step, Selection(filter=2), (2, 5))
    columns = next(name for name in step.inputs if name.endswith("x_col"))
    for row, column in ((0, 3), (4, 7), (5, 0)):
        told = output_cell(run, scene, light(run.program, scene, columns, (row, column)), (2, 5))
        assert told == (2, row)
