"""Axes: every array says what its indices count."""

from __future__ import annotations

import pytest
from engine_zoo import CASES, case, net
from msgspec.structs import replace

from convviz.core.arrays import MAPS, ArraySpec, Axis, Role
from convviz.core.layers import Conv2D, Dense, Flatten, GlobalAvgPool, ReLU
from convviz.core.lower import lower
from convviz.core.program import Builder


def test_that_an_array_needs_a_name_for_every_axis() -> None:
    with pytest.raises(ValueError, match=r"conv1\.z: expected one axis for each dimension of \(2, 3\), got sample"):
        ArraySpec("conv1.z", (2, 3), Role.INPUT, (Axis.SAMPLE,))
    with pytest.raises(ValueError, match=r"x: expected one axis for each dimension of \(4,\), got none"):
        Builder(1).source("x", (4,), Role.INPUT)


def test_that_the_arrays_of_a_network_say_what_they_count() -> None:
    design = net(Conv2D(filters=2), ReLU(), Flatten(), Dense(units=3), ReLU(), classes=3)
    arrays = lower(design, 2).arrays
    said = {name: " ".join(spec.axes) for name, spec in arrays.items()}

    assert said["x"] == said["conv1.z"] == said["relu1.a"] == said["conv1.d_z"] == "sample channel row column"
    assert said["conv1.weight"] == said["conv1.d_weight"] == said["conv1.weight_new"] == "filter channel row column"
    assert said["conv1.x_col"] == "tap window"
    assert said["conv1.w_row"] == said["conv1.d_w_row"] == "filter tap"
    assert said["conv1.z_row"] == said["conv1.d_z_row"] == "filter window"
    assert said["conv1.bias"] == said["conv1.d_bias"] == "filter"
    assert said["flatten1.flat"] == said["flatten1.d_flat"] == "sample feature"
    assert said["dense1.weight"] == "feature unit"
    # As many hidden units as classes: only those of the last layer are the classes.
    assert said["dense1.z"] == said["relu2.a"] == said["relu2.d_a"] == "sample unit"
    assert said["dense2.weight"] == said["dense2.d_weight"] == "feature class"
    assert said["dense2.bias"] == "class"
    assert said["dense2.xw"] == said["dense2.z"] == said["dense2.d_z"] == said["softmax.p"] == "sample class"
    assert said["labels"] == said["softmax.losses"] == "sample"
    assert said["lr"] == said["softmax.loss"] == ""


def test_that_means_of_maps_are_the_scores_of_the_classes() -> None:
    design = net(Conv2D(filters=3), GlobalAvgPool(), classes=3)
    arrays = lower(replace(design, layers=design.layers[:-1]), 2).arrays

    assert arrays["gap1.a"].axes == (Axis.SAMPLE, Axis.CLASS)
    assert arrays["conv1.z"].axes == MAPS


@pytest.mark.parametrize("name", CASES)
def test_that_a_gradient_counts_what_its_array_counts(name: str) -> None:
    program = case(name).program
    for array, gradient in program.gradients.items():
        assert program.arrays[gradient].axes == program.arrays[array].axes, gradient
    for step in program.steps:
        spec = program.arrays[step.output]
        assert bool(spec.column_blocks) == (Axis.WINDOW in spec.axes), step.where
