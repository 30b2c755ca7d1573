"""What is to be tried for a field: read from text, and put into the design."""

from __future__ import annotations

import pytest

import convviz
from convviz.core.design import Design
from convviz.core.layers import AvgPool2D, Conv2D, Dense, Flatten, MaxPool2D
from convviz.core.optim import Adam, Momentum
from convviz.sweeps.errors import SweepError
from convviz.sweeps.fields import field_paths, short_names, value_of, with_values
from convviz.sweeps.values import axis_of, read_axis


@pytest.fixture(scope="module")
def lenet() -> Design:
    return convviz.preset("lenet-5")


@pytest.fixture(scope="module")
def course() -> Design:
    return convviz.preset("course-7x7")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("training.optimiser.lr=0.001..0.1:log:3", (0.001, 0.01, 0.1)),
        ("training.optimiser.lr=0.1..0.3:3", (0.1, 0.2, 0.3)),
        ("training.optimiser.lr=0.1..0.3:linear:2", (0.1, 0.3)),
        ("layers.conv1.filters=8,16,32", (8, 16, 32)),
        ("layers.conv1.filters=3..6", (3, 4, 5, 6)),
        ("layers.conv1.filters=1..64:log:4", (1, 4, 16, 64)),
        ("layers.conv1.kernel=3,5,3x7", (3, 5, (3, 7))),
        ("layers.conv1.padding=same,valid,2", ("same", "valid", 2)),
        ("layers.conv1.bias=true,false", (True, False)),
        ("training.weight_decay=none,0.001", (None, 0.001)),
        ("training.optimiser.type=adam,sgd", ("adam", "sgd")),
        ("training.optimiser=adam,sgd", ("adam", "sgd")),
    ],
)
def test_that_lists_and_ranges_are_read(course: Design, text: str, values: tuple[object, ...]) -> None:
    assert read_axis(course, text).values == values


def test_that_numbers_of_a_range_have_four_digits_and_its_ends_are_exact(course: Design) -> None:
    found = read_axis(course, "training.optimiser.lr=0.0012345..0.1:log:3").values
    assert found == (0.0012345, 0.01111, 0.1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("training.optimiser.rate=1", "expected one of the fields of training.optimiser, type, lr, got rate"),
        ("layers.conv9.filters=1", "expected one of the layers conv1, relu1, flatten1, dense1, got conv9"),
        ("layers.conv1.filters.x=1", "expected layers.conv1.filters, which has no fields of its own"),
        ("layers=1", "expected a single field of it, such as layers.conv1"),
        ("training=1", "expected a single field of it, such as training.optimiser"),
        ("name=a,b", "expected one of the fields of the design"),
        ("layers.conv1.filters=0,8", "conv1: filters: expected a whole number from 1 to 65,536, got 0"),
        ("layers.conv1.filters=8,8", "expected different values, got 8 twice"),
        ("layers.conv1.filters=1.5..4", "expected whole numbers, got 1.5 and 4"),
        ("training.optimiser.lr=0..1:log:3", "expected a logarithmic range above 0, got one from 0"),
        ("training.optimiser.lr=2..1:3", "expected a range from a smaller to a larger number"),
        ("training.optimiser.lr=0.1..2000:3", "=2000: expected a number above 0.0 and up to 1,000.0, got 2,000.0"),
        ("training.optimiser.lr=0.1..1:1", "expected from 2 to 1,000 values, got 1"),
        ("training.optimiser.lr=0.1..", "expected values such as 8,16,32 or a range"),
        ("training.optimiser.type=adam,magic", "expected one of sgd, momentum"),
        ("training.optimiser.lr", "expected FIELD=VALUES"),
        ("training.optimiser.lr=", "expected FIELD=VALUES"),
        ("=3", "expected FIELD=VALUES"),
    ],
)
def test_that_what_does_not_fit_is_refused_with_a_sentence(course: Design, text: str, sentence: str) -> None:
    with pytest.raises(SweepError) as refused:
        read_axis(course, text)
    assert sentence in str(refused.value)


def test_that_another_optimiser_has_its_own_settings_and_those_that_are_set(course: Design) -> None:
    found = with_values(course, {"training.optimiser.lr": 0.5, "training.optimiser.type": "momentum"})
    assert found.training.optimiser == Momentum(lr=0.5)
    assert with_values(course, {"training.optimiser": "adam"}).training.optimiser == Adam()


def test_that_another_kind_of_layer_keeps_what_both_have() -> None:
    layers = (Conv2D(filters=2), MaxPool2D(kernel=3, stride=1), Flatten(), Dense(units=10))
    design = with_values(Design(layers=layers), {"layers.maxpool1.type": "avg_pool2d"})
    assert design.layers[1] == AvgPool2D(name="maxpool1", kernel=3, stride=1)


def test_that_every_field_that_is_offered_can_be_set_to_what_it_is(lenet: Design) -> None:
    for path in field_paths(lenet):
        value = value_of(lenet, path)
        if not isinstance(value, tuple) or len(value) == 2:
            assert with_values(lenet, {path: value}) == lenet.named(), path


def test_that_short_names_tell_fields_apart() -> None:
    paths = ("training.optimiser.lr", "layers.conv1.filters", "layers.conv2.filters")
    assert list(short_names(paths).values()) == ["lr", "conv1.filters", "conv2.filters"]


def test_that_an_axis_reads_itself_again(course: Design) -> None:
    for text in ("training.optimiser.lr=0.001..0.1:log:3", "layers.conv1.kernel=3,3x7", "training.optimiser.lr=1..2"):
        axis = read_axis(course, text)
        assert read_axis(course, axis.words) == axis
    assert axis_of(course, "layers.conv1.filters", [8, 16]).words == "layers.conv1.filters=8,16"
