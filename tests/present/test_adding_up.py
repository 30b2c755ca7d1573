"""Sums are written so that what is shown adds up."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from convviz.present.adding_up import adding_up
from convviz.present.numbers import format_alike


def test_that_a_sum_gets_the_digits_with_which_it_adds_up() -> None:
    plain = adding_up((0.5, 0.25), 0.75)
    assert (plain.terms, plain.sign, plain.total) == (("0.5000", "0.2500"), "=", "0.7500")
    found = adding_up((6.5794, 0.046183), 6.625583)  # 6.579 + 0.04618 would be 6.625, and 6.626 is shown
    assert (found.terms, found.sign, found.total) == (("6.5794", "0.046183"), "=", "6.6256")


def test_that_any_two_numbers_add_up_as_they_are_written() -> None:
    draw = np.random.default_rng(5)
    for _ in range(2000):
        one, other = (abs(draw.normal()) * 10.0 ** draw.integers(-5, 5) for _ in range(2))
        found = adding_up((one, other), one + other)
        assert found.sign == "="
        shown = [Decimal(text.replace(",", "")) for text in (*found.terms, found.total)]
        place = Decimal(1).scaleb(int(shown[-1].as_tuple().exponent))
        assert abs(shown[0] + shown[1] - shown[2]) <= place / 2


def test_that_terms_that_nearly_cancel_out_are_written_so_that_their_rest_is_seen() -> None:
    found = adding_up((0.53362341, -0.53350002), 0.00012339)
    assert (found.terms, found.sign, found.total) == (("0.5336234", "-0.5335000"), "=", "0.0001234")


def test_that_a_sum_that_its_terms_do_not_give_is_not_written_with_an_equals_sign() -> None:
    assert adding_up((1.0, 1.0), 2.5).sign == "≈"
    assert adding_up((float("nan"), 1.0), float("nan")).sign == "="
    assert adding_up((1.0, -1.0), 0.0).total == "0"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((2.51078966, 2.510787402), ("2.510789660", "2.510787402")),
        ((0.0, 12.5), ("0.00000000", "12.50000000")),
        ((1e-9, 2.5e-9), ("1.000000000e-09", "2.500000000e-09")),
        ((float("inf"), 2.0), ("∞", "2.000000000")),
        ((0.0, 0.0), ("0", "0")),
    ],
)
def test_that_numbers_that_are_compared_have_as_many_decimals(
    numbers: tuple[float, ...], written: tuple[str, ...]
) -> None:
    assert format_alike(*numbers, digits=10) == written
