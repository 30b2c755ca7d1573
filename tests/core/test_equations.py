"""One number, spelled out: its equation gives what the kernel gives, from the cells that its links name."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import re

import numpy as np
import pytest
from depth import cases
from engine_zoo import CASES, case
from zoo_steps import COMPUTED

from convviz.core import ops
from convviz.core.equation import Combine, Equation
from convviz.core.ops.base import Op

MOST = cases(24)
"""Cells of one output that are spelled out."""


def every_op() -> set[type[Op]]:
    """Every op that can be used."""
    modules = [importlib.import_module(f"{ops.__name__}.{found.name}") for found in pkgutil.iter_modules(ops.__path__)]
    classes = [kind for module in modules for kind in vars(module).values() if inspect.isclass(kind)]
    return {kind for kind in classes if issubclass(kind, Op) and not inspect.isabstract(kind) and hasattr(kind, "name")}


def test_that_the_zoo_has_every_op() -> None:
    used = {type(step.op) for name in CASES for step in case(name).program.steps}

    # Gradients that arrive by two paths are added; no net of these layers has an array with two paths.
    assert {kind.__name__ for kind in every_op() - used} <= {"Add"}


@pytest.mark.parametrize("name", CASES)
def test_that_an_equation_gives_the_number_of_the_kernel(name: str) -> None:
    here = case(name)
    rng = np.random.default_rng(1)
    for step in COMPUTED.of(name, here.program):
        values, made = here.values(step), here.made(step)
        shapes = here.program.in_shapes(step)
        for k in sorted(rng.choice(made.size, min(made.size, MOST), replace=False)):
            index = tuple(int(i) for i in np.unravel_index(k, made.shape)) if made.shape else ()
            equation = step.op.equation(values, made.shape, index)
            expected = float(made[index])
            assert equation.index == index, step.where
            assert equation.value == pytest.approx(expected, rel=1e-12, abs=1e-13), f"{step.where}{list(index)}"
            check_factors(equation, values, [c.tolist() for c in step.op.reads(shapes, made.shape, index)], step.where)
            if equation.combine is Combine.APPLY:
                check_text(equation, step.where)


def check_factors(equation: Equation, values: list[np.ndarray], reads: list[list[list[int]]], where: str) -> None:
    """Every factor is a linked cell and shows its number."""
    linked = [{tuple(row) for row in cells} for cells in reads]
    for term in equation.terms:
        for factor in term.factors:
            assert factor.index in linked[factor.position], where
            assert factor.value == float(values[factor.position][factor.index]), where


def check_text(equation: Equation, where: str) -> None:
    """The written function names terms that exist, and can be filled in."""
    named = {int(n) for n in re.findall(r"\{(\d+)\}", equation.text)}
    assert named, where
    assert max(named) < len(equation.terms), where
    assert "{" not in equation.text.format(*(f"{term.value:g}" for term in equation.terms)), where


def test_that_a_sum_spells_out_every_product() -> None:
    here = case("odd strides")
    step = next(step for step in here.program.steps if step.output == "conv1.wx_row")

    equation = step.op.equation(here.values(step), step.shape, (1, 4))

    w_row, x_col = here.values(step)
    assert len(equation.terms) == 2 * 2 * 3
    assert [t.value for t in equation.terms] == [float(w_row[1, k]) * float(x_col[k, 4]) for k in range(12)]


def test_that_the_terms_of_a_mean_are_scaled_once() -> None:
    here = case("global average")
    step = next(step for step in here.program.steps if step.op.name == "global_average")

    equation = step.op.equation(here.values(step), step.shape, (1, 0))

    assert equation.scale == pytest.approx(1 / 20)
    assert math.fsum(t.value for t in equation.terms) / 20 == pytest.approx(float(here.made(step)[1, 0]))


def test_that_not_a_number_in_a_term_is_not_hidden_by_the_sum() -> None:
    here = case("odd strides")
    step = next(step for step in here.program.steps if step.output == "conv1.wx_row")
    w_row, x_col = (v.copy() for v in here.values(step))
    x_col[0, 0] = np.nan

    assert math.isnan(step.op.equation([w_row, x_col], step.shape, (0, 0)).value)


@pytest.mark.parametrize("name", CASES)
def test_that_long_sums_can_be_had_as_columns(name: str) -> None:
    here = case(name)
    for step in COMPUTED.of(name, here.program):
        values, shapes = here.values(step), here.program.in_shapes(step)
        index = tuple(n // 2 for n in step.shape)
        products = step.op.products(shapes, step.shape, index)
        if products is None:
            continue
        equation = step.op.equation(values, step.shape, index)
        assert products.count == len(equation.terms), step.where
        assert products.scale == equation.scale, step.where
        assert products.values(values).tolist() == [term.value for term in equation.terms], step.where


def test_that_sums_over_images_or_places_can_be_had_as_columns() -> None:
    names = {step.op.name for name in CASES for step in case(name).program.steps}
    long = {
        step.op.name
        for name in CASES
        for step in case(name).program.steps
        if step.op.products(case(name).program.in_shapes(step), step.shape, tuple(0 for _ in step.shape)) is not None
    }
    assert long >= names & {"matmul", "sum_rows", "sum_images", "sum_squares", "mean", "global_average"}
    assert long >= {"channel_mean", "channel_variance", "sum_product", "mean_product", "sum_channels"}
