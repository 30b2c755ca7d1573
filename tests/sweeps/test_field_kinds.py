"""What a field takes: words, ranges and suggestions that the field itself accepts."""

from __future__ import annotations

import pytest

import convviz
from convviz.core.design import Design
from convviz.sweeps.field_kinds import field_kind, swept_paths
from convviz.sweeps.values import axis_of

DESIGNS = [convviz.preset(name) for name in ("course-7x7", "lenet-5")]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_that_every_suggestion_fits_its_field(design: Design) -> None:
    for path in swept_paths(design):
        kind = field_kind(design, path)
        axis_of(design, path, kind.suggested_list)
        if kind.number:
            low, high = kind.suggested_range
            axis = axis_of(design, path, f"{low}..{high}:{'log:' if kind.log else ''}2")
            assert len(axis.values) == 2


def test_that_kinds_say_what_they_take() -> None:
    design = DESIGNS[0]
    rate = field_kind(design, "training.optimiser.lr")
    assert (rate.words, rate.now, rate.number, rate.whole, rate.log) == (
        "a number above 0 and up to 1,000",
        0.01,
        True,
        False,
        True,
    )
    filters = field_kind(design, "layers.conv1.filters")
    assert (filters.words, filters.now, filters.whole) == ("a whole number from 1 to 65,536", 32, True)
    assert filters.suggested_list == "16,32,64"
    kind = field_kind(design, "training.schedule.type")
    assert (kind.choices, kind.number) == (("constant", "step", "exponential", "cosine"), False)
    assert field_kind(design, "layers.conv1.bias").choices == ("false", "true")


def test_that_the_seed_has_a_box_of_its_own() -> None:
    assert "training.seed" not in swept_paths(DESIGNS[0])
    assert swept_paths(DESIGNS[0])[:2] == ("training.optimiser.type", "training.optimiser.lr")
