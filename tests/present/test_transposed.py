"""Filters of a transposed convolution by the maps that they make: map f is what comes of its own filters alone."""

from __future__ import annotations

import numpy as np
import pytest
from engine_lone import run_layer

from convviz.core.layers import Conv2D, ConvTranspose2D
from convviz.present.transposed import by_output_map, is_transposed


@pytest.mark.parametrize("groups", [1, 2])
def test_that_a_map_comes_of_its_own_filters_alone(groups: int) -> None:
    layer = ConvTranspose2D(filters=6, kernel=(2, 3), groups=groups, bias=False)
    ran = run_layer(layer, (1, 4, 3, 2))
    weight = ran.parameters["weight"]
    found = by_output_map(ran.program, "here.weight", weight)
    assert found.shape == (6, 4 // groups, 2, 3)
    for f in range(6):
        marked = weight.copy()
        by_group = marked.reshape(groups, 4 // groups, 6 // groups, 2, 3)
        by_group[f // (6 // groups), :, f % (6 // groups)] = 0
        np.testing.assert_array_equal(by_output_map(ran.program, "here.weight", marked)[f], 0)
        without = run_layer(layer, ran.x, {"weight": marked}).out
        changed = (without != ran.out).any(axis=(0, 2, 3))
        assert np.flatnonzero(changed).tolist() == [f]


def test_that_other_filters_stay_as_they_are() -> None:
    ran = run_layer(Conv2D(filters=3), (1, 2, 4, 4))
    weight = ran.parameters["weight"]
    assert not is_transposed(ran.program, "here")
    assert by_output_map(ran.program, "here.weight", weight) is weight
