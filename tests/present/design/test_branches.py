"""Designs with branches in Build: costs, receptive fields, edits and repairs."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.design import Design, Input
from convviz.core.errors import DesignError
from convviz.core.layers import (
    Add,
    AnyLayer,
    Concat,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool,
    MaxPool2D,
    Multiply,
    ReLU,
)
from convviz.present.design.costs import costs
from convviz.present.design.edits import (
    add_layer,
    duplicate_layer,
    move_layer,
    read_from,
    remove_layer,
    rename_layer,
)
from convviz.present.design.lines import lines_seen
from convviz.present.design.preview import preview
from convviz.present.design.reach import reaches
from convviz.present.design.repairs import repairs
from convviz.storage.presets import preset


def design(*layers: AnyLayer) -> Design:
    return Design(input=Input(channels=1, height=8, width=8), classes=2, layers=layers).named()


ENDS = (Flatten(), Dense(units=2))
RESIDUAL = design(
    *(Conv2D(filters=2, padding=1), ReLU(), Conv2D(filters=2, kernel=5, padding=2), Add(input=("conv2", "relu1"))),
    *ENDS,
)


def reads(made: Design) -> dict[str, tuple[str, ...]]:
    return {layer.name: layer.reads for layer in costs(made).layers}


def test_that_costs_name_what_a_layer_reads_and_its_shape() -> None:
    found = costs(design(Conv2D(filters=3), MaxPool2D(), Conv2D(filters=1, kernel=1, input="conv1"), *ENDS))
    assert found.layers[2].reads == ("conv1",)
    assert found.layers[2].inputs == (3, 6, 6)


def test_that_a_sum_sees_what_any_of_its_branches_sees() -> None:
    found = costs(RESIDUAL)
    assert found.layers[3].field == found.layers[2].field
    assert found.layers[3].field.size == (7, 7)


@pytest.mark.parametrize("name", ["resnet-8", "inception-tiny"])
def test_that_the_seen_part_of_the_image_is_the_one_whose_pixels_have_a_gradient(name: str) -> None:
    made = preset(name)
    found = costs(made).layers
    last = next(number for number, layer in enumerate(found) if len(layer.output) == 1) - 1
    rows, columns = (lines_seen(found[: last + 1], axis, 28) for axis in (0, 1))
    at = found[last].output[1] // 2
    field = found[last].field.of_cell(at, at)
    assert field[0] <= np.flatnonzero(rows[at])[0]
    assert np.flatnonzero(rows[at])[-1] < field[0] + field[2]
    assert rows[at].sum() == min(field[0] + field[2], 28) - max(field[0], 0)
    assert columns[at].sum() == min(field[1] + field[3], 28) - max(field[1], 0)


def test_that_the_ranges_of_fields_come_from_the_layer_that_is_read() -> None:
    made = design(Conv2D(filters=3), Conv2D(kernel=1, input="x"), MaxPool2D(input="conv1"), *ENDS)
    assert [one["kernel"] for one in reaches(made, costs(made))[:3]] == [(1, 8), (1, 8), (1, 6)]


def test_that_a_preview_shows_what_the_layer_reads() -> None:
    image = np.random.default_rng(0).random((1, 8, 8), np.float32)
    seen = preview(RESIDUAL, costs(RESIDUAL), 3, image)
    first = preview(RESIDUAL, costs(RESIDUAL), 2, image)
    assert seen is not None
    assert first is not None
    np.testing.assert_array_equal(seen.before, first.after)
    np.testing.assert_allclose(seen.after, first.after + first.before, atol=1e-6)


# --- edits -------------------------------------------------------------------------------------------------------


def test_that_a_removed_layer_is_passed_by() -> None:
    assert reads(remove_layer(RESIDUAL, 1))["add1"] == ("conv2", "conv1")
    assert reads(remove_layer(RESIDUAL, 2))["add1"] == ("relu1", "relu1")
    branch = design(Conv2D(), ReLU(), Conv2D(input="conv1"), ReLU(), Add(input=("relu1", "relu2")), *ENDS)
    assert reads(remove_layer(branch, 2))["relu2"] == ("conv1",)
    assert reads(remove_layer(branch, 4))["flatten1"] == ("relu1",)


def test_that_names_follow_a_rename() -> None:
    assert reads(rename_layer(RESIDUAL, 1, "shortcut"))["add1"] == ("conv2", "shortcut")


def test_that_a_new_layer_before_a_sum_takes_part_in_it() -> None:
    assert reads(add_layer(RESIDUAL, ReLU, 3))["add1"] == ("relu2", "relu1")
    assert reads(duplicate_layer(RESIDUAL, 2))["add1"] == ("conv3", "relu1")


def test_that_a_new_sum_joins_the_layer_above_and_the_nearest_of_its_shape() -> None:
    made = design(Conv2D(filters=2), Conv2D(filters=2), ReLU(), *ENDS)
    assert reads(add_layer(made, Add, 3))["add1"] == ("relu1", "conv2")
    assert add_layer(made, Concat, 1).layers[1].input == ("conv1", "x")  # none fits


def test_that_inputs_are_chosen_from_the_layers_above() -> None:
    assert reads(read_from(RESIDUAL, 3, ("conv2", "conv1")))["add1"] == ("conv2", "conv1")
    assert read_from(RESIDUAL, 2, ("relu1",)).layers[2].input == ""  # the layer before needs no name
    with pytest.raises(DesignError, match=r"input: expected a layer above it .*, got “flatten1”"):
        read_from(RESIDUAL, 3, ("conv2", "flatten1"))
    with pytest.raises(DesignError, match="input: expected 2 inputs or more, got 1"):
        read_from(RESIDUAL, 3, ("conv2",))


# --- repairs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "labels"),
    [
        ((Conv2D(), ReLU(input="conv9"), *ENDS), ["Read conv1 instead of conv9", "Read the images instead of conv9"]),
        ((ReLU(), Add(input=("relu1", "relu2")), ReLU(input="x"), *ENDS), ["Move it below relu2"]),
        ((Conv2D(filters=4, stride=2, padding=1), Add(input=("", "x")), *ENDS), ["Put a 1×1 Conv2D on the images"]),
        ((ReLU(), Multiply(input="relu1"), *ENDS), ["Join relu1 and the images"]),
        ((Conv2D(padding=1), ReLU(input="x"), *ENDS), ["Let relu1 read it", "Remove conv1"]),
        ((GlobalAvgPool(), Conv2D(), Conv2D(input="x"), *ENDS), ["Remove conv1"]),
    ],
)
def test_that_faults_of_branches_have_repairs(layers: tuple[AnyLayer, ...], labels: list[str]) -> None:
    made = design(*layers)
    offered = [repair.label for repair in repairs(made)]
    for repair in repairs(made):
        assert costs(repair.design).valid or len(costs(repair.design).layers) > len(costs(made).layers)
    assert set(labels) <= set(offered), offered


def test_that_a_moved_layer_is_repaired_by_moving_it_back_or_reading_another() -> None:
    moved = move_layer(RESIDUAL, 3, 1)
    assert costs(moved).error is not None
    assert any(costs(repair.design).valid for repair in repairs(moved))
