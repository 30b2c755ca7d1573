"""Titles and formulas of steps."""

from __future__ import annotations

import pytest
from engine_zoo import ZOO
from told_passes import stepped
from zoo_steps import TOLD

from convviz.present.step.explain import formula_of, title_of
from convviz.present.step.formula import formula_svg


@pytest.mark.parametrize("name", ZOO)
def test_that_every_formula_can_be_typeset_and_titles_are_one_line(name: str) -> None:
    program = TOLD.program_of(name)
    for step in TOLD.of(name, program):
        assert b"<svg" in formula_svg(formula_of(program, step), "#000000")
        title = title_of(program, step)
        assert not title.endswith(".")
        assert len(title) <= 90, title


def told(name: str, op: str) -> list[tuple[str, str]]:
    program = stepped(name).program
    return [(title_of(program, s), formula_of(program, s)) for s in program.steps if s.op.name == op]


def test_that_titles_and_formulas_name_what_an_update_goes_by() -> None:
    assert all(
        "against its velocity" in title and r"\eta \, v" in formula for title, formula in told("momentum", "sgd_update")
    )
    assert all(r"\Delta" in formula for _, formula in told("adadelta", "sgd_update"))
    assert [formula[0] for _, formula in told("adadelta", "running_square")[:2]] == ["s", "u"]
    assert "g'" in told("decay and clipping", "weight_decay")[0][1]


def test_that_backward_steps_that_share_an_op_with_forward_ones_are_told_apart() -> None:
    titles = {title for title, _ in told("batch normalisation", "channel_mean")}
    assert len(titles) == 2
    assert all("K" in formula for _, formula in told("label smoothing", "softmax_grad"))
