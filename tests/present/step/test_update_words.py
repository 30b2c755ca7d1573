"""What is said of an update: how far a number moves, and what it is called."""

from __future__ import annotations

import re

import numpy as np
import pytest
from arithmetic import number
from engine_zoo import ZOO
from told_passes import cells, stepped

from convviz.present.step.explain import explain, formula_of, title_of
from convviz.present.step.terms import expand
from convviz.present.step.wording import write
from convviz.training.make_pass import make_pass


def test_that_a_step_too_small_for_its_float_is_said_to_be_lost() -> None:
    design = ZOO["sgd"]
    image = design.input
    images = np.random.default_rng(0).normal(size=(1, image.channels, image.height, image.width))
    run = make_pass(design, {}, images, np.zeros(1, int))
    run.edit("lr", (), 1e-9)
    run.run_to_end()
    step = next(step for step in run.program.steps if step.op.name == "sgd_update" and len(step.shape) == 2)
    old, gradient = (run.array(name) for name in step.inputs[:2])
    lost = (old == run.array(step.output)) & (gradient != 0) & (old != 0)
    index = tuple(int(i) for i in np.argwhere(lost)[0])
    text = explain(run, step, index)
    assert "would go" in text
    assert "too small for float32, so the weight stays as it is." in text
    assert write(expand(run, step, index), 9).pieces[-1].text == "(the rest is lost in rounding)"


@pytest.mark.parametrize("name", ["sgd", "adamw", "decay and clipping"])
def test_that_an_equation_and_a_sentence_show_how_far_a_weight_moves(name: str) -> None:
    run, checked = stepped(name, 3), 0
    for step in run.program.steps:
        if step.op.name not in ("sgd_update", "adam_update"):
            continue
        for index in cells(step, 8):
            old, new = (float(run.stored(array)[index]) for array in (step.inputs[0], step.output))
            if old == 0 or abs(new - old) < 1e-6 * abs(old):
                continue
            pieces = write(expand(run, step, index), 9).pieces
            ends = next(p.text for p in pieces if p.kind == "term"), next(p.text for p in pieces if p.kind == "result")
            assert number(ends[1]) - number(ends[0]) == pytest.approx(new - old, rel=0.1)
            assert all(end in explain(run, step, index) for end in ends)
            checked += 1
    assert checked > 8


@pytest.mark.parametrize(
    "name", ["momentum", "adagrad", "adadelta", "rmsprop, momentum", "adamw", "decay and clipping"]
)
def test_that_no_bias_is_called_a_weight(name: str) -> None:
    run = stepped(name, 3)
    seen = set()
    for step in run.program.steps:
        if step.phase != "update" or "bias" not in step.output or "norm" in step.output:
            continue
        seen.add(step.op.name)
        texts = [title_of(run.program, step), explain(run, step, cells(step, 1)[0])]
        for text in texts:
            assert not re.search(r"\bweights?\b(?! decay)", text), text
        assert "W" not in formula_of(run.program, step)
    assert {"sgd_update", "adam_update"} & seen


def test_that_scales_and_shifts_of_a_normalisation_are_called_what_they_are() -> None:
    run = stepped("batch normalisation")
    told_of = {
        step.output: (title_of(run.program, step), explain(run, step, (0,)), formula_of(run.program, step))
        for step in run.program.steps
        if step.op.name == "sgd_update" and step.layer == "bn1"
    }
    assert "Every scale" in told_of["bn1.scale_new"][0]
    assert "so the shift goes" in told_of["bn1.shift_new"][1]
    assert r"\gamma \leftarrow \gamma" in told_of["bn1.scale_new"][2]
