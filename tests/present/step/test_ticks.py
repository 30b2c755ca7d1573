"""Indices beside a picture: few, at round numbers, and those of the array."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from convviz.present.step.slices import ArraySlice
from convviz.present.step.ticks import Ruling, rulings


@given(
    st.integers(0, 40_000),
    st.integers(1, 3000),
    st.integers(0, 3000),
    st.integers(1, 400),
    st.floats(0.2, 120),
    st.floats(10, 60),
)
def test_that_numbers_are_round_apart_enough_and_in_sight(
    start: int, count: int, first: int, seen: int, scale: float, room: float
) -> None:
    ruling = Ruling(start, count)
    first = min(first, count - 1)
    found = list(ruling.places(first, first + seen, scale, room))
    numbers = [ruling.number(place) for place in found]
    assert all(first <= place < count for place in found)
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    assert len(steps) <= 1
    for step in steps:
        assert step * scale >= room * (1 - 1e-9)
        assert str(step).rstrip("0") in ("1", "2", "5")
        assert all(number % step == 0 for number in numbers)


def test_that_indices_are_those_of_the_array() -> None:
    whole = rulings(ArraySlice.of((49, 2304), {1: (576, 576)}))
    assert whole == (Ruling(0, 49), Ruling(576, 576))
    maps = rulings(ArraySlice.of((2, 8, 24, 20), {0: 1}, (8, 24, 20)))
    assert maps == (Ruling(0, 24), Ruling(0, 20))
    folded = rulings(ArraySlice((3, 576), (1, 576), (1, 24, 24)))
    assert folded == (Ruling(0, 24), Ruling(0, 24))
    vector = rulings(ArraySlice.of((32,), {}, (1, 4, 8)))
    assert [vector[0].number(row) for row in range(4)] == [0, 8, 16, 24]
    assert vector[1] == Ruling(0, 8)
