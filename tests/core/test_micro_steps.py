"""Micro-steps: done in order they rebuild what the kernel made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from engine_zoo import CASES, case, program_of, random_inputs, run_kernel
from zoo_steps import COMPUTED

from convviz.core.arrays import Array, Shape
from convviz.core.ops.avg_pool import AvgPool2DGrad
from convviz.core.ops.base import Op
from convviz.core.ops.conv import Col2Im, Im2Col
from convviz.core.ops.max_pool import MaxPool2DGrad

EXACT = {"pad2d", "im2col", "stretch", "matmul", "add_bias", "fold_maps", "relu", "flatten", "maxpool2d", "which_max"}
EXACT |= {"maxpool2d_grad", "relu_grad", "dropout", "dropout_grad", "sum_rows", "sum_images", "crop2d", "col2im"}
EXACT |= {"unfold_maps", "reshape"}
"""Ops that only copy, choose, add and multiply: with whole numbers nothing is rounded."""


def rebuild(
    op: Op, values: Sequence[Array], shape: Shape, dtype: np.dtype[Any], numbers: Iterable[int] | None = None
) -> Array:
    """Do some or all micro-steps of an op, in order, on an array of zeros.

    Parameters
    ----------
    op : Op
    values : sequence of ndarray
        The step's inputs in their logical shapes.
    shape : tuple of int
        Logical shape of the output.
    dtype : dtype
        Of the output.
    numbers : iterable of int, optional
        Which micro-steps; all unless given.

    Returns
    -------
    ndarray
        The output so far; after all micro-steps it equals the kernel's.
    """
    result = np.zeros(shape, dtype)
    if numbers is None:
        numbers = range(op.micro_count(tuple(v.shape for v in values), shape))
    for number in numbers:
        op.micro_run(values, result, number)
    return result


@pytest.mark.parametrize("name", CASES)
def test_that_micro_steps_rebuild_what_the_kernel_made(name: str) -> None:
    here = case(name)
    for step in COMPUTED.of(name, here.program):
        made = here.made(step)
        found = rebuild(step.op, here.values(step), made.shape, made.dtype)
        np.testing.assert_allclose(found, made, rtol=1e-12, atol=1e-13, err_msg=step.where)


@pytest.mark.parametrize("name", CASES)
def test_that_with_whole_numbers_they_rebuild_it_to_the_bit(name: str) -> None:
    here = case(name, integers=True)
    for step in COMPUTED.of(name, here.program):
        if step.op.name in EXACT:
            ins = random_inputs(here, step, integers=True)
            made = here.program.arrays[step.output].logical(run_kernel(here, step, ins))
            values = [here.program.arrays[source].logical(a) for source, a in zip(step.inputs, ins, strict=True)]
            found = rebuild(step.op, values, made.shape, made.dtype)
            assert np.array_equal(found, made), step.where


def test_that_the_zoo_has_every_op_in_which_nothing_is_rounded() -> None:
    assert {step.op.name for name in CASES for step in COMPUTED.of(name, program_of(name))} >= EXACT


@pytest.mark.parametrize("name", CASES)
def test_that_every_micro_step_writes_and_reads_only_linked_cells(name: str) -> None:
    here = case(name)
    rng = np.random.default_rng(2)
    for step in COMPUTED.of(name, here.program):
        shapes, out = here.program.in_shapes(step), step.shape
        count = step.op.micro_count(shapes, out)
        for number in rng.choice(count, min(count, 12), replace=False):
            micro = step.op.micro(shapes, out, int(number))
            assert micro.number == number
            allowed: list[set[tuple[int, ...]]] = [set() for _ in shapes]
            for row in micro.writes:
                for position, cells in enumerate(step.op.reads(shapes, out, tuple(int(i) for i in row))):
                    allowed[position] |= {tuple(c) for c in cells.tolist()}
            for position, cells in enumerate(micro.reads):
                assert {tuple(c) for c in cells.tolist()} <= allowed[position], step.where


@pytest.mark.parametrize("name", CASES)
def test_that_every_cell_knows_the_first_micro_step_that_writes_it(name: str) -> None:
    here = case(name)
    for step in COMPUTED.of(name, here.program):
        shapes, out = here.program.in_shapes(step), step.shape
        first: dict[tuple[int, ...], int] = {}
        for number in range(step.op.micro_count(shapes, out)):
            for row in step.op.micro(shapes, out, number).writes.tolist():
                first.setdefault(tuple(row), number)
        for index, number in first.items():
            assert step.op.micro_of(shapes, out, index) == number, f"{step.where}{list(index)}"
        if not isinstance(step.op, Col2Im | MaxPool2DGrad | AvgPool2DGrad):
            assert len(first) == int(np.prod(out)), f"{step.where}: every cell is written"


def test_that_im2col_goes_column_by_column_and_stops_where_it_is_told() -> None:
    here = case("toy 4×4")
    step = next(step for step in here.program.steps if isinstance(step.op, Im2Col))
    made = here.made(step)

    found = rebuild(step.op, here.values(step), made.shape, made.dtype, range(7))

    assert step.op.micro_unit == "column"
    assert np.array_equal(found[:, :7], made[:, :7])
    assert not found[:, 7:].any()
