"""What is searched for among images: understood, or the word that was not."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.present.data_query import Judged, Query, QueryError, ordered, parse

NAMES = ("zero", "one", "two", "cat")
LABELS = np.array([0, 1, 2, 3, 0, 1])
PROBABILITIES = np.array(
    [
        [0.9, 0.1, 0.0, 0.0],
        [0.6, 0.4, 0.0, 0.0],
        [0.1, 0.2, 0.4, 0.3],
        [0.0, 0.0, 0.7, 0.3],
        [0.5, 0.2, 0.2, 0.1],
        [0.0, 1.0, 0.0, 0.0],
    ]
)
JUDGED = Judged.of(PROBABILITIES, LABELS, 7)


def rows(words: str, twice: np.ndarray | None = None) -> list[int]:
    return parse(words, NAMES, 6).rows(LABELS, JUDGED, twice).tolist()


def test_that_judgements_are_those_of_the_probabilities() -> None:
    assert JUDGED.taken.tolist() == [0, 0, 2, 2, 0, 1]
    assert JUDGED.wrong.tolist() == [False, True, False, True, False, False]
    assert JUDGED.of_label.tolist() == [0.9, 0.4, 0.4, 0.3, 0.5, 1.0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("label:1", [1, 5]),
        ("label:one,cat", [1, 3, 5]),
        ("class:0 p<0.6", [4]),
        ("wrong", [1, 3]),
        ("right p>=90%", [0, 5]),
        ("taken:two wrong", [3]),
        ("LABEL=cat WRONG", [3]),
        ("twice", [2]),
    ],
)
def test_that_words_choose_rows(words: str, found: list[int]) -> None:
    assert rows(words, np.array([2])) == found


def test_that_a_number_goes_to_an_image() -> None:
    assert parse("930", NAMES, 1000).index == 930
    assert parse("1,930", NAMES, 2000).index == 1930
    with pytest.raises(QueryError, match="expected an image from 0 to 999"):
        parse("1000", NAMES, 1000)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("label:1 wrnog", "wrnog was not understood"),
        ("label:dog", "label:dog: expected a class, one of zero, one, two, cat"),
        ("label:4", "label:4: expected a class"),
        ("p<", "p< was not understood"),
        ("9" * 400, "expected an image from 0 to 5"),
    ],
)
def test_that_a_wrong_query_says_which_word(words: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse(words, NAMES, 6)


def test_that_what_needs_a_network_says_so() -> None:
    for words in ("wrong", "taken:1", "p<0.5"):
        with pytest.raises(QueryError, match="need a trained network"):
            parse(words, NAMES, 6).rows(LABELS, None)
    assert Query().rows(LABELS, None).tolist() == list(range(6))


def test_that_images_are_ordered_by_class_or_certainty() -> None:
    every = np.arange(6)
    assert ordered(every, "by class", LABELS, None).tolist() == [0, 4, 1, 5, 2, 3]
    assert ordered(every, "least certain", LABELS, JUDGED).tolist() == [2, 4, 1, 3, 0, 5]
    assert ordered(every, "file", LABELS, JUDGED).tolist() == list(range(6))
