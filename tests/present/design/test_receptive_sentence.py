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
from convviz.core.layers import Conv2D, Dense, Flatten, GlobalAvgPool
from convviz.core.lower import IMAGES, lower
from convviz.core.network import Network
from convviz.present.design.costs import costs
from convviz.present.design.lines import lines_seen
from convviz.present.design.receptive import receptive_sentence


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
