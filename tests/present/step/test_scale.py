"""Where the colour scales of Step end: over a picture, over a layer for one image, or over the network."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.micro import micro_count
from convviz.core.network import Network
from convviz.core.program import Step
from convviz.present.colour import Scope
from convviz.present.step.arrange import arrange
from convviz.present.step.pane import Pane
from convviz.present.step.pictures import picture_of
from convviz.present.step.scale import StepScales
from convviz.present.step.values import Selection, StepProgress
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass

DESIGN = Design(
    input=Input(channels=2, height=6, width=5),
    classes=3,
    layers=(Conv2D(filters=3, kernel=3, padding=1), ReLU(), Conv2D(filters=2, kernel=2), Flatten(), Dense(units=3)),
).named()
FAINT = 1e-4
"""How much smaller the numbers of the first image are."""


@pytest.fixture(scope="module")
def minibatch() -> Pass:
    """A pass of three images, whose first one is faint, with other classes than the network's biases favour."""
    rng = np.random.default_rng(3)
    images = rng.random((3, 2, 6, 5), dtype=np.float32)
    images[0] *= FAINT
    run = make_pass(DESIGN, Network(DESIGN).arrays, images, np.array([0, 1, 2]))
    run.run_to_end()
    return run


def panes_of(run: Pass, step: Step, sample: int) -> tuple[Pane, ...]:
    focus = tuple(0 for _ in step.shape)
    if step.shape and run.program.arrays[step.output].column_blocks:
        focus = (0, sample * run.program.arrays[step.output].places)
    return arrange(run.program, step, Selection(sample=sample), focus).panes


def end_of(run: Pass, scales: StepScales, name: str, sample: int) -> float:
    """The upper end of the scale of an array, at the step that makes it."""
    step = run.maker(name)
    assert step is not None
    count = micro_count(run.program, step)
    pane = next(one for one in panes_of(run, step, sample) if one.array == name and one.content == "array")
    picture = picture_of(run, pane, step, StepProgress(count, count))
    return scales.levels(run, pane, picture, sample).high


def of_image(run: Pass, name: str, sample: int) -> float:
    """The largest absolute value of an image's numbers, found in the logical array."""
    spec, array = run.program.arrays[name], np.abs(run.array(name))
    if spec.column_blocks:
        return float(array[:, sample * spec.places : (sample + 1) * spec.places].max())
    return float(array[sample].max())


@pytest.mark.parametrize("name", ["conv1.x_pad", "conv1.x_col", "conv1.d_x_col", "conv1.d_x_pad", "conv2.d_x_col"])
def test_that_a_layers_scale_is_that_of_the_selected_image(minibatch: Pass, name: str) -> None:
    ends = [end_of(minibatch, StepScales(), name, sample) for sample in range(3)]
    assert ends == [of_image(minibatch, name, sample) for sample in range(3)]
    assert len(set(ends)) == 3


def test_that_a_layers_scale_covers_all_filters_and_weights_have_that_of_the_whole_array(minibatch: Pass) -> None:
    scales = StepScales()
    assert end_of(minibatch, scales, "conv1.z", 1) == of_image(minibatch, "conv1.z", 1)
    assert end_of(minibatch, scales, "conv1.d_weight", 0) == minibatch.largest("conv1.d_weight")
    assert end_of(minibatch, scales, "conv1.d_weight", 2) == minibatch.largest("conv1.d_weight")


def test_that_the_networks_scale_covers_all_images_and_a_locked_one_only_grows(minibatch: Pass) -> None:
    scales = StepScales()
    scales.choose(Scope.NETWORK)
    assert len({end_of(minibatch, scales, "conv1.d_x_pad", sample) for sample in range(3)}) == 1
    scales.choose(Scope.LAYER)
    scales.lock(True)
    largest = max(range(3), key=lambda sample: of_image(minibatch, "conv1.x_col", sample))
    ends = [end_of(minibatch, scales, "conv1.x_col", sample) for sample in (0, largest, 0)]
    assert ends[0] < ends[1] == ends[2]
