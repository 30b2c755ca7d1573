"""What is said of a cell: every op in sentences of its own, whose arithmetic is right."""

from __future__ import annotations

import re

import numpy as np
import pytest
from arithmetic import computed, number
from engine_zoo import ZOO
from told_passes import CASES, cells, stepped
from zoo_steps import TOLD

from convviz.present.step.explain import explain, formula_of
from convviz.present.step.families import PLAIN, presentation_of
from convviz.training.make_pass import make_pass


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_every_op_is_told_in_sentences_of_its_own_with_the_number_of_the_cell(name: str, passes: int) -> None:
    run = stepped(name, passes)
    for step in TOLD.of(name, run.program):
        assert presentation_of(step.op) is not PLAIN, step.op
        for index in cells(step, 4):
            text = explain(run, step, index)
            assert text.endswith("."), text
            assert "{" not in text
            assert "nan" not in text.lower()


SUM = re.compile(r"((?:[-−√(]*\d[\d,.]*(?:e-?\d+)?[)²]*(?:<sup>\d+</sup>)?(?: [·+−/] )?)+) = (-?[\d,.]+(?:e-?\d+)?)")
"""Arithmetic in a sentence: ``0.7365 − 0.01000 · (-0.001787) = 0.7366``."""


def sums_in(text: str) -> list[tuple[str, float, float]]:
    """Every sum in a sentence: as it is written, what it comes to, and what is said to come of it."""
    found = []
    for left, right in SUM.findall(text):
        if not re.search(r"[·+−/√]", left):
            continue
        meant = left.replace(",", "").replace("²", "**2").replace("√", "sqrt").replace("·", "*").replace("−", "-")
        meant = re.sub(r"<sup>(\d+)</sup>", r"**\1", meant)
        meant = re.sub(r"sqrt(\d[\d.e-]*)", r"sqrt(\1)", meant)
        found.append((left, computed(meant), number(right.rstrip(".,"))))
    return found


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_the_arithmetic_in_sentences_is_right(name: str, passes: int) -> None:
    run = stepped(name, passes)
    steps, checked = TOLD.of(name, run.program), 0
    for step in steps:
        for index in cells(step):
            text = explain(run, step, index)
            for left, value, said in sums_in(text):
                size = max((abs(number(one)) for one in re.findall(r"\d[\d,.]*(?:e-?\d+)?", left)), default=1.0)
                assert value == pytest.approx(said, rel=4e-3, abs=2e-3 * min(size, 1.0) + 1e-9), text
                checked += 1
    assert checked or len(steps) < len(run.program.steps)


def test_that_sums_in_sentences_are_found_and_wrong_ones_are_seen() -> None:
    assert sums_in("so it goes up: 0.7365 − 0.01000 · (-0.001787) = 0.7366.") == [
        ("0.7365 − 0.01000 · (-0.001787)", pytest.approx(0.73651787), 0.7366)
    ]
    assert sums_in("The deviation is √(4.000 + 1e-05) = 2.000. 1,000 / 4 = 250.0.")[1][1:] == (250.0, 250.0)


SAID = {
    "max pool": {"maxpool2d_grad": "first maximum", "which_max": "first that holds it"},
    "average pool": {"avgpool2d_grad": "equal part in its mean|shares its gradient among 6"},
    "global average": {"global_average": "divided by 20", "global_average_grad": "equal share"},
    "batch normalisation": {
        "channel_mean": "their sum over their count|would only move the channel",
        "normalise_grad": "would only stretch it",
        "running_statistic": "normalises with a running (mean|variance)",
    },
    "label smoothing": {"cross_entropy": "Label smoothing mixes", "softmax_grad": "With label smoothing 0.2"},
    "momentum": {"velocity": "takes on the gradient", "sgd_update": "The velocity is"},
    "nesterov": {"look_ahead": "Nesterov looks ahead", "sgd_update": "The look-ahead gradient is"},
    "adagrad": {"add_square": "less and less", "by_root": "root of the sum of its squares"},
    "adadelta": {"adadelta_move": "usually moves", "sgd_update": "The move is"},
    "rmsprop": {"by_root": "root of its mean square", "running_square": "mean square so far"},
    "rmsprop, momentum": {"velocity": "takes on the scaled gradient"},
    "adam": {"running_mean": "adam_update makes up for that", "adam_update": "at pass 3 they are divided"},
    "adamw": {"shrink": "no part of the gradient"},
    "decay and clipping": {
        "sum_squares": "sum of the squares of all",
        "grad_norm": "one long vector",
        "clip": "more than 0.01, so each is multiplied",
        "weight_decay": "adds 0.1 of the (weight|bias) to its clipped gradient",
        "velocity": "takes on the gradient with weight decay",
    },
}


@pytest.mark.parametrize("name", SAID)
def test_that_what_is_said_suits_the_op_and_what_it_works_on(name: str) -> None:
    run = stepped(name, 3)
    for op, wanted in SAID[name].items():
        steps = [step for step in run.program.steps if step.op.name == op]
        assert steps
        for step in steps:
            texts = [explain(run, step, index) for index in cells(step, 40)]
            assert any(re.search(wanted, text) for text in texts), (op, texts[0])


def test_that_of_equal_cells_the_first_is_said_to_get_the_gradient() -> None:
    design = ZOO["max pool, stride 1"]
    run = make_pass(design, {}, np.ones((1, 2, 4, 3)), np.zeros(1, int), precision=np.float64)
    run.run_to_end()
    which = next(step for step in run.program.steps if step.op.name == "which_max")
    assert "4 cells of the window hold it, and only the first gets the gradient" in explain(run, which, (0, 0, 1, 1))
    grad = next(step for step in run.program.steps if step.op.name == "maxpool2d_grad")
    assert "is in 4 windows and was the first maximum of 1 of them" in explain(run, grad, (0, 0, 1, 1))
    assert "cell 3 of the window at (2, 1), whose first maximum was cell 0" in explain(run, grad, (0, 0, 3, 2))


@pytest.mark.parametrize("name", ["clip", "hard sigmoid", "hard swish", "softplus", "left over", "max pool"])
def test_that_no_gradient_is_said_to_pass_where_the_slope_is_zero_and_only_there(name: str) -> None:
    run = stepped(name)
    for step in run.program.steps:
        for index in cells(step, 40):
            text = explain(run, step, index)
            slope = re.search(r"The slope here is (?:[^=.;:]* = )?(-?[\d.]+(?:e-?\d+)?)", text)
            if slope is not None:
                assert ("no gradient will pass" in text) == (float(slope[1].rstrip(".")) == 0), text


def test_that_a_bias_is_called_one_on_the_way_back_too() -> None:
    run = stepped("transposed")
    step = next(step for step in run.program.steps if step.output.endswith("convt1.d_bias"))
    text = explain(run, step, (1,))
    assert "The bias of map 1 was added at 40 places of 2 images" in text
    assert "shift" not in text


@pytest.mark.parametrize("name", ["toy 4×4", "dilation"])
def test_that_what_was_copied_into_windows_is_the_array_and_not_its_gradient(name: str) -> None:
    run = stepped(name)
    (step,) = (step for step in run.program.steps if step.op.name == "col2im" and "d_x_pad" in step.output)
    text = explain(run, step, (0, 0, 1, 1))
    assert "A cell of x_pad was copied into up to " in text
    assert "columns of d_x_col land" in text or "column of d_x_col lands" in text or "no column lands" in text


def test_that_wrong_classes_that_came_too_close_are_counted() -> None:
    run = stepped("hinge")
    step = next(step for step in run.program.steps if step.op.name == "hinge_grad")
    scores, labels = run.array(step.inputs[0]), run.array(step.inputs[1])
    said = {0: "no wrong class came too close", 1: "once for the one wrong class that", 2: "once for each of 2 wrong"}
    for n, label in enumerate(labels):
        close = int((np.delete(scores[n], label) > scores[n, label] - 1).sum())
        assert said[close] in explain(run, step, (n, int(label)))


def test_that_smoothed_targets_can_pull_a_wrong_class_up() -> None:
    design = ZOO["label smoothing"]
    run = make_pass(design, {}, np.random.default_rng(0).normal(size=(1, 1, 3, 3)), np.zeros(1, int))
    run.run_to_end()
    bias = next(name for name in run.program.parameters if run.program.arrays[name].shape == (3,))
    run.edit(bias, (2,), -20.0)
    grad = next(step for step in run.program.steps if step.op.name == "softmax_grad")
    text = explain(run, grad, (0, 2))
    assert "wanted 0.06667" in text
    assert "A negative gradient pushes its score up" in text


@pytest.mark.parametrize("name", ["toy 4×4", "groups", "odd strides", "normalised, then padded"])
def test_that_an_array_has_one_name_in_sentences_and_pictures(name: str) -> None:
    run = stepped(name)
    arrays = {array.rpartition(".")[2] for array in run.program.arrays}
    for step in run.program.steps:
        text = explain(run, step, cells(step, 1)[0])
        assert "<sub>" not in text
        for word in re.findall(r"\b(?:d_)?(?:wx?|x|z)_(?:row|col|pad)\b", text):
            assert word in arrays
        if step.output.endswith(("wx_row", "z_row", ".xw", ".z")) and step.op.name in ("matmul", "add_bias"):
            made = {"wx_row": "(WX)_{row}", "z_row": "Z_{row}", "xw": "XW", "z": "Z"}[step.output.rpartition(".")[2]]
            assert formula_of(run.program, step).startswith(made)
