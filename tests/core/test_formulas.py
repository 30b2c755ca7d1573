"""What every op says of itself: a word, a sentence and a formula that can be drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from engine_zoo import CASES, case

from convviz.core.ops.base import Op


def ops_of_the_zoo() -> dict[str, Op]:
    """One of every kind of op."""
    found: dict[str, Op] = {}
    for name in CASES:
        for step in case(name).program.steps:
            found.setdefault(type(step.op).__name__, step.op)
    return found


OPS = ops_of_the_zoo()


@pytest.mark.parametrize("name", sorted(OPS))
def test_that_an_op_says_in_one_sentence_what_it_does(name: str) -> None:
    op = OPS[name]
    assert op.name.replace("_", "").isalnum()
    assert op.name == op.name.lower()
    assert op.title[0].isupper() or op.title.startswith(op.name)
    assert not op.title.endswith(".")
    assert 10 < len(op.title) < 100
    assert type(op).kernel.__doc__


def test_that_every_formula_can_be_drawn() -> None:
    ziamath = pytest.importorskip("ziamath")
    for name, op in OPS.items():
        drawn = ziamath.Latex(op.formula, size=20)
        assert ET.fromstring(drawn.svg()).tag.endswith("svg"), name
        width, height = drawn.getsize()
        assert 20 < width < 1200, name
        assert 10 < height < 80, f"{name}: a bracket has grown out of the formula"


def test_that_the_fields_of_an_op_are_what_its_listing_shows() -> None:
    step = next(step for step in case("odd strides").program.steps if step.op.name == "pad2d")
    assert step.op.attributes == {"top": 1, "bottom": 1, "left": 0, "right": 0, "value": 0.0}
