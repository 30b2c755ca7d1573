"""Which cells meet a cell in an equation."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import ZOO
from told_passes import stepped
from zoo_steps import TOLD

from convviz.core.arrays import Index
from convviz.present.step.links import partners


@pytest.mark.parametrize("name", ZOO)
def test_that_what_a_cell_meets_is_what_shares_an_equation_with_it(name: str) -> None:
    run = stepped(name, 3)
    for step in TOLD.of(name, run.program):
        ins = run.program.in_shapes(step)
        for position, given in enumerate(step.inputs):
            size = int(np.prod(ins[position]))
            number_of = int(np.random.default_rng(step.index).integers(size))
            index = tuple(int(i) for i in np.unravel_index(number_of, ins[position])) if ins[position] else ()
            met = partners(run.program, step, position, index)
            fed = step.op.feeds(ins, step.shape, position, index)
            beside: dict[str, set[Index]] = {}
            for row in fed.tolist():
                for other, cells_read in zip(step.inputs, step.op.reads(ins, step.shape, tuple(row)), strict=False):
                    if other != given:
                        beside.setdefault(other, set()).update(tuple(one) for one in cells_read.tolist())
            for other, found in met.items():
                assert {tuple(one) for one in found.tolist()} <= beside.get(other, set()), (step.op.name, given, other)


def test_that_the_scale_of_a_channel_meets_all_of_its_numbers_and_they_meet_it() -> None:
    run = stepped("batch normalisation", 1)
    step = next(step for step in run.program.steps if step.op.name == "scale_shift")
    maps, scale = step.inputs[:2]
    assert partners(run.program, step, 0, (1, 1, 0, 0))[scale].tolist() == [[1]]
    n, _, h, w = run.program.arrays[maps].shape
    assert len(partners(run.program, step, 1, (1,))[maps]) == n * h * w
