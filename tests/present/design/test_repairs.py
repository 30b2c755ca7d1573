"""One-click repairs: what is offered helps."""

from __future__ import annotations

import random

import pytest
from random_designs import attempt

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten, GroupNorm, MaxPool2D, ReLU
from convviz.present.design.costs import costs
from convviz.present.design.repairs import repairs

F, D = Flatten(), Dense()


@pytest.mark.parametrize(
    ("layers", "labels"),
    [
        ((), ["Add a Flatten and a Dense with 10 units"]),
        ((Conv2D(kernel=5), Conv2D(kernel=26), F, D), ["Use padding 1", "Use kernel 5×5"]),
        ((Conv2D(kernel=32), F, D), ["Use padding 2", "Use kernel 5×5"]),
        ((Conv2D(), D), ["Put a Flatten before it"]),
        ((F, Conv2D(), D), ["Move it before flatten1"]),
        ((F, Dense(units=5)), ["Use 10 units", "Add a Dense with 10 units"]),
        ((Conv2D(),), ["Add a Flatten and a Dense with 10 units"]),
        ((F, F, D), ["Remove flatten2"]),
        ((Conv2D(groups=3), F, D), ["Use groups 1"]),
        ((Conv2D(filters=6), GroupNorm(), F, D), ["Use groups 6", "Remove gn1"]),
        ((Conv2D(filters=4), Conv2D(filters=6, groups=4), F, D), ["Use 8 filters", "Use groups 2"]),
        ((Conv2D(dilation=20), F, D), ["Use kernel 2×2", "Use dilation 1"]),
        ((MaxPool2D(padding=2), F, D), ["Use padding 0"]),
        ((ReLU(name="a"), ReLU(name="a"), F, D), ["Rename to a1"]),
    ],
)
def test_that_the_usual_faults_have_the_usual_repairs(layers: tuple[object, ...], labels: list[str]) -> None:
    design = Design(layers=layers)  # type: ignore[arg-type]
    offered = repairs(design)

    assert [repair.label for repair in offered][: len(labels)] == labels
    assert costs(offered[0].design).valid


def test_that_a_design_that_can_be_trained_needs_no_repair() -> None:
    assert repairs(Design(layers=(F, D))) == []


def test_that_rectangular_kernels_get_padding_where_they_need_it() -> None:
    design = Design(input=Input(height=3, width=28), layers=(Conv2D(kernel=(5, 3)), F, D))

    assert repairs(design)[0].label == "Use padding 1×0"


@pytest.mark.parametrize("seed", range(200))
def test_that_every_repair_that_is_offered_gets_further(seed: int) -> None:
    design = attempt(random.Random(seed))
    before = costs(design)
    for repair in repairs(design, before):
        after = costs(repair.design)
        left = len(design.layers) - len(before.layers)
        assert after.valid or len(repair.design.layers) - len(after.layers) < left
        assert repair.design != design


@pytest.mark.parametrize("seed", range(200))
def test_that_taking_the_first_repair_again_and_again_ends_in_a_design_that_can_be_trained(seed: int) -> None:
    design = attempt(random.Random(seed))
    for _ in range(12):
        offered = repairs(design)
        if not offered:
            break
        design = offered[0].design
    assert costs(design).valid
