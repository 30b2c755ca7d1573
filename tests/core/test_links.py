"""Links: an output cell depends on the cells that it names, on no others, and both directions agree."""

from __future__ import annotations

import numpy as np
import pytest
from depth import cases
from engine_zoo import CASES, Array, case, random_inputs, run_kernel
from zoo_steps import COMPUTED

from convviz.core.arrays import ArraySpec, Kind
from convviz.core.equation import Combine
from convviz.core.ops import norm
from convviz.core.ops.activation import ReluGrad
from convviz.core.ops.adaptive_max import RegionMax, RegionMaxGrad, WhichRegionMax
from convviz.core.ops.cell_affine import CellAffine
from convviz.core.ops.clip import ClipGrad, HardSigmoidGrad
from convviz.core.ops.guided import GuidedReluGrad
from convviz.core.ops.margin_loss import Hinge, HingeGrad
from convviz.core.ops.max_pool import MaxPool2D, MaxPool2DGrad, WhichMax
from convviz.core.ops.prelu import NegativePart, PRelu, PReluGrad
from convviz.core.program import Step

MOST = cases(12)
"""Cells of one input that are nudged."""
PARTIAL = (
    *(MaxPool2D, WhichMax, MaxPool2DGrad, RegionMax, WhichRegionMax, RegionMaxGrad),
    *(ReluGrad, GuidedReluGrad, ClipGrad, HardSigmoidGrad),
    *(PRelu, PReluGrad, NegativePart, HingeGrad, Hinge),
)
"""Ops in which most nudges of a linked cell change nothing: another cell was larger, or nothing passes."""


def raveled(cells: Array, shape: tuple[int, ...]) -> set[int]:
    """Cells as raster numbers."""
    if not shape:
        return {0} if len(cells) else set()
    assert cells.shape[1:] == (len(shape),)
    return {int(i) for i in np.ravel_multi_index(tuple(cells.T), shape)} if len(cells) else set()


def some_cells(shape: tuple[int, ...], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """All cells of a small array, some of a large one."""
    size = int(np.prod(shape))
    chosen = range(size) if size <= MOST else sorted(rng.choice(size, MOST, replace=False))
    return [tuple(int(i) for i in np.unravel_index(k, shape)) if shape else () for k in chosen]


def as_cells(several: list[tuple[int, ...]]) -> Array:
    return np.asarray(several, dtype=np.intp).reshape(len(several), -1)


def nudges(spec: ArraySpec, value: float, classes: int) -> list[float]:
    """Other values for a cell."""
    if spec.name == "t":
        return [value + 1.0, value + 9.0]
    if spec.kind is Kind.FLOAT:
        return [value + 9.0, value - 9.0, value * 1.5]
    return [(value + k) % classes for k in range(1, classes)]


def differences(before: Array, after: Array) -> Array:
    same = (before == after) | (np.isnan(before) & np.isnan(after) if before.dtype.kind == "f" else False)
    return ~np.asarray(same)


@pytest.mark.parametrize("name", CASES)
def test_that_a_nudged_cell_changes_the_cells_it_feeds_and_no_others(name: str) -> None:
    here = case(name)
    rng = np.random.default_rng(5)
    for step in COMPUTED.of(name, here.program):
        ins = random_inputs(here, step)
        before = run_kernel(here, step, ins)
        out = here.program.arrays[step.output]
        shapes = here.program.in_shapes(step)
        for position, source in enumerate(step.inputs):
            spec = here.program.arrays[source]
            for index in some_cells(spec.shape, rng):
                changed = np.zeros(out.shape, np.bool_)
                at = spec.stored_index(index)
                value = float(ins[position][at])
                for other in nudges(spec, value, 3):
                    ins[position][at] = other
                    after = run_kernel(here, step, ins)
                    changed |= differences(out.logical(before), out.logical(after))
                ins[position][at] = value
                linked = raveled(step.op.feeds(shapes, out.shape, position, index), out.shape)
                found = {int(i) for i in np.flatnonzero(changed)}
                assert found <= linked, f"{step.where}: {source}{list(index)} changed cells that it is not linked to"
                if not isinstance(step.op, PARTIAL):
                    assert found == linked, f"{step.where}: {source}{list(index)} is linked to cells it cannot change"


@pytest.mark.parametrize("name", CASES)
def test_that_reads_and_feeds_are_each_others_inverse(name: str) -> None:
    here = case(name)
    for step in COMPUTED.of(name, here.program):
        shapes, out = here.program.in_shapes(step), step.shape
        reads: set[tuple[int, int, int]] = set()
        for cell, index in enumerate(np.ndindex(out)):
            found = step.op.reads(shapes, out, index)
            assert len(found) == len(shapes), step.where
            for position, cells in enumerate(found):
                reads |= {(position, k, cell) for k in raveled(cells, shapes[position])}
        feeds = {
            (position, cell, k)
            for position, shape in enumerate(shapes)
            for cell, index in enumerate(np.ndindex(shape))
            for k in raveled(step.op.feeds(shapes, out, position, index), out)
        }
        assert reads == feeds, step.where


@pytest.mark.parametrize("name", CASES)
def test_that_links_of_several_cells_are_those_of_each(name: str) -> None:
    here = case(name)
    rng = np.random.default_rng(6)
    for step in COMPUTED.of(name, here.program):
        shapes, out = here.program.in_shapes(step), step.shape
        several = some_cells(out, rng)
        found = step.op.reads_of(shapes, out, as_cells(several))
        each = [step.op.reads(shapes, out, index) for index in several]
        for position, cells in enumerate(found):
            alone = [one[position] for one in each]
            assert raveled(cells, shapes[position]) == raveled(np.concatenate(alone), shapes[position]), step.where
        for position, shape in enumerate(shapes):
            several = some_cells(shape, rng)
            cells = step.op.feeds_of(shapes, out, position, as_cells(several))
            alone = [step.op.feeds(shapes, out, position, index) for index in several]
            assert raveled(cells, out) == raveled(np.concatenate(alone), out), step.where


def test_that_no_link_names_a_cell_twice() -> None:
    for name in CASES:
        here = case(name)
        for step in here.program.steps:
            shapes, index = here.program.in_shapes(step), tuple(n // 2 for n in step.shape)
            for cells in step.op.reads(shapes, step.shape, index):
                assert len({tuple(row) for row in cells.tolist()}) == len(cells), step.where


def step_named(name: str, output: str) -> Step:
    return next(step for step in case(name).program.steps if step.output == output)


def test_that_an_inner_pixel_feeds_every_window_it_is_in() -> None:
    step = step_named("toy 4×4", "conv1.x_col")

    cells = step.op.feeds(((2, 1, 6, 6),), step.shape, 0, (0, 0, 2, 3))

    assert {tuple(c) for c in cells.tolist()} == {(0, 2 * 5 + 3), (1, 2 * 5 + 2), (2, 1 * 5 + 3), (3, 1 * 5 + 2)}


def test_that_a_corner_of_the_padding_feeds_one_window() -> None:
    step = step_named("toy 4×4", "conv1.x_col")

    assert step.op.feeds(((2, 1, 6, 6),), step.shape, 0, (1, 0, 0, 0)).tolist() == [[0, 25]]


@pytest.mark.parametrize("name", CASES)
def test_that_the_partners_of_a_cell_are_those_that_equations_put_beside_it(name: str) -> None:
    here = case(name)
    rng = np.random.default_rng(3)
    for step in COMPUTED.of(name, here.program):
        shapes, values = here.program.in_shapes(step), here.values(step)
        for position, shape in enumerate(shapes):
            for index in some_cells(shape, rng)[:8]:
                found = step.op.partners(shapes, step.shape, position, index)
                assert len(found) == len(shapes), step.where
                assert not len(found[position]), f"{step.where}: a cell is its own partner"
                if not any(len(cells) for cells in found):
                    continue
                beside: list[set[tuple[int, ...]]] = [set() for _ in shapes]
                for row in step.op.feeds(shapes, step.shape, position, index):
                    equation = step.op.equation(values, step.shape, tuple(int(i) for i in row))
                    groups = [term.factors for term in equation.terms]
                    if equation.combine is not Combine.SUM or all(len(factors) < 2 for factors in groups):
                        groups = [tuple(factor for factors in groups for factor in factors)]
                    for factors in groups:
                        if any(f.position == position and f.index == index for f in factors):
                            for factor in factors:
                                beside[factor.position].add(factor.index)
                for other, cells in enumerate(found):
                    if other != position and not isinstance(
                        step.op, MaxPool2DGrad | RegionMaxGrad | norm.ScaleShift | CellAffine
                    ):
                        assert {tuple(row) for row in cells.tolist()} == beside[other], f"{step.where}: input {other}"


def test_that_only_ops_with_several_inputs_whose_cells_all_meet_or_never_meet_name_no_partners() -> None:
    without = set()
    for name in CASES:
        here = case(name)
        for step in here.program.steps:
            shapes = here.program.in_shapes(step)
            cells = [tuple(0 for _ in shape) for shape in shapes]
            if len(shapes) > 1 and not any(
                len(found) for at, cell in enumerate(cells) for found in step.op.partners(shapes, step.shape, at, cell)
            ):
                without.add(type(step.op).__name__)
    losses = {"CrossEntropy", "SoftmaxGrad", "Hinge", "HingeGrad", "SquaredError", "SquaredErrorGrad", "WeightedMean"}
    assert without == {*losses, "GradientNorm", "WhichMax", "WhichRegionMax", "Concat"}
