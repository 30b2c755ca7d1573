"""What is shown of an op as plain NumPy is what its kernel does: run on the arrays of passes, and equal."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from engine_zoo import CASES, case, random_inputs, run_kernel
from zoo_steps import COMPUTED

from convviz.core.ops.base import Op
from convviz.core.ops.conv import Crop2D, Im2Col, Pad2D
from convviz.core.ops.max_pool import MaxPool2D, WhichMax
from convviz.core.ops.reshape import View

EXACT = (View, Pad2D, Crop2D, Im2Col, MaxPool2D, WhichMax)
"""Ops that move and choose numbers and compute none: equal to the last bit."""
MOST_LINES = 12


def assert_equal(op: Op, said: np.ndarray, made: np.ndarray) -> None:
    assert said.shape == made.shape
    if isinstance(op, EXACT):
        assert (said == made).all()
        return
    largest = float(np.abs(made).max()) if made.size else 0.0
    assert np.abs(said - made).max(initial=0.0) <= 1e-11 * max(largest, 1e-3), op.name


@pytest.mark.parametrize("name", CASES)
def test_that_what_is_read_is_what_ran(name: str) -> None:
    found = case(name)
    for step in COMPUTED.of(name, found.program):
        assert_equal(step.op, step.op.computed_readably(found.values(step)), found.made(step))


@pytest.mark.parametrize("name", CASES)
def test_that_it_is_so_for_any_numbers(name: str) -> None:
    found = case(name)
    for step in COMPUTED.of(name, found.program):
        stored = random_inputs(found, step)
        logical = [found.program.arrays[given].logical(array) for given, array in zip(step.inputs, stored, strict=True)]
        made = found.program.arrays[step.output].logical(run_kernel(found, step, stored))
        assert_equal(step.op, step.op.computed_readably(logical), made)


@pytest.mark.parametrize("name", CASES)
def test_that_it_is_short_and_leaves_its_inputs_alone(name: str) -> None:
    found = case(name)
    for step in COMPUTED.of(name, found.program):
        lines = inspect.getsource(step.op.in_numpy()).splitlines()
        assert len(lines) <= MOST_LINES, step.op.name
        values = [array.copy() for array in found.values(step)]
        for array in values:
            array.setflags(write=False)
        step.op.computed_readably(values)
