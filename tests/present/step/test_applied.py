"""Functions of many terms: what is left out is said, and only where the words repeat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.core.ops.loss import CrossEntropy, Softmax
from convviz.present.step.applied import AppliedRest, AppliedTerm, applied_bits
from convviz.present.step.terms import Expansion
from convviz.present.step.wording import WHOLE, Written, write

TWELVE = " + ".join(f"e^({{{number}}})" for number in range(12))


def as_text(text: str, room: int, kept: int | None = None) -> str:
    words = []
    for bit in applied_bits(text, room, kept):
        if isinstance(bit, AppliedTerm):
            words.append(f"{{{bit.number}}}")
        else:
            words.append(f"…{bit.count}" if isinstance(bit, AppliedRest) else bit)
    return "".join(words)


def test_that_a_row_of_terms_is_cut_before_its_last() -> None:
    assert as_text(f"log({TWELVE}) − {{7}}", 3) == "log(e^({0}) + e^({1}) + e^(…9) + e^({11})) − {7}"


def test_that_terms_with_other_words_between_them_stay() -> None:
    found = as_text(f"e^({{3}}) / ({TWELVE})", 2)

    assert found == "e^({3}) / (e^({0}) + e^(…10) + e^({11}))"


def test_that_the_term_in_question_is_written_wherever_it_is() -> None:
    assert as_text(TWELVE, 3, kept=6) == "e^({0}) + e^(…5) + e^({6}) + e^(…4) + e^({11})"


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 29))
def test_that_every_term_is_written_or_counted(count: int, room: int, kept: int) -> None:
    text = "max(" + ", ".join(f"{{{number}}}" for number in range(count)) + ")"

    bits = applied_bits(text, room, kept if kept < count else None)

    written = [bit.number for bit in bits if isinstance(bit, AppliedTerm)]
    assert written == sorted(set(written))
    assert len(written) + sum(bit.count for bit in bits if isinstance(bit, AppliedRest)) == count
    assert kept >= count or kept in written


def of_scores(op: Softmax | CrossEntropy, classes: int, room: int) -> Written:
    scores = np.linspace(-1, 1, classes, dtype=np.float32)[None]
    index = (0, 3) if isinstance(op, Softmax) else (0,)
    found = op.equation([scores, np.array([2])], (1, classes) if isinstance(op, Softmax) else (1,), index)
    made = Expansion("p", index, found.value, (), found, ("z", "labels"), found.combine, found.scale, found.text)
    return write(made, room)


@pytest.mark.parametrize("op", [Softmax(), CrossEntropy("p"), CrossEntropy("p", 0.1)])
def test_that_an_equation_of_a_thousand_classes_fits_and_says_how_many_are_left_out(op: Softmax | CrossEntropy) -> None:
    written = of_scores(op, 1000, 8)

    folds = [piece.text for piece in written.pieces if piece.kind == "fold"]
    assert folds
    assert set(folds) == {"… 992 more"}
    assert sum(piece.kind == "term" for piece in written.pieces) <= 2 * 8 + 1
    assert [piece.kind for piece in written.pieces][-2:] == ["sign", "result"]


def test_that_a_function_of_few_terms_is_written_whole() -> None:
    written = of_scores(Softmax(), WHOLE, 3)

    assert not any(piece.kind == "fold" for piece in written.pieces)
