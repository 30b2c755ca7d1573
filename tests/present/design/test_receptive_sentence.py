"""What one cell sees of the image, in words whose numbers are what nudging pixels finds."""

from __future__ import annotations

import re

import numpy as np
import pytest
from depth import cases
from hypothesis import given, settings
from random_windows import designs

from convviz.core.design import Design, Input
from convviz.core.execute import execute
from convviz.core.layers import (
    AdaptiveAvgPool2D,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Flatten,
    GlobalAvgPool,
    MaxPool2D,
    ReflectPad2D,
    Upsample,
)
from convviz.core.lower import IMAGES, lower
from convviz.core.network import Network
from convviz.present.design.costs import costs
from convviz.present.design.lines import lines_seen
from convviz.present.design.receptive import field_of_cell, receptive_sentence
from convviz.probe.fields import receptive_field


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "sentence"),
    [
        (7, 1, 1, "7×7 pixels of the image; neighbours are 1 column apart and share 6 columns, 7×6 = 42 pixels."),
        (3, 2, 1, "3×3 pixels of the image; neighbours are 2 columns apart and share 1 column, 3×1 = 3 pixels."),
        (2, 2, 1, "2×2 pixels of the image; neighbours share none."),
        (3, 4, 1, "3×3 pixels of the image; neighbours leave 1 column between them."),
        (2, 1, 2, "2×2 pixels of the image, spread over 3×3; neighbours share none."),
        (28, 1, 1, "28×28 pixels of the image."),
        (1, 1, 1, "1 pixel of the image; neighbours share none."),
    ],
)
def test_that_shared_cells_are_counted(kernel: int, stride: int, dilation: int, sentence: str) -> None:
    layers = (Conv2D(filters=2, kernel=kernel, stride=stride, dilation=dilation), Flatten(), Dense(units=10))
    found = costs(Design(name="one", input=Input(), layers=layers).named())
    assert receptive_sentence(found.layers[:1], (28, 28)) == sentence


@pytest.mark.parametrize("flat", [Flatten(), GlobalAvgPool()])
def test_that_pixels_that_no_window_covers_are_not_said_to_be_seen(flat: Flatten | GlobalAvgPool) -> None:
    design = Design(name="one", input=Input(), layers=(Conv2D(kernel=3, stride=4), flat, Dense(units=10))).named()
    assert receptive_sentence(costs(design).layers, (28, 28)) == "Every feature sees the whole image but 343 pixels."


def test_that_a_field_cut_off_by_the_edge_is_said_to_be_smaller_there() -> None:
    layers = (Conv2D(filters=1, kernel=3, padding=1), Flatten(), Dense(units=10))
    found = costs(Design(name="one", input=Input(), layers=layers).named())
    said = receptive_sentence(found.layers[:1], (28, 28))
    assert said.startswith("3×3 pixels of the image, at the edges less; neighbours are 1 column apart")


@settings(max_examples=cases(20), deadline=None)
@given(designs(most=3, maxima=False))
def test_that_what_is_seen_is_what_changes_when_a_pixel_does(design: Design) -> None:
    found = costs(design).layers
    last = next(number for number, layer in enumerate(found) if len(layer.output) == 1) - 1
    layers, image = found[: last + 1], (design.input.height, design.input.width)
    program = lower(design, 1, train=False)
    network = Network(design, precision=np.float64)
    for name in network.parameters:
        network.arrays[name][...] = 1.0  # so that nothing cancels out
    output = [step.output for step in program.steps if step.layer == layers[-1].name][-1]

    def run(images: np.ndarray) -> np.ndarray:
        env = {**network.arrays, IMAGES: images, "labels": np.zeros(1, np.int64)}
        for _ in execute(program, env, np.float64):
            pass
        return env[output][0].copy()

    seen = np.zeros((*layers[-1].output[1:], *image), np.bool_)
    for y in range(image[0]):
        for x in range(image[1]):
            images = np.ones((1, design.input.channels, *image))
            before = run(images)
            images[0, :, y, x] = 2.0
            seen[:, :, y, x] = (run(images) != before).any(axis=0)
    rows, columns = (lines_seen(layers, axis, image[axis]) for axis in (0, 1))
    assert (seen == rows[:, None, :, None] & columns[None, :, None, :]).all()

    said = receptive_sentence(layers, image)
    most = seen.sum(axis=(2, 3)).max()
    if most == 0:
        assert said.startswith("nothing of the image")
    elif most == 1:
        assert said.startswith("1 pixel of the image")
    else:
        high, wide = map(int, re.match(r"(\d+)×(\d+) pixels", said).groups())
        assert high * wide == most
    shared = (seen[:, :-1] & seen[:, 1:]).sum(axis=(2, 3))
    told = re.search(r"= (\d+) pixels?", said)
    if shared.size and layers[-1].output[2] > 1:
        assert (int(told[1]) if told else 0) == shared.max()
    else:
        assert "neighbours" not in said
    everywhere = receptive_sentence(found[: last + 2], image)
    if found[last + 1].field.whole:
        missed = int((~seen.any(axis=(0, 1))).sum())
        assert ("but" in everywhere) == bool(missed)
        assert not missed or f"but {missed:,} pixel" in everywhere


UNEVEN = {
    "up": (Upsample(), Conv2D(filters=1, kernel=2)),
    "bilinear": (Conv2D(filters=1, kernel=3, stride=2), Upsample(mode="bilinear")),
    "transposed": (MaxPool2D(), ConvTranspose2D(filters=1, kernel=3, padding=1, output_padding=1)),
    "mirrored": (ReflectPad2D(top=2), Conv2D(filters=1, kernel=2, stride=2)),
    "cut": (Conv2D(filters=1, kernel=2), Crop2D(top=0, left=3)),
    "regions": (AdaptiveAvgPool2D(output=(3, 5)),),
}


@pytest.mark.parametrize("name", UNEVEN)
def test_that_fields_of_larger_maps_are_those_that_probe_finds(name: str) -> None:
    layers = (*UNEVEN[name], Flatten(), Dense(units=2))
    design = Design(input=Input(height=9, width=10), classes=2, layers=layers).named()
    until = costs(design).layers[: len(UNEVEN[name])]
    exact = receptive_field(design, until[-1].name)
    for axis, (size, table) in enumerate(((9, exact.rows), (10, exact.columns))):
        np.testing.assert_array_equal(lines_seen(until, axis, size), table)
    assert not until[-1].field.even
    for p, q in np.ndindex(until[-1].output[1:]):
        top, left, height, width = field_of_cell(until, (9, 10), (p, q))
        rows, columns = np.nonzero(exact.covers(p, q))
        assert (top, left) == (rows.min(), columns.min())
        assert (top + height, left + width) == (rows.max() + 1, columns.max() + 1)


def test_that_neighbours_that_see_the_same_are_said_to() -> None:
    design = Design(input=Input(), layers=(Upsample(), Flatten(), Dense(units=10))).named()
    assert (
        receptive_sentence(costs(design).layers[:1], (28, 28)) == "1 pixel of the image; some neighbours see the same."
    )
    design = Design(input=Input(), layers=(Crop2D(), Flatten(), Dense(units=10))).named()
    said = receptive_sentence(costs(design).layers[:1], (28, 28))
    assert said == "1 pixel of the image; no neighbours see the same."
