"""Expressions over arrays: what they mean, what they refuse, and that no text does anything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.arrays import Array, Shape
from convviz.core.expressions.check import check, check_number, check_truth
from convviz.core.expressions.error import ExpressionError
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.functions import FUNCTIONS
from convviz.core.expressions.parse import parse

RNG = np.random.default_rng(0)
ARRAYS: dict[str, Array] = {
    "conv1.weight": RNG.normal(size=(6, 1, 3, 3)).astype(np.float32),
    "conv1.bias": RNG.normal(size=6).astype(np.float32),
    "relu1.a": np.maximum(RNG.normal(size=(2, 6, 4, 4)), 0).astype(np.float32),
    "labels": np.array([3, 1]),
    "loss": np.asarray(2.5),
    "deep-net.weight": np.ones((2, 2), np.float32),
}


def shape_of(name: str) -> Shape:
    if name not in ARRAYS:
        raise KeyError(f"expected an array, got {name!r}")
    return ARRAYS[name].shape


def value(text: str) -> float:
    expression = parse(text)
    check_number(expression, shape_of)
    return float(evaluate(expression, ARRAYS.__getitem__))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-2 ^ 2", -4),
        ("2 ^ -1", 0.5),
        ("(1 + 2) * 3", 9),
        ("8 / 2 / 2", 2),
        ("97% + .5", 1.47),
        ("1e-3", 0.001),
        ("loss > 2 and not loss > 3", 1),
        ("1 > 2 or loss == 2.5", 1),
        ("1 / 0", np.inf),
        ("mean(abs(conv1.weight))", np.abs(ARRAYS["conv1.weight"]).mean()),
        ("norm(conv1.weight)", np.linalg.norm(ARRAYS["conv1.weight"])),
        ("share(relu1.a == 0)", (ARRAYS["relu1.a"] == 0).mean()),
        ("conv1.weight[5, 0, 2, 1]", ARRAYS["conv1.weight"][5, 0, 2, 1]),
        ("sum(conv1.weight[5])", ARRAYS["conv1.weight"][5].sum()),
        ("max(conv1.weight[:, 0, 1])", ARRAYS["conv1.weight"][:, 0, 1].max()),
        ("count(labels >= 1)", 2),
        ("any(conv1.bias > 100)", 0),
        ("norm('deep-net.weight')", 2),
        ("max(conv1.bias * conv1.bias - 1)", (ARRAYS["conv1.bias"] ** 2 - 1).max()),
    ],
)
def test_that_an_expression_has_the_value_that_numpy_gives(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-6)


def test_that_sums_of_many_small_numbers_lose_no_digits() -> None:
    many = np.full(3_000_000, 0.1, np.float32)
    expression = parse("sum(a)")
    assert float(evaluate(expression, {"a": many}.__getitem__)) == pytest.approx(float(np.float32(0.1)) * 3e6, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "expected a number, an array or a function, got the end"),
        ("1 +", 4, "got the end"),
        ("mean(conv1.weight", 18, r"expected '\)' after the argument of mean"),
        ("meen(conv1.weight)", 1, r"got 'meen' \(did you mean mean\?\)"),
        ("mean(conv9.weight)", 6, "expected an array, got 'conv9.weight'"),
        ("1 < 2 < 3", 7, "expected 'and' between two comparisons"),
        ("loss = 2", 6, r"got '=' \(did you mean ==\?\)"),
        ("conv1.bias[6]", 1, "expected a place from 0 to 5 on axis 0, got 6"),
        ("conv1.bias[0,0]", 1, "has 1 axis, got 2 places"),
        ("loss[0]", 1, "has no axes: it is one number"),
        ("conv1.bias[-1]", 12, "expected a whole number or ':'"),
        ("conv1.bias[1.5]", 12, "expected a whole number or ':'"),
        ("conv1.bias + conv1.weight", 12, "expected arrays of one shape on both sides of '\\+', got 6 and 6×1×3×3"),
        ("share(conv1.bias)", 1, r"expected a condition in share\( \), got numbers"),
        ("mean(conv1.bias > 0)", 1, r"expected numbers in mean\( \), got a condition"),
        ("not loss", 1, "expected a condition after 'not'"),
        ("'conv1", 1, "expected a second '"),
        ("loss; 1", 5, "got ';'"),
        ("__import__('os')", 1, "expected a function"),
        ("loss.__class__", 1, "expected an array"),
    ],
)
def test_that_what_is_wrong_is_said_with_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(ExpressionError, match=says) as caught:
        check(parse(text), shape_of)
    assert caught.value.column == column


def test_that_a_condition_has_to_be_one_yes_or_no() -> None:
    check_truth(parse("any(conv1.bias > 1)"), shape_of)
    with pytest.raises(ExpressionError, match=r"expected a condition, got a number, for instance"):
        check_truth(parse("loss"), shape_of)
    with pytest.raises(ExpressionError, match=r"got 6 times yes or no: wrap it in any"):
        check_truth(parse("conv1.bias > 1"), shape_of)
    with pytest.raises(ExpressionError, match=r"expected one number, got 6 numbers"):
        check_number(parse("conv1.bias"), shape_of)


def test_that_an_expression_which_costs_too_much_is_refused_before_it_is_evaluated() -> None:
    with pytest.raises(ExpressionError, match=r"expected to read at most 200,000,000 cells, got 400,000,000"):
        check(parse("mean(big)"), lambda _: (10_000, 20_000))


def test_that_depth_and_length_are_bounded() -> None:
    with pytest.raises(ExpressionError, match="at most 40 nested expressions"):
        parse("(" * 100 + "1" + ")" * 100)
    with pytest.raises(ExpressionError, match="at most 40 nested expressions"):
        parse("-" * 400 + "1")
    with pytest.raises(ExpressionError, match="at most 500 characters"):
        parse("1" * 501)
    assert float(evaluate(parse("+".join("1" * 250)), ARRAYS.__getitem__)) == 250


PIECES = [
    *ARRAYS,
    *FUNCTIONS,
    *"()[],:+-*/^<>='% .!;",
    "and",
    "or",
    "not",
    "==",
    "<=",
    "1",
    "2.5",
    "1e9",
    "nan",
    "\\",
    "\n",
    "é",
]
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(TEXTS)
@settings(max_examples=400)
def test_that_no_text_raises_anything_but_the_error_of_expressions(text: str) -> None:
    try:
        expression = parse(text)
        given_ = check(expression, shape_of)
    except ExpressionError as error:
        column = error.column
    else:
        found = evaluate(expression, ARRAYS.__getitem__)
        assert (found.shape, found.dtype == bool) == (given_.shape, given_.is_truth)
        column = 1
    assert 1 <= column <= len(text) + 1
