"""Numbers that a slider offers fit: also of pooling, whose dilated windows may lie in the padding alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from convviz.core.design import Design, Input
from convviz.core.layers import AvgPool2D, Dense, Flatten, Layer, MaxPool2D
from convviz.present.design.costs import costs
from convviz.present.design.reach import reaches

POOLS = (
    MaxPool2D(kernel=2, stride=1, padding=1),
    MaxPool2D(kernel=2, stride=1, padding=1, dilation=2, ceil=True),
    MaxPool2D(kernel=3, stride=2, padding="same", dilation=2),
    AvgPool2D(kernel=2, stride=1, padding=1, ceil=True, count_padding=False),
    AvgPool2D(kernel=3, padding=1, dilation=3, count_padding=False),
)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("size", [(12, 11), (7, 6)], ids=str)
def test_that_both_ends_of_every_reach_of_a_pool_fit(pool: Layer, size: tuple[int, int]) -> None:
    def design(layer: Layer) -> Design:
        image = Input(channels=2, height=size[0], width=size[1])
        return Design(input=image, classes=3, layers=(layer, Flatten(), Dense(units=3))).named()

    now = design(pool)
    assert costs(now).error is None
    for field, ends in reaches(now, costs(now))[0].items():
        assert ends[0] <= ends[1]
        for number in ends:
            if field != "padding" or pool.padding != "same":
                assert costs(design(replace(pool, **{field: number}))).error is None, (field, number)
