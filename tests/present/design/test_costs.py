"""What a design means: shapes, counts, memory and receptive fields."""

from __future__ import annotations

import random

import numpy as np
import pytest
from random_designs import attempt, random_design
from refusals import refusal

from convviz.core.design import Design, Input, Training
from convviz.core.execute import execute
from convviz.core.layers import (
    AnyLayer,
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    MaxPool2D,
    ReLU,
)
from convviz.core.lower import IMAGES, lower
from convviz.core.network import Network
from convviz.present.design.costs import costs
from convviz.present.design.layer_costs import ReceptiveField
from convviz.present.design.receptive import receptive_sentence
from convviz.storage.presets import preset


def net(*layers: object, image: tuple[int, int, int] = (1, 28, 28)) -> Design:
    channels, height, width = image
    ends = (Flatten(name="f"), Dense(name="d", units=10))
    return Design(input=Input(channels=channels, height=height, width=width), layers=(*layers, *ends))  # type: ignore[arg-type]


def test_that_the_course_original_costs_what_one_reckons_by_hand() -> None:
    found = costs(preset("course-7x7"))
    conv, _, flat, dense = found.layers

    assert (conv.output, conv.parameters, conv.mult_adds) == ((32, 24, 24), 32 * 49 + 32, 32 * 49 * 24 * 24)
    assert conv.columns == (49, 64 * 24 * 24)
    assert conv.columns_bytes == 4 * 49 * 64 * 24 * 24
    assert conv.activation_bytes == 4 * 64 * 32 * 24 * 24
    assert flat.output == (18432,)
    assert (dense.parameters, dense.mult_adds) == (184_330, 184_320)
    assert found.parameters == 185_930
    assert found.mult_adds == conv.mult_adds + dense.mult_adds


@pytest.mark.parametrize("seed", range(150))
def test_that_shapes_and_counts_are_those_of_the_lowered_program(seed: int) -> None:
    design = random_design(random.Random(seed))
    found, program = costs(design), lower(design, design.training.batch_size)
    network = Network(design)

    assert found.parameters == network.size
    for layer in found.layers:
        made = [step for step in program.steps if step.layer == layer.name and step.phase.value == "forward"]
        if made:
            assert program.arrays[made[-1].output].shape[1:] == layer.output


@pytest.mark.parametrize("seed", range(300))
def test_that_a_design_is_called_impossible_when_lowering_refuses_it_and_for_the_same_reason(seed: int) -> None:
    design = attempt(random.Random(seed))
    found = costs(design)
    why = refusal(lambda: lower(design, design.training.batch_size))

    assert str(found.error) == str(why)
    assert found.valid == (why is None)
    if why is not None:
        assert found.fault is not None
        assert design.layers[found.fault].name == why.layer


def test_that_the_layers_before_the_fault_have_their_costs() -> None:
    found = costs(net(Conv2D(name="a", kernel=5), ReLU(name="b"), Conv2D(name="c", kernel=26), ReLU(name="e")))

    assert [layer.name for layer in found.layers] == ["a", "b"]
    assert found.fault == 2
    assert found.error is not None
    assert (found.error.layer, found.error.field) == ("c", "kernel")
    assert found.layer("c") is None


def test_that_the_last_layer_is_at_fault_where_the_scores_are_not_one_per_class() -> None:
    found = costs(Design(layers=(Flatten(), Dense(units=5))))

    assert (len(found.layers), found.fault, found.valid) == (2, 1, False)


def test_that_two_layers_of_one_name_and_no_layers_are_faults() -> None:
    assert costs(Design(layers=(ReLU(name="a"), ReLU(name="a")))).fault == 1
    assert costs(Design()).fault is None
    assert costs(Design()).error is not None


def test_that_sizes_beyond_every_machine_are_exact() -> None:
    huge = net(Conv2D(name="c", filters=65536, kernel=1, padding=1000), image=(64, 1024, 1024))
    found = costs(Design(input=huge.input, layers=huge.layers, training=Training(batch_size=65536)))

    assert found.layers[0].output == (65536, 3024, 3024)
    assert found.layers[0].activation_bytes == 4 * 65536 * 65536 * 3024 * 3024


# --- receptive fields: nudge one pixel, and see which cells change -----------------------------------------------


def test_that_the_field_grows_with_kernels_and_jumps_with_strides() -> None:
    conv = Conv2D(name="a", filters=1, kernel=5, stride=2, padding=2)
    pool = MaxPool2D(name="b", kernel=2)
    found = costs(net(conv, pool, Conv2D(name="c", filters=1, kernel=3, dilation=2)))

    assert found.layers[0].field == ReceptiveField((5, 5), (2, 2), (-2, -2))
    assert found.layers[1].field == ReceptiveField((7, 7), (4, 4), (-2, -2))
    assert found.layers[2].field == ReceptiveField((7 + 4 * 4, 7 + 4 * 4), (4, 4), (-2, -2))


def test_that_a_flattened_cell_sees_what_it_saw_and_a_unit_of_all_of_them_the_whole_image() -> None:
    flat = Design(layers=(Conv2D(name="a", kernel=5), Flatten(name="f"), Dropout(name="o"), Dense(name="d")))
    fields = [layer.field for layer in costs(flat).layers]
    assert [field.size for field in fields[:3]] == [(5, 5)] * 3
    assert [field.whole for field in fields] == [False, False, False, True]
    assert fields[1].maps == (24, 24)


def test_that_averaged_maps_have_seen_the_whole_image() -> None:
    averaged = Design(layers=(Conv2D(name="a"), GlobalAvgPool(name="g"), Dense(name="d")))
    assert [layer.field.whole for layer in costs(averaged).layers] == [False, True, True]


@pytest.mark.parametrize("norm", [GroupNorm(groups=2), InstanceNorm(), LayerNorm()], ids=["group", "instance", "layer"])
def test_that_what_is_normalised_within_an_image_has_seen_all_of_it(norm: AnyLayer) -> None:
    layers = (Conv2D(name="a", filters=4), norm, Conv2D(name="b"), Flatten(), LayerNorm(), Dense())
    found = costs(Design(layers=layers)).layers
    assert [layer.field.whole for layer in found] == [False, True, True, True, True, True]
    sees = receptive_sentence(found[:2], (28, 28))
    assert sees == "Every feature sees the whole image."
    assert found[1].parameters == {GroupNorm: 8, InstanceNorm: 8, LayerNorm: 2 * 4 * 26 * 26}[type(norm)]


def test_that_a_row_normalised_alone_sees_what_its_maps_saw() -> None:
    found = costs(Design(layers=(Conv2D(kernel=28, filters=5), Flatten(), LayerNorm(), Dense()))).layers
    assert not found[2].field.whole
    assert receptive_sentence(found[:3], (28, 28)).startswith("Each feature")


@pytest.mark.parametrize("seed", range(25))
def test_that_exactly_the_cells_whose_field_holds_a_pixel_can_change_with_it(seed: int) -> None:
    rng = random.Random(seed)
    layers = []
    for number in range(rng.randint(1, 3)):
        kind = rng.choice([Conv2D, AvgPool2D])
        sizes = {"kernel": (rng.randint(1, 3), rng.randint(1, 3)), "stride": rng.randint(1, 2)}
        if kind is Conv2D:
            sizes |= {"filters": 1, "padding": rng.choice([0, 1, "same"])}
        layers.append(kind(name=f"l{number}", **sizes))
    design = net(*layers, image=(1, 11, 10))
    found = costs(design)
    if not found.valid:
        pytest.skip("these do not fit each other")
    cost = found.layers[len(layers) - 1]
    program = lower(design, 1, train=False)
    network = Network(design, precision=np.float64)
    for name in network.parameters:
        network.arrays[name][...] = 1.0  # so that nothing cancels out
    last = [step.output for step in program.steps if step.layer == layers[-1].name][-1]

    def run(image: np.ndarray) -> np.ndarray:
        env = {**network.arrays, IMAGES: image, "labels": np.zeros(1, np.int64)}
        for _ in execute(program, env, np.float64):
            pass
        return env[last][0, 0]

    image = np.ones((1, 1, 11, 10))
    before = run(image)
    y, x = rng.randrange(11), rng.randrange(10)
    image[0, 0, y, x] = 2.0
    changed = {(int(r), int(c)) for r, c in np.argwhere(run(image) != before)}
    inside = set()
    for row in range(cost.output[1]):
        for column in range(cost.output[2]):
            top, left, height, width = cost.field.of_cell(row, column)
            if top <= y < top + height and left <= x < left + width:
                inside.add((row, column))
    # A stride larger than a kernel leaves gaps inside the field of a deeper layer.
    assert changed <= inside
    if all(max(layer.kernel) >= layer.stride and min(layer.kernel) >= layer.stride for layer in layers):
        assert changed == inside
