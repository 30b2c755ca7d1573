from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.present.numbers import (
    cell_exponent,
    digits_apart,
    format_cell,
    format_cells,
    format_full,
    format_value,
    superscript,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.59637, "0.5964"),
        (-0.0188, "-0.01880"),
        (0.99996, "1.000"),
        (9.9996, "10.00"),
        (12.345, "12.35"),
        (0.0, "0"),
        (-0.0, "0"),
        (46_900, "46,900"),
        (12_345.6, "12,346"),
        (1.234e-7, "1.234e-7"),
        (-1e6, "-1.000e6"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (np.int64(36_864), "36,864"),
        (True, "1"),
    ],
)
def test_that_numbers_in_place_have_four_significant_digits(value: float, text: str) -> None:
    assert format_value(value) == text


@given(st.floats(1e-4, 9e5) | st.floats(-9e5, -1e-4))
def test_that_a_number_in_place_is_right_to_four_digits(value: float) -> None:
    assert float(format_value(value).replace(",", "")) == pytest.approx(value, rel=5.1e-4)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_that_full_precision_reads_back_as_the_same_float32(value: float) -> None:
    assert np.float32(format_full(np.float32(value))) == np.float32(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_that_full_precision_reads_back_as_the_same_float64(value: float) -> None:
    assert float(format_full(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12, ".12"),
        (-0.6, "-.60"),
        (-0.001, ".00"),
        (-0.0, ".00"),
        (1.07, "1.07"),
        (-1.37, "-1.37"),
        (9.996, "10.0"),
        (12.34, "12.3"),
        (123.4, "123"),
        (12_345.0, "1e4"),
        (7, "7"),
        (-1234, "-1234"),
        (1_000_000, "1e6"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
    ],
)
def test_that_numbers_in_cells_are_short(value: float, text: str) -> None:
    assert format_cell(value) == text


@given(st.floats(-1e8, 1e8))
def test_that_no_number_in_a_cell_is_longer_than_five_characters(value: float) -> None:
    assert len(format_cell(value)) <= 5


def test_that_what_rounds_to_zero_has_no_sign() -> None:
    assert format_cells(np.array([-0.4, -0.0, 0.3, -0.6]), decimals=0) == ["0", "0", "0", "-1"]


def test_that_cells_share_one_power_of_ten() -> None:
    assert format_cells(np.array([0.0455, -0.001]), exponent=-3) == ["45.5", "-1.00"]
    assert format_cells(np.array([[1, 2], [3, 4]])) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("vmax", "exponent"),
    [(0.6, 0), (3.3, 0), (9000, 0), (0.045, -3), (0.0042, -3), (4e-4, -6), (1e5, 3), (0, 0), (math.nan, 0)],
)
def test_that_the_power_of_ten_leaves_something_to_read(vmax: float, exponent: int) -> None:
    assert cell_exponent(vmax) == exponent


def test_that_powers_of_ten_are_written_as_superscripts() -> None:
    assert superscript(-3) == "10⁻³"


@pytest.mark.parametrize(
    ("one", "other", "digits"),
    [
        (0.1556, 0.1556 - 3.276e-7, 8),
        (0.49408, 0.49408 - 0.01 * 0.004514, 6),
        (0.5, 0.25, 4),
        (0.5, 0.5, 4),
        (1.0, 1.0 - 3e-5, 7),
        (1.0, math.nan, 4),
    ],
)
def test_that_numbers_have_as_many_digits_as_tell_them_apart(one: float, other: float, digits: int) -> None:
    assert digits_apart(one, other) == digits
    if one != other and math.isfinite(other):
        assert format_value(one, digits) != format_value(other, digits)


@given(st.floats(1e-3, 1e5), st.floats(-6.0, -1.0), st.booleans())
def test_that_the_difference_of_two_written_numbers_is_theirs(one: float, power: float, down: bool) -> None:
    other = one * (1 - 10**power if down else 1 + 10**power)
    digits = digits_apart(one, other)
    written = [float(format_value(number, digits).replace(",", "")) for number in (one, other)]
    assert written[1] - written[0] == pytest.approx(other - one, rel=0.1)
