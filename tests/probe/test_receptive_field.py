"""Pixels outside a cell's receptive field change nothing, whatever they are; every pixel inside one can."""

from __future__ import annotations

import random

import numpy as np
import pytest
from branched_designs import draw_branched
from depth import cases
from engine_zoo import net
from hypothesis import given, settings
from hypothesis import strategies as st
from random_designs import random_design

from convviz.core.arrays import MAPS
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import (
    AdaptiveAvgPool2D,
    Add,
    AvgPool2D,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool2D,
    ReflectPad2D,
    ReLU,
    Upsample,
)
from convviz.core.network import Network
from convviz.probe.fields import receptive_field
from convviz.probe.passes import lowered_forward, run


def with_maps(design: Design) -> list[str]:
    """Names of the layers before the maps end."""
    names = []
    for layer in design.layers:
        if isinstance(layer, Flatten | GlobalAvgPool):
            break
        names.append(layer.name)
    return names


@settings(max_examples=cases(40), deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 10**6))
def test_that_nothing_outside_a_receptive_field_changes_its_cell(seed: int) -> None:
    rng = random.Random(seed)
    design = random_design(rng)
    check_outside(design, with_maps(design)[-2:], seed)


@settings(max_examples=cases(40), deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 10**6))
def test_that_nothing_outside_changes_it_where_ways_meet(seed: int) -> None:
    design, _ = draw_branched(random.Random(seed).choice)
    made = []
    for layer in design.layers:
        program, array = lowered_forward(design, 1, layer.name)
        made += [layer.name] if program.arrays[array].axes == MAPS else []
    check_outside(design, made[-3:], seed)


def check_outside(design: Design, layers: list[str], seed: int) -> None:
    """Pixels outside the receptive field of a cell of some layers may be anything."""
    for layer in layers:
        network = Network(design, precision=np.float64)
        noise = np.random.default_rng(seed)
        for name in network.parameters:
            network.set_weight(name, noise.standard_normal(network.arrays[name].shape))
        field = receptive_field(design, layer)
        program, made = lowered_forward(network.design, 1, layer)
        image = noise.random((1, design.input.channels, design.input.height, design.input.width))
        before = run(network, program, image, np.float64)[made]
        p, q = (int(noise.integers(0, size)) for size in before.shape[2:])
        inside = field.covers(p, q)
        moved = np.where(inside, image, noise.standard_normal(image.shape) * 100)
        after = run(network, program, moved, np.float64)[made]
        assert np.array_equal(before[..., p, q], after[..., p, q])


LINEAR = {
    "dilation": net(Conv2D(filters=2, kernel=(3, 2), dilation=(2, 3), padding="same"), image=(1, 8, 9)),
    "strides": net(
        Conv2D(filters=2, kernel=3, stride=(2, 1)), Conv2D(filters=2, kernel=2, padding=1), image=(1, 11, 9)
    ),
    "residual": net(
        Conv2D(filters=2, kernel=3, padding="same"),
        Conv2D(filters=2, kernel=3, padding="same"),
        Add(input=("conv1", "conv2")),
        image=(1, 8, 9),
    ),
    "side by side": net(
        Conv2D(filters=2, kernel=1),
        Conv2D(filters=3, kernel=(5, 3), padding=(2, 1), input="x"),
        Concat(input=("conv1", "conv2")),
        Conv2D(filters=2, kernel=2, stride=2),
        image=(1, 8, 9),
    ),
    "twice as large": net(
        Conv2D(filters=2, kernel=3, stride=2, padding=1),
        Upsample(scale=(2, 3)),
        Conv2D(filters=2, kernel=2, padding=1),
        image=(1, 7, 6),
    ),
    "between cells": net(
        Upsample(mode="bilinear"),
        Conv2D(filters=2, kernel=3),
        Upsample(mode="bilinear", align_corners=True),
        image=(1, 4, 5),
    ),
    "transposed": net(
        Conv2D(filters=2, kernel=2, stride=2),
        ConvTranspose2D(filters=2, kernel=3, padding=1, output_padding=1),
        AvgPool2D(kernel=3, stride=1, padding=1),
        image=(1, 8, 7),
    ),
    "mirrored, cut, regions": net(
        ReflectPad2D(top=2, right=3), Crop2D(top=0, left=2), AdaptiveAvgPool2D(output=(3, 4)), image=(1, 7, 6)
    ),
    "down and up": net(
        Conv2D(filters=2, kernel=3, padding=1),
        AvgPool2D(),
        ConvTranspose2D(filters=2),
        Concat(input=("conv1", "")),
        Conv2D(filters=1, kernel=1),
        image=(1, 6, 4),
    ),
    "average pool": net(Conv2D(filters=2), AvgPool2D(kernel=(3, 2), stride=(2, 1), padding=1), image=(1, 8, 7)),
}


@pytest.mark.parametrize("name", LINEAR)
def test_that_a_receptive_field_is_exactly_what_changes_its_cell(name: str) -> None:
    network = Network(LINEAR[name], precision=np.float64)
    for array in network.parameters:
        network.set_weight(array, np.full(network.arrays[array].shape, 1.0))  # nothing cancels
    layer = with_maps(network.design)[-1]
    field = receptive_field(network.design, layer)
    image = network.design.input
    count = image.height * image.width
    program, made = lowered_forward(network.design, count + 1, layer)
    lit = np.concatenate([np.zeros((1, count)), np.eye(count)]).reshape(count + 1, 1, image.height, image.width)
    found = run(network, program, lit, np.float64)[made][:, 0]
    for p, q in np.ndindex(found.shape[1:]):
        changed = (found[1:, p, q] != found[0, p, q]).reshape(image.height, image.width)
        assert np.array_equal(changed, field.covers(p, q))
        top, left, bottom, right = field.box(p, q)
        rows, columns = np.nonzero(changed)
        assert rows.min() >= top
        assert rows.max() < bottom
        assert columns.min() >= left
        assert columns.max() < right


def test_that_a_window_is_as_large_as_worked_by_hand() -> None:
    design = net(*(Conv2D(filters=1, kernel=5), ReLU(), MaxPool2D(), Conv2D(filters=1, kernel=5)), image=(1, 28, 28))
    field = receptive_field(design, "conv2")
    assert field.size == (14, 14)  # 5 + (2 − 1) + 2·(5 − 1)
    assert field.box(0, 0) == (0, 0, 14, 14)
    assert field.box(7, 1) == (14, 2, 28, 16)


def test_that_a_patch_at_the_edge_has_zeros_beyond_it() -> None:
    design = net(Conv2D(filters=1, kernel=3, padding=1), image=(1, 4, 5))
    field = receptive_field(design, "conv1")
    image = np.arange(1.0, 21.0).reshape(1, 4, 5)
    assert field.patch(image, 0, 0).tolist() == [[[0, 0, 0], [0, 1, 2], [0, 6, 7]]]
    assert field.patch(image, 3, 4).tolist() == [[[14, 15, 0], [19, 20, 0], [0, 0, 0]]]
    assert field.patch(image, 1, 1).tolist() == [[[1, 2, 3], [6, 7, 8], [11, 12, 13]]]


def test_that_layers_without_maps_are_refused() -> None:
    design = net(Dropout(), image=(1, 4, 4))
    with pytest.raises(DesignError, match="flatten1: expected a layer with maps"):
        receptive_field(design, "flatten1")
    with pytest.raises(DesignError, match="expected one of its layers dropout1, flatten1, dense1, got conv9"):
        receptive_field(design, "conv9")
