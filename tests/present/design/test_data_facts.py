"""Facts about a data set are compared one by one."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from convviz.present.design.data_facts import DataFacts


def facts() -> DataFacts:
    return DataFacts("digits", 100, 20, (1, 8, 8), 10, np.zeros((1, 8, 8), np.float32))


def test_that_data_sets_are_equal_only_if_every_fact_is() -> None:
    assert facts().equals(facts()), "the image of each is an array of its own"
    assert not facts().equals(None)
    for field in fields(DataFacts):
        if field.name != "sample":
            assert not facts().equals(replace(facts(), **{field.name: object()})), field.name


def test_that_data_sets_with_another_image_or_none_differ() -> None:
    none = replace(facts(), sample=None)
    assert none.equals(replace(none))
    for sample in (None, np.ones((1, 8, 8), np.float32)):
        other = replace(facts(), sample=sample)
        assert not facts().equals(other)
        assert not other.equals(facts())
