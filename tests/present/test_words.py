"""Words for times, counts and spans."""

from __future__ import annotations

import pytest

from convviz.present.words import with_article


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2", "a 2"),
        ("8", "an 8"),
        ("11", "an 11"),
        ("18", "an 18"),
        ("81", "an 81"),
        ("110", "a 110"),
        ("11,000", "an 11,000"),
        ("1", "a 1"),
        ("ankle boot", "an ankle boot"),
        ("Bag", "a Bag"),
        ("unicorn", "a unicorn"),
    ],
)
def test_that_the_article_is_that_of_the_name_as_it_is_said(name: str, said: str) -> None:
    assert with_article(name) == said
