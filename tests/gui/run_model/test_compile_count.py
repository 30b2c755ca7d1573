"""One count of the kernels that are compiled, whoever compiles them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.gui.run_model.compile_count import CompileCount
from convviz.run.messages import CompilingAhead
from convviz.training.events import Compiling, Position

AT = Position(1, 0, 0, 1, 100)


def heard(*messages: Compiling | CompilingAhead) -> CompileCount:
    count = CompileCount()
    for message in messages:
        count = count.heard(message)
    return count


def test_that_a_run_that_begins_meanwhile_goes_on_with_the_count_of_the_background() -> None:
    before = heard(CompilingAhead(20, 26))
    assert before.text == "20 of 26"
    after = before.heard(Compiling(AT, 2, 24))
    assert after.text == "22 of 26"  # those from the one end, and those from the other
    assert after.heard(Compiling(AT, 3, 27)).text == "23 of 27"
    assert after.heard(Compiling(AT, 23, 24)).text == "25 of 26", "the last one is not there yet"
    assert not after.heard(Compiling(AT, 24, 24)).heard(CompilingAhead(0, 0)).is_going


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40), st.integers(1, 40)), max_size=30))
def test_that_the_count_never_goes_back_while_something_is_awaited(told: list[tuple[bool, int, int]]) -> None:
    count = CompileCount()
    for by_run, one, other in told:
        done, total = sorted((one, other))
        before, count = count, count.heard(Compiling(AT, done, total) if by_run else CompilingAhead(done, total))
        if before.is_awaited and count.is_awaited:
            assert count.done >= before.done
            assert count.total >= before.total
        if count.is_awaited:
            assert count.done < count.total


def test_that_presets_are_counted_by_themselves_and_not_awaited() -> None:
    count = heard(CompilingAhead(5, 18), CompilingAhead(0, 0), CompilingAhead(3, 9, of_presets=True))
    assert not count.is_awaited
    assert count.is_going
    assert count.words == "compiling kernels of the presets for later: 3 of 9 presets"
    assert count.heard(CompilingAhead(1, 4)).words == "compiling kernels, first time only: 1 of 4"
    assert count.heard(CompilingAhead(9, 9, of_presets=True)).words == ""


@pytest.mark.parametrize("rests", [True, False])
def test_that_a_run_that_is_paused_compiles_nothing(rests: bool) -> None:
    count = heard(Compiling(AT, 5, 18))
    assert (count.run_rests() if rests else count).is_going != rests
