"""What is said of a cell: every op and optimiser in sentences and equations of its own, whose arithmetic is right."""

from __future__ import annotations

import ast
import math
import operator
import re
from functools import cache

import numpy as np
import pytest
from depth import cases
from engine_zoo import ZOO
from zoo_steps import TOLD

from convviz.core.arrays import Index
from convviz.core.equation import Combine
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.explain import explain
from convviz.present.step.families import PLAIN, presentation_of
from convviz.present.step.formula import formula_svg
from convviz.present.step.heading import formula_of, title_of
from convviz.present.step.links import partners
from convviz.present.step.terms import Expansion, expand, fold
from convviz.present.step.wording import write
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@cache
def stepped(name: str, passes: int = 1) -> Pass:
    """The last of a few passes in float64, so that what an optimiser remembers is not 0 any more."""
    design = ZOO[name]
    image, draw = design.input, np.random.default_rng(7)
    images = draw.normal(size=(2, image.channels, image.height, image.width))
    labels = np.arange(2) % design.classes
    arrays: dict[str, np.ndarray] = {}
    for number in range(passes):
        run = make_pass(design, arrays, images, labels, step=number, precision=np.float64)
        run.run_to_end()
        arrays |= {old: np.array(run.stored(new)) for old, new in run.program.updates.items()}
    return run


def cells(step: Step, count: int = cases(4)) -> list[Index]:
    size = int(np.prod(step.shape))
    chosen = np.random.default_rng(step.index).permutation(size)[:count].tolist()
    return [tuple(int(i) for i in np.unravel_index(n, step.shape)) for n in chosen] if step.shape else [()]


def remembers(name: str) -> bool:
    """Whether a pass leaves more than weights to the next: then the first pass is another."""
    program = TOLD.program_of(name)
    return bool(set(program.updates) - set(program.parameters))


CASES = [(name, passes) for name in ZOO for passes in (1, 3) if passes == 3 or remembers(name)]


# --- equations ---------------------------------------------------------------------------------------------------


def iverson(condition: bool) -> float:
    return 1.0 if condition else 0.0


NAMES = {
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
    "e": math.e,
    "log": math.log,
    "ln": math.log,
    "σ": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "holds": iverson,
    "Phi": lambda z: 0.5 * math.erfc(-z / math.sqrt(2)),
    "phi": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
}


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
    ast.USub: operator.neg,
}


def computed(text: str) -> float:
    """What arithmetic comes to."""

    def value(node: ast.expr) -> float:
        match node:
            case ast.BinOp(left, op, right):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.Compare(left, [op], [right]):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op, operand):
                return OPERATORS[type(op)](value(operand))
            case ast.Call(ast.Name(name), arguments):
                return NAMES[name](*map(value, arguments))
            case ast.Name(name):
                return NAMES[name]
            case ast.Constant(number):
                return float(number)
        raise AssertionError(f"no arithmetic: {text}")

    return float(value(ast.parse(text.strip(), mode="eval").body))


def evaluated(expansion: Expansion) -> float:
    """The value of an applied equation, from its text as it is written and nothing else."""
    text = expansion.text
    if text.startswith("first of"):
        listed = re.findall(r"(\d+): \{(\d+)\}", text)
        top = expansion.values[int(re.search(r"equals \{(\d+)\}", text)[1])]
        return float(next(k for k, place in listed if expansion.values[int(place)] == top))
    text = re.sub(r"√(\{\d+\})", r"sqrt(\1)", text).replace("√(", "sqrt(")
    text = re.sub(r"\[([^\]]*)\]", lambda found: f"holds({found[1].replace(' = ', ' == ')})", text)
    for written, meant in (
        ("−", "-"),
        ("·", "*"),
        ("½(", "0.5 * ("),
        ("½", "0.5"),
        ("²", "**2"),
        ("³", "**3"),
        ("^", "**"),
        ("Φ", "Phi"),
        ("φ", "phi"),
        ("10⁻⁶", "1e-6"),
    ):
        text = text.replace(written, meant)
    text, _, tau = text.partition(", τ = ")
    text = text.replace("τ", f"({tau})")
    if " m)" in text:
        text = text.replace(" m)", f" {float(max(expansion.values))!r})")
    numbers = [f"({value!r})" for value in expansion.values.tolist()]
    return computed(text.format(*numbers))


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_equations_as_written_come_to_the_number_that_is_shown(name: str, passes: int) -> None:
    run = stepped(name, passes)
    for step in TOLD.of(name, run.program):
        for index in cells(step):
            expansion = expand(run, step, index)
            where = (step.where, step.op.name, index)
            assert expansion.exact == pytest.approx(expansion.value, rel=1e-9, abs=1e-12), where
            if expansion.combine is Combine.APPLY:
                # Constants in the text are rounded to a few digits: 0.797885 in GELU.
                assert evaluated(expansion) == pytest.approx(expansion.value, rel=1e-5, abs=1e-9), where
            elif expansion.combine is Combine.MAX:
                assert max(expansion.values) == expansion.value, where
            else:
                total = expansion.scale * math.fsum(expansion.values)
                assert total == pytest.approx(expansion.value, rel=1e-9, abs=1e-12), where


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_the_terms_as_written_sum_to_the_result_as_written(name: str, passes: int) -> None:
    run = stepped(name, passes)
    for step in TOLD.of(name, run.program):
        for index in cells(step, cases(2)):
            expansion = expand(run, step, index)
            if expansion.combine is not Combine.SUM or not expansion.count:
                continue
            for room in (2, 100):
                pieces = write(expansion, room).pieces
                total, sign, scale, size = 0.0, 1.0, 1.0, 0.0
                for piece in pieces[: next(i for i, one in enumerate(pieces) if one.text == "=")]:
                    if piece.kind == "sign":
                        sign = -1.0 if piece.text == "−" else 1.0
                    elif piece.kind == "term":
                        product = math.prod(number(span.text) for span in piece.spans if span.text.strip() != "·")
                        total, size = total + sign * product, size + abs(product)
                    elif piece.kind == "fold":
                        rest = fold(expansion, room).rest
                        assert "all zero" in piece.text or piece.text.endswith(format_value(rest))
                        total, size = total + rest, size + abs(rest)
                    elif piece.text.endswith("· ("):
                        scale = number(piece.text.removesuffix(" · ("))
                # Every number is written with four digits.
                assert scale * total == pytest.approx(expansion.value, abs=scale * size * 3e-3 + 1e-12), step.where


def number(text: str) -> float:
    return float(text.replace(",", ""))


# --- sentences -----------------------------------------------------------------------------------------------------


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


# --- titles and formulas -------------------------------------------------------------------------------------------


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


# --- links ---------------------------------------------------------------------------------------------------------


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
